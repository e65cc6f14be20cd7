"""Writes FOLDER/PACK.mlir, with a plan and barriers, of some packs: planned.py PACKS FOLDER PACK..."""
import os
import subprocess
import sys


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


packs, folder, names = sys.argv[1], sys.argv[2], sys.argv[3:]
os.makedirs(folder, exist_ok=True)
for number, name in enumerate(names):
    quant = ["--quant=q8_0"] if number % 2 else []
    built = run("sinter", "compile", os.path.join(packs, name), "--emit=mlir", "--features=x86-64-v3", "--quiet", *quant)
    planned = run("sinter-opt", "--sinter-tensor-stages", "--sinter-plan", "--sinter-place-barriers", "-", text=built)
    with open(os.path.join(folder, f"{name}.mlir"), "w") as file:
        file.write(planned)
