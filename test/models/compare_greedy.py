#!/usr/bin/env python3
"""Compares a program's best tokens with an oracle's, wherever the oracle was sure.

  compare_greedy.py PROGRAM EXPECTED.jsonl MARGIN FOLDER

EXPECTED has a line for each prompt: token ids, the oracle's greedy continuation and, for each of its tokens, the
distance of the best from the second logit. The program reads prompt and continuation at once; where the margin exceeds MARGIN, its
best token must be the oracle's. FOLDER takes the tensors that go in and out.
"""
import json
import os
import subprocess
import sys

import tensors


def best_tokens(program, ids, folder):
    source, target = os.path.join(folder, "in.safetensors"), os.path.join(folder, "out.safetensors")
    tensors.write(source, {"input_ids": ("I64", [1, len(ids)], ids)})
    subprocess.run([program, "--input", source, "--output", target], check=True)
    _, (_, count, vocab), logits = tensors.read(target)["logits"]
    assert count == len(ids)
    for row in range(count):
        values = logits[row * vocab:(row + 1) * vocab]
        yield max(range(vocab), key=values.__getitem__)


def main():
    program, expected, margin, folder = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
    os.makedirs(folder, exist_ok=True)
    sure = wrong = total = 0
    for line in open(expected):
        case = json.loads(line)
        best = list(best_tokens(program, case["prompt"] + case["ids"][:-1], folder))[len(case["prompt"]) - 1:]
        for step, (ours, theirs, distance) in enumerate(zip(best, case["ids"], case["margins"], strict=True)):
            total += 1
            if distance <= margin:
                continue
            sure += 1
            if ours != theirs:
                wrong += 1
                print(f"prompt {case['prompt'][:6]}, step {step}: got token {ours}, expected {theirs} (margin {distance})")
    print(f"{sure} of {total} tokens compared, {wrong} differ")
    if wrong or sure < total // 2:
        sys.exit(1)


if __name__ == "__main__":
    main()
