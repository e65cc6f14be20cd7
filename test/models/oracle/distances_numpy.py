#!/usr/bin/env python3
"""Makes test/models/distances: keys and values of distances (Shaw et al. 2018), which all heads share or each has its own,
rotations of learned frequencies that decay (xPos, Sun et al. 2022), biases with a row for each distance,
and weights that are products, sums and columns of several tensors, in numpy and f64.

  distances_numpy.py OUT     OUT: test/models/distances, whose spec.yaml says the same
"""
import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import decoder_pack

HIDDEN, VOCAB, LAYERS, HEADS, KV, DIM, VALUE, SPAN = 32, 50, 2, 4, 2, 8, 6, 5
GROUPS = [1, HEADS]
chance = np.random.default_rng(13)
weights = {}
weight = decoder_pack.drawing(weights, chance)

weight("embed", VOCAB, HIDDEN)
weights["embed"] *= 6
weight("head", VOCAB, HIDDEN)
weight("norm", HIDDEN, mean=1)
for i in range(LAYERS):
    weight(f"{i}.norm", HIDDEN, mean=1)
    weight(f"{i}.q", HEADS * DIM, HIDDEN)
    weight(f"{i}.k", KV * DIM, HIDDEN)
    weight(f"{i}.v", KV * VALUE, HIDDEN)
    weight(f"{i}.o", HIDDEN, HEADS * VALUE)
    if i == 0:
        weight("0.keys", 2 * SPAN + 1, DIM)
        weights["0.keys"] *= 2
    weight(f"{i}.values", 2 * SPAN + 1, GROUPS[i] * VALUE)
    weights[f"{i}.values"] *= 2
weight("1.frequencies", DIM // 2, mean=0.8)
weight("1.biases", 6, HEADS)
weights["1.biases"] *= 4
w = {name: value.astype(np.float64) for name, value in weights.items()}
# Stored in parts.
for i in range(LAYERS):
    weight(f"{i}.q.up", HEADS * DIM, 7)
    weight(f"{i}.q.down", 7, HIDDEN)
    weight(f"{i}.o.more", HIDDEN, HEADS * VALUE)
    w[f"{i}.q"] = weights[f"{i}.q.up"].astype(np.float64) @ weights[f"{i}.q.down"].astype(np.float64)
    w[f"{i}.o"] += weights[f"{i}.o.more"].astype(np.float64)
    del weights[f"{i}.q"]
weights["head.left"], weights["head.right"] = np.split(weights.pop("head"), [11], 1)


def rms(x, gain):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain


def rotate(x, i, sign):
    """Neighbours, of frequencies that the layer has."""
    at, pairs = np.arange(len(x))[:, None], np.arange(DIM // 2)
    length = ((pairs / (DIM // 2) + 0.4) / 1.4) ** (sign * at / 20)
    turned = (x[..., ::2] + 1j * x[..., 1::2]) * (length * np.exp(1j * at * w[f"{i}.frequencies"]))[:, None]
    return np.stack([turned.real, turned.imag], -1).reshape(x.shape)


def attention(x, i):
    q = (x @ w[f"{i}.q"].T).reshape(-1, HEADS, DIM)
    k = (x @ w[f"{i}.k"].T).reshape(-1, KV, DIM)
    if i == 1:
        q, k = rotate(q, i, 1), rotate(k, i, -1)
    v = (x @ w[f"{i}.v"].T).reshape(-1, KV, VALUE)
    out = np.zeros((len(x), HEADS, VALUE))
    for head in range(HEADS):
        kv, group = head // (HEADS // KV), head // (HEADS // GROUPS[i])
        for t in range(len(x)):
            # Row 0 is that of keys furthest before the query.
            rows = np.clip(np.arange(t + 1) - t, -SPAN, SPAN) + SPAN
            keys = w["0.keys"][rows] if i == 0 else 0
            values = w[f"{i}.values"][rows, group * VALUE:(group + 1) * VALUE]
            scores = (k[:t + 1, kv] + keys) @ q[t, head] / math.sqrt(DIM)
            if i == 1:
                scores = scores + w["1.biases"][np.maximum(np.arange(t + 1) - t + 5, 0), head]
            scores = np.exp(scores - scores.max())
            out[t, head] = scores @ (v[:t + 1, kv] + values) / scores.sum()
    return out.reshape(len(x), -1) @ w[f"{i}.o"].T


def forward(ids):
    x = w["embed"][ids]
    for i in range(LAYERS):
        x = x + attention(rms(x, w[f"{i}.norm"]), i)
    return rms(x, w["norm"]) @ w["head"].T


out = pathlib.Path(sys.argv[1])
ids = chance.integers(0, VOCAB, (2, 19))
decoder_pack.write(out, "oracle/distances_numpy.py", {"model_type": "distances", "layers": LAYERS}, 1e-5, weights, forward, ids, 8)
