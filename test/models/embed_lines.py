"""Checks that a text's vector has the same bits alone, in any company, and in any place.

usage: embed_lines.py PROGRAM TEXTS ALL.npy
"""
import pathlib
import subprocess
import sys

import sentences

program, texts, everything = sys.argv[1:]
lines = pathlib.Path(texts).read_text().splitlines()
(count, width), values = sentences.read_npy(pathlib.Path(everything))
assert count == len(lines)
rows = [values[i * width:(i + 1) * width] for i in range(count)]
first = {}
for line, row in zip(lines, rows):
    assert first.setdefault(line, row) == row, line


def embed(chosen):
    out = pathlib.Path(texts).with_suffix(".npy")
    subprocess.run([program, "--embed", "-f", "-", "-o", out], input="".join(line + "\n" for line in chosen), text=True, check=True)
    found = sentences.read_npy(out)[1]
    return [found[i * width:(i + 1) * width] for i in range(len(chosen))]


for line in first:
    assert embed([line]) == [first[line]], line
half = lines[::-2]
assert embed(half) == [first[line] for line in half]
