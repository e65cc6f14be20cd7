#!/usr/bin/env python3
"""llama.cpp's perplexity on a text, through llama-cpp-python, windowed as its own tool and `PROGRAM --perplexity` do.

  perplexity.py MODEL.gguf TEXT [THREADS]

Windows of 512 tokens that share nothing; predictions of the second half are scored. Prints one number.
"""
import os
import sys

import llama_cpp as L
import numpy as np

WINDOW = 512


def tokenize(vocab, text):
    ids = (L.llama_token * (len(text) + 8))()
    count = L.llama_tokenize(vocab, text, len(text), ids, len(ids), True, False)
    assert count >= 0
    return list(ids[:count])


def scores(context, vocab_size, ids):
    """-log of the probability of each token of the second half but the first."""
    batch = L.llama_batch_init(WINDOW, 0, 1)
    batch.n_tokens = WINDOW
    for i, token in enumerate(ids):
        batch.token[i], batch.pos[i], batch.n_seq_id[i] = token, i, 1
        batch.seq_id[i][0] = 0
        batch.logits[i] = i >= WINDOW // 2
    L.llama_memory_clear(L.llama_get_memory(context), True)
    assert L.llama_decode(context, batch) == 0
    for i in range(WINDOW // 2, WINDOW - 1):
        row = np.ctypeslib.as_array(L.llama_get_logits_ith(context, i), (vocab_size,)).astype(np.float64)
        top = row.max()
        yield np.log(np.exp(row - top).sum()) - (row[ids[i + 1]] - top)
    L.llama_batch_free(batch)


def main():
    path, text = sys.argv[1], open(sys.argv[2], "rb").read()
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else os.cpu_count()
    silent = os.open(os.devnull, os.O_WRONLY)  # llama.cpp's own messages
    os.dup2(silent, 2)
    L.llama_backend_init()
    model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
    params = L.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = WINDOW
    params.n_threads = params.n_threads_batch = threads
    params.flash_attn_type = 0
    params.type_k = params.type_v = 0  # caches in f32, as Sinter's
    context = L.llama_init_from_model(model, params)
    vocab = L.llama_model_get_vocab(model)
    ids = tokenize(vocab, text)
    begins = L.llama_vocab_get_add_bos(vocab)
    total = []
    for start in range(0, len(ids) - WINDOW + 1, WINDOW):
        window = ids[start:start + WINDOW]
        if begins:
            window[0] = L.llama_vocab_bos(vocab)
        total += scores(context, L.llama_vocab_n_tokens(vocab), window)
    print(f"{np.exp(np.mean(total)):.4f}")


if __name__ == "__main__":
    main()
