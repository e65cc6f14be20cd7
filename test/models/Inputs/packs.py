"""Verifies packs and prints a table: how far each way to compute is off.

usage: packs.py FOLDER [PACK...]   all packs of the folder unless some are named
"""
import concurrent.futures
import os
import re
import subprocess
import sys


def verify(path):
    done = subprocess.run(["sinter", "verify", path, path, "--quiet"],
                          capture_output=True, text=True)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def cell(part):
    """"native ok logits 1.0e-06, tokens equal" as the word and the largest."""
    numbers = [float(n) for n in re.findall(r" (\d\.\d+e[-+]\d+|inf)", part)]
    word = "ok" if " ok" in part else "FAILED"
    return f"{word} {max(numbers):.1e}" if numbers else word


folder, *names = sys.argv[1:]
names = names or sorted(os.listdir(folder))
row = "{:<30}{:>8}  {:<15}{:<15}{:<15}".format
print(row("pack", "atol", "native", "in pieces", "interpreter"))
failed = []
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    results = pool.map(verify, [os.path.join(folder, name) for name in names])
    for name, (good, text) in zip(names, results):
        parts = text.splitlines()[0].split("; ") if text else [""]
        atol = re.search(r"atol ([^;]*)", text)
        columns = {part.split()[0]: cell(part) for part in parts[1:]}
        print(row(name, atol.group(1) if atol else "?",
                  columns.get("native", "-"), columns.get("cut", "-"),
                  columns.get("interpreter", "-")))
        if not good:
            failed.append((name, text))
for name, text in failed:
    print(f"\n{name}:\n{text}")
print(f"{len(names) - len(failed)} of {len(names)} packs agree")
sys.exit(bool(failed))
