"""Makes a model whose layers differ in heads and widths, given as lists, and what
it must compute.

usage: lists.py FOLDER

A layer has attention (heads > 0), a linear in its place (no heads, but one of
keys) or neither, and a gated network of its own width or none; one has nothing.
"""
import array
import json
import math
import os
import random
import sys

import tensors

HIDDEN, VOCAB, DIM, LINEAR, TOKENS = 12, 23, 6, 10, 11
HEADS, KEYS, WIDTHS = [4, 0, 6, 0, 4, 2, 0], [2, 0, 3, 1, 2, 1, 0], [19, 14, 0, 33, 19, 8, 0]

folder = sys.argv[1]
rng = random.Random(3)
weights = {}


def matrix(name, rows, columns):
    weights[name] = [[rng.gauss(0, 1) / math.sqrt(columns) for _ in range(columns)] for _ in range(rows)]
    weights[name] = [list(array.array("f", row)) for row in weights[name]]


def vector(name, size):
    weights[name] = list(array.array("f", [1 + 0.2 * rng.gauss(0, 1) for _ in range(size)]))


def apply(name, x):
    return [sum(w * v for w, v in zip(row, x)) for row in weights[name]]


def norm(name, x):
    scale = 1 / math.sqrt(sum(v * v for v in x) / len(x) + 1e-5)
    return [v * scale * w for v, w in zip(x, weights[name])]


def add(x, y):
    return [a + b for a, b in zip(x, y)]


def silu(v):
    return v / (1 + math.exp(-v))


def rotate(x, position):
    half = DIM // 2
    out = list(x)
    for k in range(half):
        angle = position * 10000 ** (-k / half)
        c, s = math.cos(angle), math.sin(angle)
        out[k], out[k + half] = x[k] * c - x[k + half] * s, x[k + half] * c + x[k] * s
    return out


def heads_of(name, i, x, position):
    y = apply(f"attention.{i}.{name}", x)
    heads = [y[at:at + DIM] for at in range(0, len(y), DIM)]
    return heads if name == "v" else [rotate(norm(f"attention.{i}.{name}_norm", h), position) for h in heads]


def attention(i, xs):
    q, k, v = ([heads_of(name, i, norm(f"attention.{i}.norm", x), t) for t, x in enumerate(xs)] for name in "qkv")
    group = HEADS[i] // KEYS[i]
    out = []
    for t, x in enumerate(xs):
        results = []
        for h in range(HEADS[i]):
            s = [math.exp(sum(a * b for a, b in zip(q[t][h], k[j][h // group])) / math.sqrt(DIM)) for j in range(t + 1)]
            results += [sum(p * v[j][h // group][d] for j, p in enumerate(s)) / sum(s) for d in range(DIM)]
        out.append(add(x, apply(f"attention.{i}.o", results)))
    return out


def layer(i, xs):
    if HEADS[i]:
        xs = attention(i, xs)
    elif KEYS[i]:
        xs = [add(x, apply(f"linear.{i}.down", apply(f"linear.{i}.up", norm(f"linear.{i}.norm", x)))) for x in xs]
    if WIDTHS[i]:
        normed = [norm(f"ffn.{i}.norm", x) for x in xs]
        inner = [[silu(g) * u for g, u in zip(apply(f"ffn.{i}.gate", n), apply(f"ffn.{i}.up", n))] for n in normed]
        xs = [add(x, apply(f"ffn.{i}.down", h)) for x, h in zip(xs, inner)]
    return xs


matrix("embed", VOCAB, HIDDEN)
vector("norm", HIDDEN)
for i, (heads, keys, width) in enumerate(zip(HEADS, KEYS, WIDTHS)):
    if heads:
        for name, rows in (("q", heads), ("k", keys), ("v", keys)):
            matrix(f"attention.{i}.{name}", rows * DIM, HIDDEN)
        matrix(f"attention.{i}.o", HIDDEN, heads * DIM)
        for name, size in (("norm", HIDDEN), ("q_norm", DIM), ("k_norm", DIM)):
            vector(f"attention.{i}.{name}", size)
    elif keys:
        vector(f"linear.{i}.norm", HIDDEN)
        matrix(f"linear.{i}.up", LINEAR, HIDDEN)
        matrix(f"linear.{i}.down", HIDDEN, LINEAR)
    if width:
        vector(f"ffn.{i}.norm", HIDDEN)
        matrix(f"ffn.{i}.gate", width, HIDDEN)
        matrix(f"ffn.{i}.up", width, HIDDEN)
        matrix(f"ffn.{i}.down", HIDDEN, width)

ids = [rng.randrange(VOCAB) for _ in range(TOKENS)]
xs = [weights["embed"][token] for token in ids]
for i in range(len(WIDTHS)):
    xs = layer(i, xs)
logits = [v for x in xs for v in apply("embed", norm("norm", x))]

os.makedirs(folder, exist_ok=True)
flat = {name: ([len(w), len(w[0])], sum(w, [])) if isinstance(w[0], list) else ([len(w)], w)
        for name, w in weights.items()}
tensors.write(os.path.join(folder, "model.safetensors"),
              {name: ("F32", shape, array.array("f", values)) for name, (shape, values) in flat.items()})
tensors.write(os.path.join(folder, "golden.safetensors"),
              {"input_ids": ("I32", [1, TOKENS], array.array("i", ids)),
               "logits": ("F32", [1, TOKENS, VOCAB], array.array("f", logits))})
json.dump({"model_type": "lists", "num_query_heads": HEADS, "num_kv_heads": KEYS, "ffn_widths": WIDTHS},
          open(os.path.join(folder, "config.json"), "w"))
