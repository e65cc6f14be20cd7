#!/usr/bin/env python3
"""An oracle for decoders in GGUF files: dequantizes all weights to f32 and computes in f32 with numpy.

  gguf_decoder.py MODEL.gguf greedy N < PROMPTS      lines of token ids -> JSON lines: ids, margins
  gguf_decoder.py MODEL.gguf perplexity IDS.json     mean negative log likelihood as llama.cpp's tool windows it

`margins` are the differences of the best and the second logit at each step. Needs numpy and gguf.
Covers RMSNorm, rotary pairs of neighbours (GGUF's row order), grouped queries and gated SiLU.
"""
import json
import sys

import gguf
import numpy as np


class Decoder:
    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        field = lambda key: reader.fields[key].contents()
        arch = field("general.architecture")
        self.layers = field(f"{arch}.block_count")
        self.heads = field(f"{arch}.attention.head_count")
        self.kv_heads = field(f"{arch}.attention.head_count_kv")
        self.eps = field(f"{arch}.attention.layer_norm_rms_epsilon")
        theta = field(f"{arch}.rope.freq_base")
        self.w = {t.name: gguf.dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors}
        self.dim = self.w["blk.0.attn_q.weight"].shape[0] // self.heads
        self.freqs = (theta ** (-np.arange(0, self.dim, 2, dtype=np.float64) / self.dim)).astype(np.float32)
        self.reset()

    def reset(self):
        self.keys = [np.zeros((0, self.kv_heads, self.dim), np.float32) for _ in range(self.layers)]
        self.values = [k.copy() for k in self.keys]

    def norm(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.eps) * self.w[name]

    def rope(self, x, start):
        angles = (np.arange(start, start + len(x), dtype=np.float32)[:, None] * self.freqs)[:, None]
        cos, sin = np.cos(angles), np.sin(angles)
        a, b = x[..., 0::2], x[..., 1::2]
        return np.stack([a * cos - b * sin, b * cos + a * sin], -1).reshape(x.shape)

    def attention(self, x, i):
        past, new = len(self.keys[i]), len(x)
        p = f"blk.{i}.attn_"
        q, k, v = (x @ self.w[p + n + ".weight"].T for n in "qkv")
        q = self.rope(q.reshape(new, self.heads, self.dim), past)
        k = self.rope(k.reshape(new, self.kv_heads, self.dim), past)
        self.keys[i] = np.concatenate([self.keys[i], k])
        self.values[i] = np.concatenate([self.values[i], v.reshape(new, self.kv_heads, self.dim)])
        group = self.heads // self.kv_heads
        k, v = (np.repeat(c[i], group, 1) for c in (self.keys, self.values))
        s = np.einsum("qhd,khd->hqk", q, k) / np.float32(np.sqrt(self.dim))
        hidden = np.arange(past + new)[None] > np.arange(past, past + new)[:, None]
        s = np.where(hidden[None], -np.inf, s)
        e = np.exp(s - s.max(-1, keepdims=True))
        y = np.einsum("hqk,khd->qhd", e / e.sum(-1, keepdims=True), v)
        return y.reshape(new, -1) @ self.w[p + "output.weight"].T

    def ffn(self, x, i):
        gate, up = (x @ self.w[f"blk.{i}.ffn_{n}.weight"].T for n in ("gate", "up"))
        return (gate / (1 + np.exp(-gate)) * up) @ self.w[f"blk.{i}.ffn_down.weight"].T

    def forward(self, ids):
        x = self.w["token_embd.weight"][ids]
        for i in range(self.layers):
            x = x + self.attention(self.norm(x, f"blk.{i}.attn_norm.weight"), i)
            x = x + self.ffn(self.norm(x, f"blk.{i}.ffn_norm.weight"), i)
        head = self.w.get("output.weight", self.w["token_embd.weight"])
        return self.norm(x, "output_norm.weight") @ head.T

    def greedy(self, ids, count):
        self.reset()
        out, margins = [], []
        logits = self.forward(ids)[-1]
        for _ in range(count):
            second, best = np.partition(logits, -2)[-2:]
            margins.append(float(best - second))
            out.append(int(logits.argmax()))
            logits = self.forward([out[-1]])[-1]
        return out, margins


def log_likelihoods(logits, ids):
    top = logits.max(-1, keepdims=True)
    normal = np.log(np.exp((logits - top).astype(np.float64)).sum(-1)) + top[:, 0]
    return logits[np.arange(len(ids)), ids] - normal


def perplexity(model, ids, window=512):
    """The second half of each full window is scored."""
    scores = []
    for start in range(0, len(ids) - window + 1, window):
        model.reset()
        part = ids[start:start + window]
        logits = model.forward(part)
        first = window // 2
        scores.append(log_likelihoods(logits[first:-1], part[first + 1:]))
    return float(np.exp(-np.concatenate(scores).mean()))


def main():
    model, task, argument = Decoder(sys.argv[1]), sys.argv[2], sys.argv[3]
    if task == "perplexity":
        ids = json.load(open(argument))
        print(json.dumps({"perplexity": perplexity(model, ids), "tokens": len(ids)}))
        return
    for line in sys.stdin:
        ids, margins = model.greedy([int(i) for i in line.split()], int(argument))
        print(json.dumps({"prompt": [int(i) for i in line.split()], "ids": ids, "margins": [round(m, 4) for m in margins]}), flush=True)


if __name__ == "__main__":
    main()
