"""Compiles models whose files were cut or changed: a clear error, exit code 1, and no program.

usage: damaged.py PACK SPEC GGUF FOLDER

GGUF is a model in one file. Cut files never compile; where a bit was changed, only crashes are wrong.
"""
import os
import random
import shutil
import subprocess
import sys

pack, spec, gguf, folder = sys.argv[1:]
program = os.path.join(folder, "program")
random.seed(1)
wrong = runs = 0


def compile_model(what, must_fail, *arguments):
    global wrong, runs
    runs += 1
    if os.path.exists(program):
        os.unlink(program)
    done = subprocess.run(["sinter", "compile", *arguments, "-o", program, "--quiet"], capture_output=True, text=True,
                          errors="replace", timeout=60)
    said = done.stderr.strip()
    if done.returncode == 0:
        good = not must_fail and os.path.exists(program)
    else:
        good = done.returncode == 1 and "error: " in said and len(said) < 5000 and not os.path.exists(program)
    if not good:
        wrong += 1
        print(f"{what}: exit code {done.returncode}, {said[:400]!r}")


def damage(name, data, write, *arguments):
    """Cuts `data` at several lengths, the header's above all, then flips bits."""
    for length in sorted({0, 1, 7, 8, 9, 40, len(data) // 3, len(data) // 2, len(data) - 1}):
        write(data[:length])
        # A spec without its last letter may be one that ignores other tensors.
        compile_model(f"{name} cut to {length} bytes", name != "spec" or length < len(data) - 1, *arguments)
    for _ in range(14):
        at = random.randrange(min(len(data), 3000))
        changed = bytearray(data)
        changed[at] ^= 1 << random.randrange(8)
        write(bytes(changed))
        compile_model(f"{name} with a bit changed at byte {at}", False, *arguments)


def main():
    for name in ["config.json", "model.safetensors"]:
        copy = os.path.join(folder, "pack")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(pack, copy)
        path = os.path.join(copy, name)
        with open(path, "rb") as file:
            data = file.read().rstrip()
        damage(name, data, lambda part: open(path, "wb").write(part), copy)
    with open(gguf, "rb") as file:
        data = file.read()
    path = os.path.join(folder, "damaged.gguf")
    damage("GGUF", data, lambda part: open(path, "wb").write(part), path)
    with open(spec, "rb") as file:
        data = file.read().rstrip()
    path = os.path.join(folder, "damaged.yaml")
    damage("spec", data, lambda part: open(path, "wb").write(part), pack, "--spec", path)
    print(f"{runs} models, {wrong} wrong")


main()
