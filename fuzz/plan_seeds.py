#!/usr/bin/env python3
"""Where FuzzPlan starts: the IR of the tests of passes, function by function,
before and after planning. Made for each run, as the IR's form may change.

usage: plan_seeds.py SINTER_OPT FOLDER
"""
import pathlib
import subprocess
import sys

MOST = 3000  # characters: small inputs are fast ones

opt, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
passes = pathlib.Path(__file__).parent.parent / "test" / "passes"
for path in sorted(passes.glob("*/*.mlir")):
    for number, part in enumerate(path.read_text().split("// -----")):
        lines = [line for line in part.splitlines() if not line.strip().startswith("//")]
        text = "\n".join(lines).strip() + "\n"
        name = f"{path.parent.name}-{path.stem}-{number}"
        if len(text) > MOST:
            continue
        (folder / name).write_text(text)
        if "sinter.arena" in text:
            continue
        planned = subprocess.run([opt, "--sinter-attach-cpu-target", "--sinter-plan"], input=text, capture_output=True, text=True)
        if planned.returncode == 0 and len(planned.stdout) < MOST:
            (folder / (name + "-planned")).write_text(planned.stdout)
