"""Runs sinter and a program with standard files that are full or closed.

usage: standard_files.py PACK FOLDER
"""
import os
import subprocess
import sys

pack, folder = sys.argv[1:]
golden = os.path.join(pack, "golden.safetensors")
wrong = 0


def close(*files):
    return lambda: [os.close(file) for file in files]


def check(what, good, found):
    global wrong
    if not good:
        wrong += 1
        print(f"{what}: {found}")


def contents(path):
    with open(path, "rb") as file:
        return file.read()


for arguments in [["--help"], ["compile", "--help"], ["--manual"], ["--completion", "bash"], ["explain", pack],
                  ["explain", pack, "--json"], ["compile", pack, "--emit=mlir"], ["cache", "list"]]:
    for options in [{"stdout": open("/dev/full", "w")}, {"preexec_fn": close(1)}]:
        done = subprocess.run(["sinter", *arguments], stderr=subprocess.PIPE, text=True, **options)
        check(f"sinter {arguments}", done.returncode == 1 and
              "error: cannot write to standard output: " in done.stderr and "LLVM" not in done.stderr, done)

def check_program(program):
    for argument in ["--help", "--version"]:
        done = subprocess.run([program, argument], stdout=open("/dev/full", "w"), stderr=subprocess.PIPE, text=True)
        check(argument, done.returncode == 1 and "cannot write to standard output" in done.stderr, done)


plain, closed = os.path.join(folder, "plain"), os.path.join(folder, "closed")
subprocess.run(["sinter", "compile", pack, "-o", plain, "--quiet"], check=True)
check_program(plain)
done = subprocess.run(["sinter", "compile", pack, "-o", closed, "--time"], preexec_fn=close(0, 1, 2))
check("compile", done.returncode == 0 and contents(plain) == contents(closed), done)
done = subprocess.run(["sinter", "compile", pack, "-o", closed, "--time"], stderr=open("/dev/full", "w"))
check("full standard error", done.returncode == 0 and contents(plain) == contents(closed), done)
for options in [{}, {"preexec_fn": close(0, 1, 2)}]:
    out = os.path.join(folder, f"out{len(options)}")
    done = subprocess.run([plain, "--input", golden, "--output", out, "--profile"], stderr=None if options else
                          subprocess.DEVNULL, **options)
    check("program", done.returncode == 0, done)
check("tensors", contents(os.path.join(folder, "out0")) == contents(os.path.join(folder, "out1")), "differ")
print(f"{wrong} wrong" if wrong else "all as expected")
