"""Ctrl-C in every mode: the program ends by it, and what --profile measured is there.

usage: interrupts.py PROGRAM SCRATCH   (a program of words.py whose answers do not end)
"""
import pathlib
import signal
import subprocess
import sys
import time

import tensors

program, scratch = sys.argv[1:]
wrong = 0
tensors.write(f"{scratch}.in", {"input_ids": ("I64", [1, 4], [5, 6, 7, 8])})
pathlib.Path(f"{scratch}.text").write_text("w5 w6 w7 " * 2000000)
endless = ["-n", "30000", "--context", "40000"]


def interrupt(what, arguments, ends=-signal.SIGINT, said="", output=None):
    """Ctrl-C after the program is known to be at work."""
    global wrong
    page = pathlib.Path(f"{scratch}.json")
    page.unlink(missing_ok=True)
    process = subprocess.Popen([program, *arguments, f"--profile=trace:{page}"], text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    process.stdin.write(said)
    process.stdin.flush()
    time.sleep(1)
    alive = process.poll() is None
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
    good = alive and process.returncode == ends and page.exists() and "traceEvents" in page.read_text()
    if not good or (output and pathlib.Path(output).exists()):
        wrong += 1
        print(f"{what}: alive {alive}, exit {process.returncode}, profile {page.exists()}")


interrupt("a prompt", ["-p", "w5 w6", *endless])
# The answer alone ends; then there is nothing more to read.
interrupt("an answer of a chat", ["--chat", *endless], ends=0, said="w5 w6\n")
interrupt("a chat that waits", ["--chat", "-n", "4"], said="w5 w6\n")
interrupt("a chat of one answer", ["--chat", "-p", "w5 w6", *endless])
interrupt("a measurement", ["--bench", "512,400,100000"])
interrupt("tensors", ["--input", f"{scratch}.in", "--output", f"{scratch}.out", "--generate", "30000", "--context",
                      "40000"], output=f"{scratch}.out")
interrupt("perplexity", ["--perplexity", f"{scratch}.text"])
print("all as expected" if not wrong else f"{wrong} wrong")
sys.exit(bool(wrong))
