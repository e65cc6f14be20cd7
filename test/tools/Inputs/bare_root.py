"""Compiles and runs a model where there is nothing else.

usage: bare_root.py INSTALLED PACK FOLDER

Makes FOLDER a root of nothing but an installation of Sinter, the libraries that it needs and the model; compiles there,
watched by strace, and runs the program in a second root that has the C library alone.
"""
import os
import re
import shutil
import subprocess
import sys


def place(source, root, target=None):
    """Puts a file at the same path below root, as a link where that works."""
    path = os.path.join(root, (target or source).lstrip("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        return
    try:
        os.link(os.path.realpath(source), path)
    except OSError:
        shutil.copy(os.path.realpath(source), path)


def libraries(program):
    listed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    return re.findall(r"(/\S+) \(0x", listed)


def tool(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def enter(root, *command):
    change = [tool("chroot"), root, *command]
    return change if os.geteuid() == 0 else [tool("unshare"), "--user", "--map-root-user", *change]


def main():
    installed, pack, folder = sys.argv[1:]
    first, second = os.path.join(folder, "compile"), os.path.join(folder, "run")
    shutil.copytree(installed, os.path.join(first, "sinter"))
    shutil.copytree(pack, os.path.join(first, "model"))
    os.makedirs(os.path.join(first, "tmp"))
    for library in libraries(os.path.join(installed, "bin", "sinter")):
        place(library, first)
    log = os.path.join(folder, "log")
    subprocess.run([tool("strace"), "-f", "-e", "trace=execve,execveat", "-o", log,
                    *enter(first, "/sinter/bin/sinter", "compile", "/model", "-o", "/program", "--quiet")], check=True, env={})
    started = [line for line in open(log) if "exec" in line and line.rstrip().endswith("= 0")]
    names = [re.search(r'exec\w+\((?:\w+, )?"([^"]*)"', line).group(1) for line in started]
    print("executed after sinter:", *names[names.index("/sinter/bin/sinter") + 1:])

    program = os.path.join(first, "program")
    needed = libraries(program)
    print("needs:", *sorted(os.path.basename(path) for path in needed))
    for path in [program, *needed]:
        place(path, second, "/program" if path == program else None)
    for path in ["input", "out"]:
        os.makedirs(os.path.join(second, path))
    place(os.path.join(pack, "golden.safetensors"), second, "/input/golden.safetensors")
    subprocess.run(enter(second, "/program", "--input", "/input/golden.safetensors", "--output", "/out/o",
                         "--generate", "2"), check=True, env={})
    print("wrote", os.path.getsize(os.path.join(second, "out/o")) > 1000)


main()
