"""Embeds tokens with padding at the end and at the beginning, in generated code and in the interpreter: all agree.

usage: pad_sides.py MODEL SCRATCH
"""
import json
import pathlib
import subprocess
import sys

import tensors

model, scratch = sys.argv[1], pathlib.Path(sys.argv[2])
scratch.mkdir(parents=True, exist_ok=True)
ROWS = [[5, 9, 30, 7, 11, 2], [8], [6, 3, 12]]
WIDTH = len(ROWS[0])


def write(path, at_end, more={}):
    ids, mask = [], []
    for row in ROWS:
        rest = [0] * (WIDTH - len(row))
        ids += row + rest if at_end else rest + row
        mask += [1] * len(row) + rest if at_end else rest + [1] * len(row)
    shape = [len(ROWS), WIDTH]
    tensors.write(path, {"input_ids": ("I64", shape, ids), "attention_mask": ("I64", shape, mask)} | more)


subprocess.run(["sinter", "compile", model, "-o", scratch / "program", "--quiet"], check=True)
vectors = {}
for at_end in True, False:
    source, out = scratch / "in.safetensors", scratch / "out.safetensors"
    write(source, at_end)
    subprocess.run([scratch / "program", "--embed", "--input", source, "--output", out], check=True)
    vectors[at_end] = tensors.read(out)["embedding"]
assert vectors[True] == vectors[False]
(scratch / "golden.json").write_text(json.dumps({"atol": 1e-5}))
kind, shape, values = vectors[True]
write(scratch / "golden.safetensors", False, {"embedding": (kind, shape, list(values))})
subprocess.run(["sinter", "verify", model, scratch, "--quiet"], check=True)
