"""What tools say that crash while they wait for their input.
usage: crash.py TOKENIZER"""
import os
import signal
import subprocess
import sys
import tempfile
import time

with tempfile.TemporaryDirectory() as folder:
    pipe = os.path.join(folder, "input")
    os.mkfifo(pipe)
    for command in (["sinter-tokenize", sys.argv[1]], ["sinter-link", pipe, "-o", pipe + ".out"], ["sinter-opt"]):
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
            # It waits once it has read what it begins with.
            status = f"/proc/{process.pid}/stat"
            for _ in range(600):
                time.sleep(0.1)
                if b"(sinter-" in (stat := open(status, "rb").read()) and stat.rpartition(b") ")[2][:1] == b"S":
                    break
            time.sleep(1)
            process.send_signal(signal.SIGSEGV)
            said = process.stderr.read()
        assert process.returncode == -signal.SIGSEGV, (command, process.returncode, said)
        assert "this is a bug of Sinter" in said and "llvm-project/issues" not in said, (command, said)
print("all name Sinter")
