"""Takes packs through the stages of compilation: after each pass the IR is printed, read again, and run.

usage: stages.py FOLDER [PACK...]   all packs of the folder unless some are named
"""
import concurrent.futures
import os
import subprocess
import sys


def locate(path):
    done = subprocess.run(["sinter", "verify", path, path, "--locate", "--quiet"], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def main():
    folder, *names = sys.argv[1:]
    names = names or sorted(os.listdir(folder))
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, (good, text) in zip(names, pool.map(locate, [os.path.join(folder, name) for name in names])):
            lines = text.splitlines()
            checked = [line for line in lines if " ok " in line]
            print(f"{name:<30} {len(checked)} results compared")
            if not good or len(checked) < 5:
                wrong += 1
                print(text)
    print(f"{len(names) - wrong} of {len(names)} packs agree after every pass")
    sys.exit(bool(wrong))


main()
