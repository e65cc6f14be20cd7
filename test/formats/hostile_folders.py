"""Folders with wrong, missing and misleading files. Argument: a folder to
write to."""
import os
import shutil
import sys

from formatlib import *

check = Checker(sys.argv[1], "")
model = check.folder / "model"


def tensors(**shapes):
    header, end = {}, 0
    for name, count in shapes.items():
        header[name] = {"dtype": "F32", "shape": [count],
                        "data_offsets": [end, end + 4 * count]}
        end += 4 * count
    return safetensors(header, bytes(end))


def folder(**files):
    """A fresh folder; config.json is there unless it is None."""
    shutil.rmtree(model, ignore_errors=True)
    model.mkdir()
    for name, content in {"config": "{}", **files}.items():
        if content is None:
            continue
        path = model / (name.replace("__", ".") + (
            ".json" if isinstance(content, (str, dict)) else ".safetensors"))
        path.write_bytes(content if isinstance(content, bytes) else
                         (content if isinstance(content, str) else
                          json.dumps(content)).encode())


def index(**shards):
    return {"weight_map": shards}


INDEX = "model__safetensors__index"


def accepts(name, *arguments, **files):
    folder(**files)
    run = check.inspect(*(arguments or [model]))
    check.cases += 1
    if run.returncode != 0 or run.stderr:
        check.surprise(name, run)
    return run.stdout.decode()


def refuses(name, message, *arguments, place="", **files):
    folder(**files)
    check.expect_refusal(name, arguments or [model], message, model / place)


# Right ones.
assert '"a" f32[2] 8 bytes' in accepts("one file", model=tensors(a=2))
shards = {"s1": tensors(a=2), "s2": tensors(b=3, extra=1)}
both = index(a="s1.safetensors", b="s2.safetensors")
listing = accepts("shards", **shards, **{INDEX: both})
assert "3 tensors, 6 values" in listing, listing
assert '"hidden": 4' in accepts("config only", model, "--config-only",
                                config='{"hidden": 4}')
accepts("parts", model / "config.json", "--weights", model / "w.safetensors",
        w=tensors(a=1))
assert "hello" in accepts("side file", model, "--side", "tokenizer.json",
                          model=tensors(a=1), tokenizer='"hello"')

# Configuration.
refuses("no config", "expected config.json in this folder", config=None)
refuses("config not JSON", "config.json:1:1: error: invalid JSON", config="hm")
refuses("config cut", "config.json:2:7: error: invalid JSON",
        config='{"a": 1,\n "b": [')
refuses("config is a list", "expected a JSON object, found array", config="[]")
refuses("config twice", 'config.json:1:10: error: invalid JSON: key "a"',
        config='{"a":1,"a":2}')
refuses("config deep", "nested deeper than 64 levels",
        config='{"a":' + "[" * 100_000)
check.expect_refusal("missing", [model / "nowhere"], "cannot open",
                     model / "nowhere")
check.expect_refusal("other file", [sys.argv[0]], "expected a folder with",
                     sys.argv[0])
os.mkfifo(check.folder / "fifo") if not (check.folder / "fifo").exists() else 0
check.expect_refusal("FIFO", [check.folder / "fifo"], "a special file",
                     check.folder / "fifo")

# Weights.
refuses("no weights", "expected model.safetensors or")
refuses("weights missing", "cannot open", model, "--weights",
        model / "w.safetensors")
torn = tensors(a=2)
refuses("weights cut", "ends at byte 8 of the data, but the file has 7 bytes",
        model=torn[:-1])

# Shards.
refuses("no map", 'expected "weight_map"', **{INDEX: {}})
refuses("empty map", 'expected "weight_map"', **{INDEX: index()})
refuses("no name", 'expected a file name for "a"', **{INDEX: index(a=1)})
for name in ("", ".", "..", "../s1.safetensors", "/etc/passwd", "a\0b"):
    refuses("path", "the name of a file beside the index", **shards,
            **{INDEX: index(a=name)})
refuses("shard missing", "s3.safetensors: error: cannot open", **shards,
        **{INDEX: index(a="s3.safetensors")})
refuses("tensor missing", 'has tensor "c" in "s1.safetensors", but', **shards,
        **{INDEX: index(a="s1.safetensors", c="s1.safetensors")})
refuses("other shard", 'has tensor "a" in "s2.safetensors", but', **shards,
        **{INDEX: index(a="s2.safetensors", b="s1.safetensors")})
refuses("in both", 'tensor "a" is in "s1.safetensors" too',
        s1=tensors(a=1), s2=tensors(a=1),
        **{INDEX: index(a="s1.safetensors", b="s2.safetensors")})
check.finish()
