"""bench/compare --against COMMIT: this tree's compiler beside that of a commit, in pairs.

Where both make the same code, byte for byte, its speed is not measured: it is the same. Otherwise both programs run once a
round, by turns first; a cell is the median of the rounds' ratios (new over old speed) with a 95% bound by resampling.
"""
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

LEAST_SPEED = 0.98  # of the old one
MOST_COST = 1.1     # code size, compile time, start


def run(command, **options):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def built(root, work, commit):
    """The compiler of the commit, made in a worktree of its own by the compilers of root/build."""
    name = run(["git", "-C", root, "rev-parse", "--short=12", f"{commit}^{{commit}}"]).strip()
    tree = work / name
    if not tree.exists():
        run(["git", "-C", root, "worktree", "prune"])
        run(["git", "-C", root, "worktree", "add", "--detach", tree, name])
    if not (tree / "build" / "build.ninja").exists():
        cache = (root / "build" / "CMakeCache.txt").read_text().splitlines()
        same = [f"-D{line}" for line in cache if line.startswith(("CMAKE_C_COMPILER:", "CMAKE_CXX_COMPILER:", "CMAKE_BUILD_TYPE:"))]
        run(["cmake", "-G", "Ninja", "-S", tree, "-B", tree / "build", "-DSINTER_UNITY=ON", *same])
    print(f"Building sinter of {name}", file=sys.stderr)
    run(["ninja", "-C", tree / "build", "sinter"])
    return name, tree / "build" / "bin" / "sinter"


def timed(command):
    """Processor seconds of a command and of what it starts."""
    before = os.times()
    run(command)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


class Side:
    """One of the two compilers, and its program for a model."""

    def __init__(self, sinter, model, features, stem):
        self.sinter, self.program, self.object = sinter, Path(f"{stem}"), Path(f"{stem}.o")
        self.options = [model, f"--features={features}", "--quiet"]

    def compile(self):
        run([self.sinter, "compile", *self.options, "-o", self.program])

    def emit(self):
        return timed([self.sinter, "compile", *self.options, "--emit=obj", "-o", self.object])

    def speeds(self, a, threads):
        bench = [self.sinter, "bench", self.program, "-t", threads, "--rounds", 1, "--json"]
        prefill = json.loads(run([*bench, "-p", a.prompt, "-n", 1]))
        decode = json.loads(run([*bench, "-p", a.depth, "-n", a.tokens]))
        return {f"prefill, {threads}": prefill["prefill"]["median"], f"decode, {threads}": decode["decode"]["median"]}

    def start(self):
        before = time.monotonic()
        run([self.program, "-p", "a", "-n", 1, "-t", 1], stderr=subprocess.DEVNULL)
        return {"start": 1 / (time.monotonic() - before)}


def bound(ratios):
    """Median of the ratios, with the 2.5th and 97.5th percentile of the medians of resamples."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(2000))
    return statistics.median(ratios), medians[50], medians[1949]


def pairs(old, new, rounds, measure):
    """For each thing measured, by name, the ratios new over old of the rounds."""
    ratios = {}
    for number in range(rounds):
        order = [old, new] if number % 2 else [new, old]
        seen = {side: measure(side) for side in order}
        for name, speed in seen[new].items():
            ratios.setdefault(name, []).append(speed / seen[old][name])
    return ratios


def compare(a, old, new):
    """Rows (what, median, low, high, good) for one model and its features."""
    ratios = pairs(old, new, 9, lambda side: {"made": 1 / side.emit()})
    seconds, low, high = bound([1 / speed for speed in ratios["made"]])
    size = new.object.stat().st_size / old.object.stat().st_size
    yield "code size", size, size, size, size <= MOST_COST
    yield "processor time to make it", seconds, low, high, low <= MOST_COST
    old.compile()
    new.compile()
    ratios = pairs(old, new, a.rounds, Side.start)
    if old.object.read_bytes() == new.object.read_bytes():
        yield "speed: the code is the same", 1, 1, 1, True
    else:
        for threads in a.threads:
            ratios |= pairs(old, new, a.rounds, lambda side: side.speeds(a, threads))
    for name, values in ratios.items():
        median, low, high = bound(values)
        yield name, median, low, high, high >= (1 / MOST_COST if name == "start" else LEAST_SPEED)


def main(a, root, work):
    name, sinter = built(root, work, a.against)
    good = True
    print(f"| model | features | new / {name} | ratio | 95% bound | |\n|---|---|---|---|---|---|")
    for model in a.models:
        for features in a.features.split("/"):
            stem = work / f"{model.stem}-{features.replace(',', '')}"
            old, new = (Side(which, model, features, f"{stem}-{side}")
                        for side, which in [("old", sinter), ("new", root / "build" / "bin" / "sinter")])
            for what, median, low, high, holds in compare(a, old, new):
                good &= holds
                print(f"| {model.stem} | {features} | {what} | {median:.3f} | {low:.3f} to {high:.3f} | {'' if holds else 'WORSE'} |", flush=True)
    sys.exit(0 if good else 1)
