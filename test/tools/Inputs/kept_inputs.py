"""Names inputs of every command as its outputs: each must be refused, with the file's name, and leave all files alone.
usage: kept_inputs.py PACK FOLDER"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

pack, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
here = pathlib.Path(__file__).resolve().parent
os.chdir(folder)
os.environ["XDG_CACHE_HOME"] = str(folder / "cache")


def run(command, expected=0):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == expected, (command, done.returncode, done.stderr)
    return done.stderr


def state():
    """Contents of what must stay as it is."""
    return {path: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink() and "cache" not in path.parts}


# A GGUF file, a folder, and its parts, with links to them.
run([sys.executable, here.parents[1] / "spec/pack_to_gguf.py", pack, "m.gguf"])
os.mkdir("tiny")
shutil.copy(pack / "config_v4.json", "tiny/config.json")
shutil.copy(pack / "model.safetensors", "tiny/model.safetensors")
pathlib.Path("tiny/tokenizer_config.json").write_text("{}")
pathlib.Path("tiny/chat_template.jinja").write_text("{{ messages }}")
os.mkdir("tiny/1_Pooling")
pathlib.Path("tiny/1_Pooling/config.json").write_text("{}")
shutil.copytree(here.parents[1] / "text/Inputs/words", "words")
os.link("words/tokenizer.json", "hard-words")
shutil.copy(pack / "golden.safetensors", "in.safetensors")
shutil.copy(os.path.join(os.environ["SINTER_MODELS"], "llama.yaml"), "own.yaml")
pathlib.Path("text").write_text("text")
os.symlink("m.gguf", "symbolic")
os.symlink("symbolic", "twice")
os.link("m.gguf", "hard")
os.link("tiny/model.safetensors", "p.weights")
run(["sinter", "compile", "tiny", "-o", "program", "--quiet"])
run(["sinter", "compile", "tiny", "-o", "apart", "--store=external", "--quiet"])
run(["sinter", "compile", "tiny", "--emit=mlir", "-o", "ir.mlir", "--quiet"])

before = state()
parts = ["--config", "tiny/config.json", "--weights", "tiny/model.safetensors", "--spec", "own.yaml"]
compile_, interpret = ["sinter", "compile"], ["sinter", "interpret"]
cases = [
    [*compile_, "m.gguf", "-o", "m.gguf"],
    [*compile_, "m.gguf", "-o", "./m.gguf"],
    [*compile_, "m.gguf", "-o", "symbolic"],
    [*compile_, "symbolic", "-o", "m.gguf"],
    [*compile_, "m.gguf", "-o", "twice"],
    [*compile_, "m.gguf", "-o", "hard"],
    [*compile_, "tiny", "-o", "tiny/config.json"],
    [*compile_, "tiny/", "-o", "tiny/model.safetensors"],
    [*compile_, "tiny", "-o", "tiny/tokenizer_config.json"],
    [*compile_, "tiny", "-o", "tiny/chat_template.jinja"],
    [*compile_, "tiny", "-o", "tiny/1_Pooling/config.json"],
    [*compile_, "tiny", "--emit=mlir", "-o", "tiny/tokenizer_config.json"],
    [*compile_, "tiny", "--emit=asm", "-o", "tiny/config.json"],
    [*compile_, "tiny", "--emit=obj", "-o", "p.weights"],
    [*compile_, "tiny", "-o", "p", "--store=external"],  # would write p.weights
    [*compile_, *parts, "-o", "tiny/config.json"],
    [*compile_, *parts, "-o", "p.weights"],
    [*compile_, *parts, "-o", "own.yaml"],
    [*compile_, *parts, "-o", "tiny/tokenizer_config.json"],
    [*compile_, "ir.mlir", "--emit=mlir", "-o", "ir.mlir"],
    [*compile_, "ir.mlir", "-o", "tiny/config.json"],
    [*compile_, "m.gguf", "-o", os.path.join(os.environ["SINTER_MODELS"], "tokenizers.yaml")],
    [*interpret, "tiny", "--input", "in.safetensors", "--output", "in.safetensors"],
    [*interpret, "tiny", "--input", "in.safetensors", "--output", "tiny/model.safetensors"],
    [*interpret, "tiny", "--input", "in.safetensors", "--output", "out", "--values", "in.safetensors"],
    ["./program", "--input", "in.safetensors", "--output", "in.safetensors"],
    ["./program", "--input", "in.safetensors", "--output", "program"],
    ["./program", "--input", "in.safetensors", "--output", "out", "--profile=json:in.safetensors"],
    ["./program", "--input", "in.safetensors", "--output", "out", "--profile=html:program"],
    ["./apart", "--input", "in.safetensors", "--output", "apart.weights"],
    ["./program", "--perplexity", "text", "--profile=trace:text"],
    ["./program", "-f", "text", "--profile=html:text"],
    ["sinter-tokenize", "words", "--save", "words/tokenizer.json"],
    ["sinter-tokenize", "words", "--save", "hard-words"],
    ["sinter-tokenize", "words", "--save", os.path.join(os.environ["SINTER_MODELS"], "tokenizers.yaml")],
]
for case in cases:
    said = run(case, expected=1)
    assert "cannot write: it is what is read" in said and "error: error" not in said, (case, said)
    assert state() == before, (case, "changed a file")
run([*interpret, "tiny", "--input", "in.safetensors", "--output", "out", "--values", "out"], expected=2)
run(["./program", "--input", "in.safetensors", "--output", "out", "--profile=json:out"], expected=1)
assert state() == before

# What was written before is written again, in the folder of the model too.
for _ in range(2):
    run([*compile_, "tiny", "-o", "tiny/program", "--quiet"])
    run([*interpret, "tiny", "--input", "in.safetensors", "--output", "tiny/out.safetensors"])
print("all inputs are as they were")
