"""Damages IR at random and compiles what comes out: errors are fine, signals are not.

The IR of a pack after each stage is changed in one or two places: a number, a type,
an operand, a name, an attribute or an op. sinter-opt then runs the stages that are
left, and `sinter interpret` some of the mutants. What dies by a signal, or runs
for ten minutes, is printed and kept in the folder.

usage: mutate.py PACK FOLDER SEED MUTANTS INTERPRETED
"""

import os
import random
import re
import subprocess
import sys

STAGES = ["", "canonicalize", "specialize", "quantize", "pack", "fuse", "plan", "lower"]
SECONDS, BATCH = 600, 16
NUMBERS = ["0", "-1", "1", "3", "7", "1000000", "2147483648", "4611686018427387904", "9223372036854775807"]
TYPES = ["f32", "bf16", "f16", "i32", "!sinter.block<q8_0>", "!sinter.block<a8>", "!sinter.block<q4_1>"]


def occurrence(rng, pattern, text):
    found = list(re.finditer(pattern, text))
    return rng.choice(found) if found else None


def put(text, match, new):
    return text if match is None else text[:match.start()] + new + text[match.end():]


def swapped(pattern):
    """Puts one of what the pattern finds in place of another."""
    def mutate(rng, text):
        other = occurrence(rng, pattern, text)
        return put(text, occurrence(rng, pattern, text), other[0]) if other else text
    return mutate


def number(rng, text):
    return put(text, occurrence(rng, r"(?<![\w.%@#])-?\d+(?![\w.])|(?<=[<x])\d+(?=x)", text), rng.choice(NUMBERS))


def element(rng, text):
    return put(text, occurrence(rng, r"\b(f32|bf16|f16|i32)\b|!sinter\.block<\w+>", text), rng.choice(TYPES))


def dimension(rng, text):
    return put(text, occurrence(rng, r"(?<=[<x])(\?|\d+)(?=x)", text), rng.choice(["?", *NUMBERS]))


def attribute(rng, text):
    return put(text, occurrence(rng, r"[\w.]+ = (array<[^>]*>|\[[^\]]*\]|[^,{}\[\]]+)(, )?(?=[^{}]*\})", text), "")


def dictionary(rng, text):
    return put(text, occurrence(rng, r"\{[^{}\n]*\}", text), "")


def line(rng, text):
    return put(text, occurrence(rng, r"\n +(%|sinter)[^\n{}]*(?=\n)", text), "")


def rows(rng, text):
    return put(text, occurrence(rng, r'"(N|L|B\d+|\d+)"', text), rng.choice(['"N"', '"L"', '"B3"', '"1"', '"M"', '"-4"']))


def argument(rng, text):
    return put(text, occurrence(rng, r"\{sinter\.name = [^}]*\}", text), "")


MUTATIONS = [number, number, number, element, dimension, attribute, attribute, dictionary, line, rows, argument,
             swapped(r"%[\w#]+"), swapped(r"@[\w.$]+"), swapped(r"tensor<[^<>]*(<[^<>]*>[^<>]*)*>"),
             swapped(r"!sinter\.cache<[^>]*>"), swapped(r"#sinter\.\w+<[^>]*>"), swapped(r"sinter\.\w+(?= %)")]


def mutant(rng, text):
    for _ in range(rng.choice([1, 1, 2])):
        text = rng.choice(MUTATIONS)(rng, text)
    return text


def dies(command, text):
    """Says how, or nothing."""
    try:
        run = subprocess.run(command, input=text.encode(), capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return "takes too long"
    if run.returncode >= 0 and run.returncode < 128:
        return None
    frames = [line for line in run.stderr.decode(errors="replace").splitlines() if re.match(r" *#\d+ ", line)]
    return "\n".join([f"dies by signal {abs(run.returncode)}", *frames[:14]])


def main():
    pack, folder, seed, mutants, interpreted = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    os.makedirs(folder, exist_ok=True)
    rng = random.Random(seed)
    texts = []
    for stage in STAGES:
        stages = [f"--stage=sinter-{stage}"] if stage else []
        quant = ["--quant=q8_0"] if rng.random() < 0.5 else []
        texts.append(subprocess.run(["sinter", "compile", pack, "--emit=mlir", "--quiet", "--features=x86-64-v3", "-o", "-",
                                     *stages, *quant], capture_output=True, text=True, check=True).stdout)
    deaths = 0

    def report(what, text):
        nonlocal deaths
        path = os.path.join(folder, f"mutant-{seed}-{deaths}.mlir")
        with open(path, "w") as file:
            file.write(text)
        print(f"{path}: {what}", flush=True)
        deaths += 1

    def compile_batch(number, batch):
        left = [f"--sinter-{stage}" for stage in STAGES[number + 1:]]
        command = ["sinter-opt", "-", "--split-input-file", "--mlir-disable-threading", *left, "--sinter-to-llvm", "-o", os.devnull]
        if not dies(command, "\n// -----\n".join(batch)):
            return
        for text in batch:
            if what := dies(command, text):
                report(" ".join(command) + ": " + what, text)

    share = max(1, mutants // len(STAGES))
    for number, text in enumerate(texts):
        batch = [mutant(rng, text) for _ in range(share)]
        for first in range(0, share, BATCH):
            compile_batch(number, batch[first:first + BATCH])
    for _ in range(interpreted):
        text = mutant(rng, rng.choice(texts[:-1]))
        path = os.path.join(folder, "interpreted.mlir")
        with open(path, "w") as file:
            file.write(text)
        command = ["sinter", "interpret", path, "--input", os.path.join(pack, "golden.safetensors"), "--output",
                   os.path.join(folder, "output.safetensors")]
        if what := dies(command, ""):
            report("sinter interpret: " + what, text)
    print(f"{share * len(STAGES)} mutants compiled, {interpreted} interpreted, {deaths} died")
    return 1 if deaths else 0


sys.exit(main())
