"""Checks that embeddings are the means of the features that a mask has.

usage: mean.py INPUT OUTPUT
"""
import sys

import tensors

_, (batch, tokens), mask = tensors.read(sys.argv[1])["attention_mask"]
held = tensors.read(sys.argv[2])
_, shape, features = held["last_hidden_state"]
_, pooled_shape, pooled = held["embedding"]
width = shape[2]
assert shape == [batch, tokens, width] and pooled_shape == [batch, 1, width], (shape, pooled_shape)
for b in range(batch):
    real = [t for t in range(tokens) if mask[b * tokens + t]]
    for f in range(width):
        mean = sum(features[(b * tokens + t) * width + f] for t in real) / len(real)
        assert abs(mean - pooled[b * width + f]) < 1e-5, (b, f, mean, pooled[b * width + f])
print("ok")
