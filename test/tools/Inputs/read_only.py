"""Writes to a folder that is read-only, in all the ways there are.

usage: read_only.py PACK PROGRAM FOLDER

Permissions do not stop root, so root goes on as somebody else.
"""
import os
import subprocess
import sys

pack, program, folder = sys.argv[1:]
closed = os.path.join(folder, "closed")
os.makedirs(closed, exist_ok=True)
os.chmod(closed, 0o555)
golden = os.path.join(pack, "golden.safetensors")
wrong = done = 0
# Of lit's own folder for such files nobody else can make use.
temporary = os.path.join(folder, "temporary")
os.makedirs(temporary, exist_ok=True)
os.chmod(temporary, 0o777)
os.environ["TMPDIR"] = temporary
nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []


def run(*command, **environment):
    return subprocess.run([*nobody, *command], capture_output=True, text=True, env={**os.environ, **environment})


def refuses(what, message, *command, **environment):
    global wrong, done
    process = run(*command, **environment)
    done += 1
    if process.returncode != 1 or message not in process.stderr or os.listdir(closed):
        wrong += 1
        print(f"{what}: exit code {process.returncode}, {process.stderr!r}, expected {message!r}; left {os.listdir(closed)}")


reason = None
try:
    probe = run("wc", "-c", golden, program)
    if probe.returncode != 0 or run("sinter", "--version").returncode != 0:
        reason = "another user cannot read this build: " + probe.stderr.strip()[:200]
    elif run("touch", os.path.join(closed, "file")).returncode == 0:
        reason = "permissions of folders do not count here"
        os.unlink(os.path.join(closed, "file"))
except OSError as error:
    reason = str(error)
if reason:
    print("not tried: " + reason)
    sys.exit()

denied = "error: cannot create: Permission denied"
into = os.path.join(closed, "out")
refuses("compile", into + ": " + denied, "sinter", "compile", pack, "-o", into, "--quiet")
refuses("compile to an external store", denied, "sinter", "compile", pack, "-o", into, "--quiet", "--store=external")
refuses("assembly", into + ": " + denied, "sinter", "compile", pack, "--emit=asm", "-o", into, "--quiet")
refuses("cache", closed, "sinter", "bench", pack, "--quiet", XDG_CACHE_HOME=closed)
refuses("temporary files", f"cannot create a temporary file in {closed}: Permission denied", "sinter", "compile", pack,
        "-o", os.path.join(temporary, "out"), "--quiet", TMPDIR=closed)
refuses("tensors", into + ": " + denied, program, "--input", golden, "--output", into)
refuses("profile", into + ": " + denied, program, "--bench", "2,2,1", "--profile=html:" + into)
print(f"{done} as expected" if not wrong else f"{wrong} of {done} wrong")
