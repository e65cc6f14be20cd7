#!/usr/bin/env python3
"""Makes test/models/steps: steps with norms at two places, learned factors of what is carried, functions of stored
numbers and slopes of linear biases, in numpy and f64.

  steps_numpy.py OUT     OUT: test/models/steps, whose spec.yaml says the same
"""
import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import decoder_pack

HIDDEN, VOCAB, LAYERS, HEADS, DIM, WIDTH = 32, 50, 2, 4, 8, 40
LISTED = [0.7, 0.3, 0.1, 0.02]
chance = np.random.default_rng(12)
weights = {}
weight = decoder_pack.drawing(weights, chance)

weight("embed", VOCAB, HIDDEN, spread=1)
weight("head", VOCAB, HIDDEN)
weight("norm", HIDDEN, mean=0.5)
for i in range(LAYERS):
    for part in ("first", "last"):
        weight(f"{i}.{part}.norm", HIDDEN, mean=1)
        weight(f"{i}.{part}.up", WIDTH, HIDDEN)
        weight(f"{i}.{part}.down", HIDDEN, WIDTH)
    weight(f"{i}.first.after", HIDDEN, mean=1)
    weight(f"{i}.first.gate", mean=0.8)
    for name in "qkvo":
        weight(f"{i}.{name}", HEADS * DIM, HIDDEN)
    weight(f"{i}.branch", HIDDEN, mean=1)
    weight(f"{i}.after", HIDDEN, mean=1)
    weight(f"{i}.alpha", HIDDEN)
    weight(f"{i}.last.log", HIDDEN)
    weight(f"{i}.last.divisor", HIDDEN, mean=1.5, spread=0.1)
weight("1.slopes", HEADS, mean=0.4, spread=0.2)
w = {name: value.astype(np.float64) for name, value in weights.items()}


def rms(x, gain):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain


def attention(x, i):
    q, k, v = ((x @ w[f"{i}.{name}"].T).reshape(-1, HEADS, DIM) for name in "qkv")
    slopes = w["1.slopes"] if i else 0.5 * np.array(LISTED)
    out = np.zeros_like(q)
    for head in range(HEADS):
        for t in range(len(x)):
            scores = k[:t + 1, head] @ q[t, head] / math.sqrt(DIM) - slopes[head] * np.arange(t, -1, -1)
            scores = np.exp(scores - scores.max())
            out[t, head] = scores @ v[:t + 1, head] / scores.sum()
    return out.reshape(len(x), -1) @ w[f"{i}.o"].T


def ffn(x, part):
    return np.maximum(x @ w[f"{part}.up"].T, 0) @ w[f"{part}.down"].T


def forward(ids):
    x = w["embed"][ids]
    for i in range(LAYERS):
        branch = 0.5 * np.tanh(w[f"{i}.first.gate"]) * ffn(rms(x, w[f"{i}.first.norm"]), f"{i}.first")
        x = rms(x + branch, w[f"{i}.first.after"])
        alpha = 1 / (1 + np.exp(-w[f"{i}.alpha"]))
        x = rms((1 - alpha) * x + alpha * rms(attention(x, i), w[f"{i}.branch"]), w[f"{i}.after"])
        x = (x + np.exp(w[f"{i}.last.log"]) * ffn(rms(x, w[f"{i}.last.norm"]), f"{i}.last")) / w[f"{i}.last.divisor"]
    return rms(x, np.log1p(np.exp(w["norm"]))) @ w["head"].T


out = pathlib.Path(sys.argv[1])
ids = chance.integers(0, VOCAB, (2, 19))
decoder_pack.write(out, "oracle/steps_numpy.py", {"model_type": "steps", "layers": LAYERS}, 1e-5, weights, forward, ids, 8)
