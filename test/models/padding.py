"""Checks that padding, on either side, changes nothing for the tokens that are real.

usage: padding.py PROGRAM GOLDEN FOLDER [options of the program]

Sequences of the golden's length, of half and of a third of it go in side by
side, padded before, after and in between; each must give what it gives alone.
FOLDER takes the tensors that go in and out.
"""
import array
import os
import random
import subprocess
import sys

import tensors

STEPS = "5"
ATOL = 1e-4


def run(program, inputs, folder, options):
    source, target = (os.path.join(folder, name) for name in ("in", "out"))
    tensors.write(source, inputs)
    subprocess.run([program, "--input", source, "--output", target, *options], check=True)
    return {name: (shape, values) for name, (_, shape, values) in tensors.read(target).items()}


def rows(outputs, name, sequence):
    """The rows of a sequence, each a list."""
    shape, values = outputs[name]
    width = shape[2] if len(shape) > 2 else 1
    begin = sequence * shape[1] * width
    return [list(values[begin + t * width:begin + (t + 1) * width]) for t in range(shape[1])]


def close(a, b):
    return len(a) == len(b) and all(abs(x - y) <= ATOL for r, s in zip(a, b) for x, y in zip(r, s))


program, golden, folder, *options = sys.argv[1:]
if "--generate" not in options:
    options += ["--generate", STEPS]
os.makedirs(folder, exist_ok=True)
held = tensors.read(golden)
encodes = "decoder_input_ids" in held
_, (batch, tokens), ids = held["input_ids"]
chance = random.Random(1)
texts = [list(ids[:tokens]), list(ids[-(tokens // 2):]), list(ids[5:5 + tokens // 3])]
places = [list(range(tokens)), list(range(tokens - len(texts[1]), tokens)), sorted(chance.sample(range(tokens), len(texts[2])))]
if encodes:
    # Where positions are distances, what is between tokens counts.
    places[2] = list(range(len(texts[2])))

mask, padded = array.array("q", bytes(8 * 3 * tokens)), array.array("q", bytes(8 * 3 * tokens))
for b, (text, place) in enumerate(zip(texts, places)):
    for token, column in zip(text, place):
        mask[b * tokens + column], padded[b * tokens + column] = 1, token
extra = {}
if encodes:
    decoded = list(held["decoder_input_ids"][2][:4])
    extra["decoder_input_ids"] = ("I64", [1, 4], decoded)
all_extra = {name: (kind, [3, *shape[1:]], values * 3) for name, (kind, shape, values) in extra.items()}
together = run(program, {"input_ids": ("I64", [3, tokens], padded), "attention_mask": ("I64", [3, tokens], mask),
                         **all_extra}, folder, options)
for b, (text, place) in enumerate(zip(texts, places)):
    alone = run(program, {"input_ids": ("I64", [1, len(text)], text), **extra}, folder, options)
    found = rows(together, "logits", b)
    if not encodes:
        padding = [row for t, row in enumerate(found) if t not in place]
        assert not any(any(row) for row in padding), "logits of padding"
        found = [found[t] for t in place]
    assert close(found, rows(alone, "logits", 0)), f"logits of sequence {b}"
    assert rows(together, "generated", b) == rows(alone, "generated", 0), f"tokens of sequence {b}"
    assert close(rows(together, "generated_logits", b), rows(alone, "generated_logits", 0)), f"steps of sequence {b}"
print("ok")
