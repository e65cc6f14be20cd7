"""Which programs the cache holds after commands that ask for the same one or another.
usage: cache_keys.py PACK FOLDER"""
import os
import pathlib
import shutil
import subprocess
import sys
import time

pack, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
shutil.rmtree(folder)
folder.mkdir()
os.environ["XDG_CACHE_HOME"] = str(folder)
os.environ["SINTER_MODELS"] = str(shutil.copytree(os.environ["SINTER_MODELS"], folder / "specs"))
cache = folder / "sinter"
model = folder / "model"
model.mkdir()
shutil.copy(pack / "config_v4.json", model / "config.json")
shutil.copy(pack / "model.safetensors", model / "model.safetensors")


def sinter(*words, code=0):
    run = subprocess.run(["sinter", *map(str, words)], capture_output=True, text=True)
    assert run.returncode == code, (words, run.stderr)
    return run.stderr


def programs():
    return {path.name for path in cache.iterdir() if path.is_file()} if cache.exists() else set()


def bench(*words, new):
    before = programs()
    said = sinter("bench", model, "-p", "2", "-n", "1", "--rounds", "1", *words)
    assert len(programs() - before) == new, (words, new, programs() - before)
    assert ("compiling into" in said) == bool(new) or "--quiet" in words, said


bench(new=1)
for words in [(), ("--quiet",), ("--time",), ("-p", "3"), ("-n", "2"), ("--rounds", "2"), ("-t", "1"), ("--json",),
              ("--features=native",)]:
    bench(*words, new=0)
for words in [("--max-context=64",), ("--set", "theta=5000"), ("--activations=float",), ("--cache=f16",), ("--features=baseline",),
              ("--quant=q8_0",), ("--random-weights", "1")]:
    bench(*words, new=1)

# The same files elsewhere are the same model; other contents another one, whatever the time says.
weights = model / "model.safetensors"
old = weights.stat()
shutil.copy(weights, folder / "copy")
os.replace(folder / "copy", weights)
bench(new=0)
content = bytearray(weights.read_bytes())
content[-1] ^= 1
weights.write_bytes(content)
os.utime(weights, ns=(old.st_atime_ns, old.st_mtime_ns))
bench(new=1)
spec = folder / "specs" / "llama.yaml"
spec.write_text(spec.read_text() + "# changed\n")
bench(new=1)
(model / "tokenizer_config.json").write_text("{}")
bench(new=1)

# Of large files hashes are kept; sinter itself is one.
time.sleep(4)
bench(new=0)
hashes = list((cache / "hashes").iterdir())
assert hashes, "no hash was kept"
for path in hashes:
    path.write_text("0123456789ABCDEF")  # what is kept is used
bench(new=1)

sinter("cache", "rm", "modl", code=1)
assert "did you mean 'model'?" in sinter("cache", "rm", "modl", code=1)
sinter("cache", "rm", code=2)
one = sorted(programs())[0]
sinter("cache", "rm", one)
assert one not in programs() and programs()
sinter("cache", "rm", "model")
assert not programs() and (cache / "hashes").exists()
sinter("cache", "clear")
assert not (cache / "hashes").exists()
print("all keys as expected")
