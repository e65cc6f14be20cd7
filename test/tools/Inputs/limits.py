"""Compiles under limits, and on disks that are full where a mount namespace can be had.
usage: limits.py PACK FOLDER"""
import os
import pathlib
import resource
import subprocess
import sys

pack, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
scratch = folder / "tmp"
scratch.mkdir(exist_ok=True)
environment = dict(os.environ, TMPDIR=str(scratch))
program, output = folder / "program", folder / "out"


# The code of the system's loader where it finds no memory for libraries.
loader = 127


def check(command, words, limit=None, fails=True):
    """What a command says that meets a limit; it may not meet it at all where `fails` is false."""
    def limited():
        if limit:
            resource.setrlimit(limit[0], (limit[1], limit[1]))
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limited, env=environment)
    what = (command, limit, done.returncode, done.stderr)
    assert done.returncode == 1 or (not fails and done.returncode in (0, loader)), what
    if done.returncode == 1:
        assert any(word in done.stderr for word in words), what
        assert "bug" not in done.stderr and "no spec" not in done.stderr and "LLVM ERROR" not in done.stderr, what
        assert "error: error" not in done.stderr, what
    assert not list(scratch.iterdir()), (what, list(scratch.iterdir()))
    left = [path.name for path in folder.iterdir() if ".tmp" in path.name]
    assert not left, (what, left)


compile_ = ["sinter", "compile", str(pack), "-o", str(program), "--features=baseline", "--quiet"]
memory, file, files = resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE
check(compile_, [], fails=False)
assert program.exists()

for bytes_ in (4096, 100_000, 1_000_000):
    check(compile_, ["File too large"], (file, bytes_))
for count in (4, 5, 6, 8):
    check(compile_, ["Too many open files"], (files, count), fails=count < 5)
# Less than it takes to start says the system's loader.
for mebibytes in (50, 300, 320, 350, 360, 380, 400, 420, 460, 550, 1000):
    check(compile_, ["out of memory: "], (memory, mebibytes << 20), fails=False)
for kibibytes in (64, 1024):
    check(compile_, [], (resource.RLIMIT_STACK, kibibytes << 10), fails=False)

tensors = [str(program), "--input", str(pack / "golden.safetensors"), "--output", str(output)]
check(tensors, ["File too large"], (file, 100))
check(tensors, ["Too many open files"], (files, 3), fails=False)
for mebibytes in (16, 32, 64):
    check(tensors, ["memory", "temporarily unavailable"], (memory, mebibytes << 20), fails=False)

# Full disks: a small file system for $TMPDIR, or for the program.
disk = folder / "disk"
disk.mkdir(exist_ok=True)
unshare = ["unshare", "--mount"] + (["--user", "--map-root-user"] if os.geteuid() else [])
mounted = unshare + ["sh", "-c", 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && "$@"; code=$?; '
                                 'ls -A "$DISK" | grep -v filler >&2; exit $code', "sh"]
if subprocess.run(mounted + ["64k", str(disk), "true"], capture_output=True, env=environment).returncode == 0:
    for size in ("64k", "512k", "1m", "2m", "3m"):
        for place in ("TMPDIR", "output"):
            inside = dict(environment, DISK=str(disk))
            target = program
            if place == "TMPDIR":
                inside["TMPDIR"] = str(disk)
            else:
                target = disk / "program"
            command = [str(target) if word == str(program) else word for word in compile_]
            done = subprocess.run(mounted + [size, str(disk), *command], capture_output=True, text=True, env=inside)
            what = (size, place, done.returncode, done.stderr)
            assert done.returncode in (0, 1), what
            if done.returncode:
                assert "No space left on device" in done.stderr and "bug" not in done.stderr, what
                assert len(done.stderr.splitlines()) == 1, what  # with what is left over there are more
            assert done.returncode or size not in (("64k",) if place == "TMPDIR" else ("64k", "512k")), what
    # What a program says goes to a file that cannot grow.
    inside = dict(environment, DISK=str(disk), TMPDIR=str(disk))
    bench = ["sh", "-c", 'head -c 100000 /dev/zero >"$DISK/filler"; sinter bench "$1" -p 8 -n 4', "sh", str(program)]
    done = subprocess.run(mounted + ["64k", str(disk), *bench], capture_output=True, text=True, env=inside)
    assert done.returncode == 1 and f"{disk}/sinter-" in done.stderr and "No space left on device" in done.stderr, done
else:
    print("no mount namespaces here: full disks are not tried")
print("all limits are named")
