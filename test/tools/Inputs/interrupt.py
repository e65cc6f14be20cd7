"""Interrupts compilations at many moments.

usage: interrupt.py SIGNAL FOLDER COMMAND...

COMMAND writes FOLDER/program, which exists. After each interruption it must be the old or a whole new one, and the folder
must have nothing else.
"""
import os
import signal
import subprocess
import sys
import time


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    number, folder, command = signal.Signals[sys.argv[1]], sys.argv[2], sys.argv[3:]
    program = os.path.join(folder, "program")
    begin = time.time()
    subprocess.run(command, check=True)
    whole, new = time.time() - begin, read(program)
    old = b"old"

    def take():
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)

    outcomes = {"old": 0, "new": 0}
    moments = 12
    for moment in range(moments):
        with open(program, "wb") as file:
            file.write(old)
        # Whoever started us may have had the signal ignored.
        running = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=take)
        time.sleep(whole * moment / (moments - 1))
        running.send_signal(number)
        running.wait()
        found = read(program)
        assert found in (old, new), f"the program is neither old nor new: {len(found)} bytes"
        outcomes["old" if found == old else "new"] += 1
        left = sorted(set(os.listdir(folder)) - {"program"})
        assert not left, f"left over: {left}"
    assert outcomes["old"], "no compilation was interrupted"
    print("interrupted", outcomes["old"], "of", moments)


main()
