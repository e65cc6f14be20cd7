#!/usr/bin/env python3
"""Times llama.cpp, through llama-cpp-python's low-level interface, on request.

  llama_peer.py MODEL.gguf THREADS

Reads one request a line, `prefill N` or `decode N DEPTH`, and answers with tokens per second. A request starts with an
empty cache; decode measures N single tokens after a prompt of DEPTH. One warm-up has run before the first answer.
"""
import os
import sys
import time

import llama_cpp as L


class Peer:
    def __init__(self, path, threads):
        L.llama_backend_init()
        self.model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
        params = L.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = 1024, 512, 512
        params.n_threads = params.n_threads_batch = threads
        self.context = L.llama_init_from_model(self.model, params)
        self.vocab = L.llama_vocab_n_tokens(L.llama_model_get_vocab(self.model))

    def step(self, ids):
        tokens = (L.llama_token * len(ids))(*ids)
        if L.llama_decode(self.context, L.llama_batch_get_one(tokens, len(ids))) != 0:
            raise SystemExit("llama_decode failed")
        L.llama_synchronize(self.context)

    def clear(self):
        L.llama_memory_clear(L.llama_get_memory(self.context), True)

    def prefill(self, count):
        self.clear()
        ids = [(i * 7919 + 13) % self.vocab for i in range(count)]
        start = time.perf_counter()
        self.step(ids)
        return count / (time.perf_counter() - start)

    def decode(self, count, depth):
        self.clear()
        self.step([(i * 7919 + 13) % self.vocab for i in range(depth)])
        start = time.perf_counter()
        for i in range(count):
            self.step([(i * 104729 + 7) % self.vocab])
        return count / (time.perf_counter() - start)


def main():
    answers = os.fdopen(os.dup(1), "w")
    silent = os.open(os.devnull, os.O_WRONLY)  # llama.cpp's own messages
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    peer = Peer(sys.argv[1], int(sys.argv[2]))
    peer.prefill(64)
    peer.decode(8, 16)
    for line in sys.stdin:
        task, *counts = line.split()
        rate = {"prefill": peer.prefill, "decode": peer.decode}[task](*map(int, counts))
        print(rate, file=answers, flush=True)


if __name__ == "__main__":
    main()
