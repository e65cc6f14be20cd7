#!/usr/bin/env python3
"""Makes test/models/streams: streams of x with learned mixtures, norms by tanh and by length, experts whose router reads
elsewhere, has scores and factors of its own, and beside which a shared expert differs, in numpy and f64.

  streams_numpy.py OUT     OUT: test/models/streams, whose spec.yaml says the same
"""
import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import decoder_pack

HIDDEN, VOCAB, LAYERS, HEADS, DIM, WIDTH, COUNT, EXPERTS, CHOSEN = 18, 50, 3, 3, 6, 20, 3, 5, 2
chance = np.random.default_rng(33)
weights = {}
weight = decoder_pack.drawing(weights, chance)

def tanh_norm(name, features=HIDDEN):
    weight(f"{name}.alpha", mean=0.6)
    weight(f"{name}.weight", features, mean=1)
    weight(f"{name}.bias", features)


weight("embed", VOCAB, HIDDEN, spread=1)
weight("head", VOCAB, HIDDEN)
weight("last", mean=math.sqrt(HIDDEN))
for i in range(LAYERS):
    for part in ("attention", "moe"):
        tanh_norm(f"{i}.{part}.norm")
        weight(f"{i}.{part}.read", COUNT, mean=0.4)
        weight(f"{i}.{part}.write", COUNT, COUNT * HIDDEN)
        weight(f"{i}.{part}.keep", COUNT, COUNT, spread=0.3)
    for name in "qkvo":
        weight(f"{i}.{name}", HEADS * DIM if name != "o" else HIDDEN, HIDDEN if name != "o" else HEADS * DIM)
    weight(f"{i}.q_alpha", DIM, mean=1)
    weight(f"{i}.k_alpha", DIM, mean=1)
    weight(f"{i}.q_gain", DIM, mean=1)
    weight(f"{i}.k_gain", DIM, mean=1)
    tanh_norm(f"{i}.router.norm")
    weight(f"{i}.router", EXPERTS, HIDDEN, spread=0.6)
    weight(f"{i}.experts.gain", EXPERTS, mean=1)
    weight(f"{i}.up", EXPERTS, WIDTH, HIDDEN)
    weight(f"{i}.gate", EXPERTS, WIDTH, HIDDEN)
    weight(f"{i}.down", EXPERTS, HIDDEN, WIDTH)
    weight(f"{i}.shared.up", WIDTH, HIDDEN)
    weight(f"{i}.shared.down", HIDDEN, WIDTH)
w = {name: value.astype(np.float64) for name, value in weights.items()}


def by_tanh(x, name):
    return np.tanh(w[f"{name}.alpha"] * x) * w[f"{name}.weight"] + w[f"{name}.bias"]


def by_length(x):
    return x / np.sqrt((x * x).sum(-1, keepdims=True) + 1e-6)


def attention(x, i):
    q, k, v = ((x @ w[f"{i}.{name}"].T).reshape(-1, HEADS, DIM) for name in "qkv")
    q = np.tanh(w[f"{i}.q_alpha"] * q) * w[f"{i}.q_gain"]
    k = np.tanh(w[f"{i}.k_alpha"] * k) * w[f"{i}.k_gain"]
    out = np.zeros_like(q)
    for head in range(HEADS):
        for t in range(len(x)):
            scores = np.exp(k[:t + 1, head] @ q[t, head] / math.sqrt(DIM))
            out[t, head] = scores @ v[:t + 1, head] / scores.sum()
    return out.reshape(len(x), -1) @ w[f"{i}.o"].T


def experts(x, embedded, i):
    logits = by_tanh(embedded, f"{i}.router.norm") @ w[f"{i}.router"].T
    scores = np.sqrt(np.log1p(np.exp(logits)))
    out = np.maximum(x @ w[f"{i}.shared.up"].T, 0) @ w[f"{i}.shared.down"].T
    for t in range(len(x)):
        chosen = np.argsort(-scores[t])[:CHOSEN]
        shares = scores[t][chosen] / scores[t][chosen].sum() * 1.5 * w[f"{i}.experts.gain"][chosen]
        for e, share in zip(chosen, shares):
            gate = np.minimum(w[f"{i}.gate"][e] @ x[t], 0.7)
            up = np.clip(w[f"{i}.up"][e] @ x[t], -0.7, 0.7)
            out[t] += share * (w[f"{i}.down"][e] @ (gate / (1 + np.exp(-1.3 * gate)) * up))
    return out


def forward(ids):
    embedded = w["embed"][ids]
    x = np.repeat(embedded[:, None], COUNT, 1)
    for i in range(LAYERS):
        for part in ("attention", "moe"):
            flat = x.reshape(len(ids), -1)
            normed = flat / np.sqrt((flat * flat).mean(-1, keepdims=True) + 1e-6)
            read = np.einsum("n,tnf->tf", w[f"{i}.{part}.read"], x)
            write = 2 * np.tanh(normed @ w[f"{i}.{part}.write"].T) + 0.5
            normed = by_tanh(read, f"{i}.{part}.norm")
            y = attention(normed, i) if part == "attention" else experts(normed, embedded, i)
            x = np.einsum("mn,tnf->tmf", w[f"{i}.{part}.keep"], x) + write[:, :, None] * y[:, None]
    return by_length(x.sum(1)) * w["last"] @ w["head"].T


out = pathlib.Path(sys.argv[1])
ids = chance.integers(0, VOCAB, (2, 15))
decoder_pack.write(out, "oracle/streams_numpy.py", {"model_type": "streams", "layers": LAYERS}, 1e-5, weights, forward, ids,
                   8)
