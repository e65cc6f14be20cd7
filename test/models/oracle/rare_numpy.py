#!/usr/bin/env python3
"""Makes test/models/rare: a model of words of the spec language that no checkpoint of a family here tests, in numpy and f64.

  rare_numpy.py OUT     OUT: test/models/rare, whose spec.yaml says the same

Keys and values of another layer, a learned gain of a branch and of a whole step, gates with a slope and limits, biases of
a shared expert, results of length 1, with and without logits.
"""
import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import decoder_pack
import tensors

HIDDEN, VOCAB, LAYERS, HEADS, KV, DIM, EXPERTS = 32, 50, 4, 4, 2, 8, 4
chance = np.random.default_rng(11)
weights = {}
weight = decoder_pack.drawing(weights, chance)

weight("embed", VOCAB, HIDDEN, spread=1)
weight("head", VOCAB, HIDDEN)
weight("norm", HIDDEN, mean=1)
for i in range(LAYERS):
    weight(f"{i}.attention.norm", HIDDEN, mean=1)
    weight(f"{i}.attention.gain", HIDDEN, mean=1)
    weight(f"{i}.q", HEADS * DIM, HIDDEN)
    weight(f"{i}.q.bias", HEADS * DIM)
    weight(f"{i}.o", HIDDEN, HEADS * DIM)
    if i < 2:
        weight(f"{i}.k", KV * DIM, HIDDEN)
        weight(f"{i}.v", KV * DIM, HIDDEN)
    if i % 2 == 0:
        weight(f"{i}.ffn.norm", HIDDEN, mean=1)
        weight(f"{i}.ffn.gain", HIDDEN, mean=1)
        for name in ("gate", "up"):
            weight(f"{i}.{name}", 40, HIDDEN)
            weight(f"{i}.{name}.bias", 40)
        weight(f"{i}.down", HIDDEN, 40)
    else:
        weight(f"{i}.moe.norm", HIDDEN, mean=1)
        weight(f"{i}.router", EXPERTS, HIDDEN)
        weight(f"{i}.router.bias", EXPERTS)
        weight(f"{i}.shared.router", 1, HIDDEN)
        for name, rows, columns in [("gate", 24, HIDDEN), ("up", 24, HIDDEN), ("down", HIDDEN, 24)]:
            weight(f"{i}.experts.{name}", EXPERTS, rows, columns)
        for name, rows, columns in [("gate", 20, HIDDEN), ("up", 20, HIDDEN), ("down", HIDDEN, 20)]:
            weight(f"{i}.shared.{name}", rows, columns)
            weight(f"{i}.shared.{name}.bias", rows)
w = {name: value.astype(np.float64) for name, value in weights.items()}
erf = np.vectorize(math.erf)


def rms(x, gain):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gelu(x):
    return x * (1 + erf(x / math.sqrt(2))) / 2


def linear(x, name):
    return x @ w[name].T + w.get(name + ".bias", 0.0)


def rotate(x):
    """x (tokens, heads, dim), halves."""
    angles = np.outer(np.arange(len(x)), 100.0 ** (-np.arange(0, DIM, 2) / DIM))[:, None]
    cos, sin = np.cos(angles), np.sin(angles)
    a, b = x[..., :DIM // 2], x[..., DIM // 2:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def attention(x, i, caches):
    q = rotate(linear(x, f"{i}.q").reshape(-1, HEADS, DIM))
    if i < 2:
        caches[i] = (rotate(linear(x, f"{i}.k").reshape(-1, KV, DIM)), linear(x, f"{i}.v").reshape(-1, KV, DIM))
    # Of layer i - 2, which may itself read another's: 2 and 3 have none.
    keys, values = caches[i - 2 if i >= 2 else i]
    out = np.zeros_like(q)
    for head in range(HEADS):
        k, v = keys[:, head // (HEADS // KV)], values[:, head // (HEADS // KV)]
        for t in range(len(x)):
            scores = k[:t + 1] @ q[t, head] / math.sqrt(DIM)
            scores = np.exp(scores - scores.max())
            out[t, head] = scores @ v[:t + 1] / scores.sum()
    return linear(out.reshape(len(x), -1), f"{i}.o")


def ffn(x, i):
    gate = np.minimum(linear(x, f"{i}.gate"), 0.7)
    up = np.clip(linear(x, f"{i}.up"), -0.7, 0.7)
    slope = 1.5 * gate
    return linear(slope * sigmoid(slope) / 1.5 * (up + 0.5), f"{i}.down")


def experts(x, i):
    out = np.zeros_like(x)
    for t, row in enumerate(x):
        logits = linear(row, f"{i}.router")
        scores = np.exp(logits - logits.max())
        scores /= scores.sum()
        chosen = np.argsort(-scores)[:2]
        for e in chosen:
            part = w[f"{i}.experts.down"][e] @ (gelu(w[f"{i}.experts.gate"][e] @ row) * (w[f"{i}.experts.up"][e] @ row))
            out[t] += 1.5 * scores[e] / scores[chosen].sum() * part
        shared = linear(gelu(linear(row, f"{i}.shared.gate")) * linear(row, f"{i}.shared.up"), f"{i}.shared.down")
        out[t] += sigmoid(linear(row, f"{i}.shared.router")) * shared
    return out


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def forward(ids):
    x, caches = w["embed"][ids], {}
    for i in range(LAYERS):
        x = x + 0.75 * attention(rms(x, w[f"{i}.attention.norm"]), i, caches) * w[f"{i}.attention.gain"]
        if i % 2 == 0:
            x = (x + ffn(rms(x, w[f"{i}.ffn.norm"]), i)) * w[f"{i}.ffn.gain"]
        else:
            x = x + experts(rms(x, w[f"{i}.moe.norm"]), i)
    return rms(x, w["norm"])


out = pathlib.Path(sys.argv[1])
ids = chance.integers(0, VOCAB, (2, 19))
inputs = decoder_pack.write(out, "oracle/rare_numpy.py", {"model_type": "rare", "layers": LAYERS, "features_only": False},
                            3e-6, weights, lambda row: unit(forward(row) @ w["head"].T), ids, 8)
features = np.stack([forward(row) for row in ids])
tensors.write(out / "features.safetensors", inputs | {"last_hidden_state": decoder_pack.floats(unit(features))})
