#!/usr/bin/env python3
"""Makes test/models/remembered: values that layers remember for steps after them, in numpy and f64: the embedding
added again, values of heads mixed with the first layer's and with rows of tokens, a branch that reads one place and joins
another, a skip over two layers, gates of residuals.

  remembered_numpy.py OUT     OUT: test/models/remembered, whose spec.yaml says the same
"""
import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import decoder_pack

HIDDEN, VOCAB, LAYERS, HEADS, GROUPS, DIM, WIDTH = 20, 50, 4, 4, 2, 6, 28
chance = np.random.default_rng(21)
weights = {}
weight = decoder_pack.drawing(weights, chance)

weight("embed", VOCAB, HIDDEN, spread=1)
weight("head", VOCAB, HIDDEN)
weight("norm", HIDDEN, mean=1)
for i in range(LAYERS):
    weight(f"{i}.x", mean=1)
    weight(f"{i}.x0", mean=0.3)
    if i != 1:
        weight(f"{i}.value_rows", VOCAB, GROUPS * DIM, spread=1)
        weight(f"{i}.value_gate", GROUPS, HIDDEN)
    for name, rows, columns in [("q", HEADS * DIM, HIDDEN), ("k", GROUPS * DIM, HIDDEN), ("v", GROUPS * DIM, HIDDEN),
                                ("o", HIDDEN, HEADS * DIM)]:
        weight(f"{i}.{name}", rows, columns)
    if i == 1:
        weight(f"{i}.mix", mean=0.5)
    for part in ("mlp", "far"):
        weight(f"{i}.{part}.up", WIDTH, HIDDEN)
        weight(f"{i}.{part}.down", HIDDEN, WIDTH)
    weight(f"{i}.norm1", HIDDEN, mean=1)
    weight(f"{i}.norm2", HIDDEN, mean=1)
    weight(f"{i}.norm3", HIDDEN, mean=1)
    weight(f"{i}.transform", HIDDEN, HIDDEN)
    weight(f"{i}.transform_bias", HIDDEN, mean=-1)
weight("3.skip", HIDDEN, mean=0.5)
weight("3.again", HIDDEN, mean=1)
w = {name: value.astype(np.float64) for name, value in weights.items()}


def rms(x, gain):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def attention(x, i, rows, first):
    """Of normed features; the values that layer 0's linear made are `first`."""
    q, k, v = (x @ w[f"{i}.{name}"].T for name in "qkv")
    own = v
    if i == 1:
        v = v + w[f"{i}.mix"] * (first - v)
    if i != 1:
        v = v + 2 * np.repeat(sigmoid(x @ w[f"{i}.value_gate"].T), DIM, -1) * rows
    q, k, v = q.reshape(-1, HEADS, DIM), k.reshape(-1, GROUPS, DIM), v.reshape(-1, GROUPS, DIM)
    out = np.zeros_like(q)
    for head in range(HEADS):
        group = head // (HEADS // GROUPS)
        for t in range(len(x)):
            scores = k[:t + 1, group] @ q[t, head] / math.sqrt(DIM)
            scores = np.exp(scores - scores.max())
            out[t, head] = scores @ v[:t + 1, group] / scores.sum()
    return out.reshape(len(x), -1) @ w[f"{i}.o"].T, own


def ffn(x, part):
    return np.maximum(x @ w[f"{part}.up"].T, 0) @ w[f"{part}.down"].T


def forward(ids):
    x0 = x = w["embed"][ids]
    first = skipped = None
    for i in range(LAYERS):
        x = w[f"{i}.x"] * x + w[f"{i}.x0"] * x0
        rows = w[f"{i}.value_rows"][ids] if i != 1 else None
        branch, own = attention(rms(x, w[f"{i}.norm1"]), i, rows, first)
        first = own if i == 0 else first
        x = middle = x + branch
        # A highway: the gate weighs branch against input.
        gate = sigmoid(x @ w[f"{i}.transform"].T + w[f"{i}.transform_bias"])
        x = x + gate * (ffn(x, f"{i}.mlp") - x)
        if i == 1:
            skipped = x
        if i == 3:
            x = rms(x + w["3.skip"] * skipped, w["3.again"])
        # Reads what the attention left, is added last.
        x = x + 0.5 * rms(ffn(rms(middle, w[f"{i}.norm2"]), f"{i}.far"), w[f"{i}.norm3"])
    return rms(x, w["norm"]) @ w["head"].T


out = pathlib.Path(sys.argv[1])
ids = chance.integers(0, VOCAB, (2, 17))
decoder_pack.write(out, "oracle/remembered_numpy.py", {"model_type": "remembered", "layers": LAYERS}, 1e-5, weights, forward,
                   ids, 8)
