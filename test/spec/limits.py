"""Configurations with numbers that no model has end with an error, or build little.

Each whole number of a pack's config.json is replaced by each of VALUES. Sinter must
not die, nor take long, nor make IR of more than a few megabytes, whose tables are
what a hostile configuration would blow up.

usage: limits.py PACKS NAME...      (no NAME: all packs)
"""

import json
import os
import subprocess
import sys
import tempfile

VALUES = [0, -1, 1 << 28, 1 << 40, (1 << 63) - 1, 1 << 70]
SECONDS, BYTES, MEMORY = 120, 8 << 20, 4 << 30


def places(tree, path=()):
    """Paths of all whole numbers of a tree."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from places(value, path + (key,))
    elif isinstance(tree, list):
        for index, value in enumerate(tree[:1]):
            yield from places(value, path + (index,))
    elif isinstance(tree, int) and not isinstance(tree, bool):
        yield path


def replaced(tree, path, value):
    tree = json.loads(json.dumps(tree))
    inner = tree
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return tree


def build(config, folder):
    path = os.path.join(folder, "config.json")
    with open(path, "w") as file:
        json.dump(config, file)
    command = ["sh", "-c", f'ulimit -v {MEMORY >> 10}; exec "$@"', "-", "sinter", "compile", "--config", path,
               "--random-weights", "1", "--emit=mlir", "--quiet", "-o", "-"]
    try:
        return subprocess.run(command, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None


def main():
    packs, *names = sys.argv[1:]
    bad = count = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names or sorted(os.listdir(packs)):
            with open(os.path.join(packs, name, "config.json")) as file:
                config = json.load(file)
            for path in places(config):
                for value in VALUES:
                    count += 1
                    run = build(replaced(config, path, value), folder)
                    refused += run is not None and run.returncode == 1
                    if run is None or run.returncode not in (0, 1) or len(run.stdout) > BYTES:
                        bad += 1
                        why = "takes long" if run is None else f"code {run.returncode}, {len(run.stdout)} bytes"
                        print(f"{name}: {path} = {value}: {why} {'' if run is None else run.stderr.decode()[:300]}")
    print(f"{count} configurations, {refused} refused, {bad} that go wrong")
    return 1 if bad or not refused else 0


sys.exit(main())
