"""What users do to programs, and what programs answer: an exit code and a message.

usage: users.py PROGRAM FOLDER
"""
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

program, folder = sys.argv[1:]
wrong = 0


def check(what, process, code, message="", output=None):
    global wrong
    good = process.returncode == code and message in process.stderr and output in (None, process.stdout)
    if not good:
        wrong += 1
        print(f"{what}: exit code {process.returncode}, expected {code}; stdout {process.stdout!r}, expected {output!r}; "
              f"stderr {process.stderr!r}, expected {message!r}")


def run(*arguments, command=program, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([command, *arguments], stderr=subprocess.PIPE, text=True, **options)


check("no token", run("-p", "Hello", "-n", "0"), 0, output="")
check("empty prompt", run("-p", "", "-n", "2", "--temp", "0"), 0)
check("prompt of a file that is missing", run("-f", os.path.join(folder, "missing")), 1, "missing: error: cannot open")
check("prompt on standard input", run("-p", "-", "-n", "1", stdin=None, input="Hello"), 0)
check("prompt past the context", run("-p", "-", stdin=None, input="word " * 9000), 1, "tokens, the context only 8192")
check("prompt past a smaller context", run("-p", "word " * 20, "--context", "8"), 1, "tokens, the context only 8")
check("broken text", subprocess.run([program, "-p", b"\xff\xfe caf\xc3", "-n", "1"], capture_output=True, text=True), 0)

check("full disk", run("-p", "Hello", "-n", "4", stdout=open("/dev/full", "w")), 1, "cannot write to standard output")
check("closed output", run("-p", "Hello", "-n", "4", stdout=None, preexec_fn=lambda: os.close(1)), 1,
      "cannot write to standard output")
reader, writer = os.pipe()
os.close(reader)
check("a reader that went away", run("-p", "Hello", "-n", "4", stdout=writer, restore_signals=False), 1)

talking = subprocess.Popen([program, "-p", "Once upon a time", "-n", "4000", "--temp", "0", "--min-p", "0"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
talking.stdout.read(1)
begin = time.time()
talking.send_signal(signal.SIGINT)
talking.stdout.read()
if talking.wait() not in (130, -signal.SIGINT) or time.time() - begin > 5:
    wrong += 1
    print(f"Ctrl-C: exit code {talking.returncode} after {time.time() - begin:.1f} s")


def limited(megabytes):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


check("less memory than the caches need", run("-p", "Hello", "-n", "8000", preexec_fn=limited(220)), 1,
      "of memory for keys and values (--context makes it smaller)")
check("less memory than the weights need", run("-p", "Hello", preexec_fn=limited(60)), 1, "Cannot allocate memory")

size = os.path.getsize(program)
damaged = os.path.join(folder, "damaged")
for length in [size - 1, size - 100, size // 2, 3 << 20]:
    shutil.copy(program, damaged)
    os.truncate(damaged, length)
    check(f"cut to {length} bytes", run("-p", "Hello", command=damaged), 1, "compile it again")
shutil.copy(program, damaged)
subprocess.run([shutil.which("llvm-strip") or "strip", damaged], check=True)
check("stripped", run("-p", "Hello", command=damaged), 1, "compile it again")

print("all as expected" if not wrong else f"{wrong} wrong")
sys.exit(bool(wrong))
