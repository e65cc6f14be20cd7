"""Verifies packs with upstream's passes run after each of ours.

usage: between_passes.py PACKS NAME...      (no NAME: all packs)
"""

import os
import subprocess
import sys

INSERTED = "all:canonicalize,cse,symbol-dce"


def main():
    packs, *names = sys.argv[1:]
    names = names or sorted(os.listdir(packs))
    failed = 0
    for name in names:
        pack = os.path.join(packs, name)
        run = subprocess.run(["sinter", "verify", pack, pack, "--locate", "--insert", INSERTED], capture_output=True, text=True)
        if run.returncode:
            failed += 1
            print(run.stdout + run.stderr)
    print(f"{len(names)} packs, {failed} that go wrong")
    return 1 if failed or not names else 0


sys.exit(main())
