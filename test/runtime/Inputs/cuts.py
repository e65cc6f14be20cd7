"""usage: cuts.py PROGRAM SCRATCH [FIRST]

Cuts a program everywhere, in and after its ELF image. From FIRST bytes on (less is
for the system's loader), whatever is left says that it was cut, and exits with 1."""

import os
import subprocess
import sys

program, scratch = sys.argv[1:3]
first = int(sys.argv[3]) if len(sys.argv) > 3 else 96 << 10
data = open(program, "rb").read()
wrong = 0
said = {}
for length in sorted({*range(first, len(data), (len(data) - first) // 40), len(data) - 1}):
    with open(scratch, "wb") as file:
        file.write(data[:length])
    os.chmod(scratch, 0o755)
    run = subprocess.run([scratch, "--input", "x", "--output", "y"], capture_output=True, text=True)
    text = run.stderr.split("error: ", 1)[-1].split(": ")[-1].strip()
    said[text] = said.get(text, 0) + 1
    if run.returncode != 1 or run.stdout or "truncated" not in run.stderr:
        print(f"{length} bytes: exit {run.returncode}: {run.stderr or run.stdout}")
        wrong += 1
os.remove(scratch)
for text, count in sorted(said.items()):
    print(f"{count} cuts: {text}")
print(f"{sum(said.values())} cuts, {wrong} wrong")
