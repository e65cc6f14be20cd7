"""Checks that embeddings are made of the features that a mask has.

usage: mean.py INPUT OUTPUT [mean|first|last]
"""
import sys

import tensors

read = tensors.read(sys.argv[1])
_, (batch, tokens), ids = read["input_ids"]
mask = read["attention_mask"][2] if "attention_mask" in read else [1] * len(ids)
kind = sys.argv[3] if len(sys.argv) > 3 else "mean"
held = tensors.read(sys.argv[2])
_, shape, features = held["last_hidden_state"]
_, pooled_shape, pooled = held["embedding"]
width = shape[2]
assert shape == [batch, tokens, width] and pooled_shape == [batch, 1, width], (shape, pooled_shape)
for b in range(batch):
    real = [t for t in range(tokens) if mask[b * tokens + t]]
    real = {"mean": real, "first": real[:1], "last": real[-1:]}[kind]
    for f in range(width):
        mean = sum(features[(b * tokens + t) * width + f] for t in real) / len(real)
        assert abs(mean - pooled[b * width + f]) < 1e-5, (b, f, mean, pooled[b * width + f])
print("ok")
