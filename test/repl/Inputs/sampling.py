"""What a checkpoint says of choosing tokens, as the manifest has it and as programs do it.

usage: sampling.py MODEL.gguf FOLDER   (FOLDER: the model of words.py; generation_config.json is written there)
"""
import json
import pathlib
import re
import subprocess
import sys

gguf, folder = map(pathlib.Path, sys.argv[1:])
wrong = 0


def check(what, found, expected=True):
    global wrong
    if found != expected:
        wrong += 1
        print(f"{what}: expected {expected!r}, found {found!r}")


def imported(model):
    """The manifest's `sampling`, and what was said."""
    process = subprocess.run(["sinter-import", model], capture_output=True, text=True)
    found = re.search(r"sampling = \{([^}]*)\}", process.stdout)
    pairs = re.findall(r"(\w+) = ([-0-9.eE+]+)", found[1]) if found else []
    return {key: round(float(value), 6) for key, value in pairs}, process.stderr


def says(settings, expected, warning=""):
    (folder / "generation_config.json").write_text(json.dumps(settings))
    found, said = imported(folder)
    check(settings, found, expected)
    check(f"{settings}: {said}", warning in said)


says({}, {})
says({"eos_token_id": 2, "temperature": 1.0, "top_p": 1.0, "top_k": 50}, {})
says({"do_sample": True}, {"temperature": 1, "top_k": 50})
says({"do_sample": True, "temperature": 0.6, "top_p": 0.9, "top_k": 20, "min_p": 0.1, "max_new_tokens": 7},
     {"temperature": 0.6, "top_p": 0.9, "top_k": 20, "min_p": 0.1, "max_new_tokens": 7})
says({"do_sample": False, "temperature": 0.6, "top_k": 20, "repetition_penalty": 1.1},
     {"repetition_penalty": 1.1, "penalty_tokens": 0})
says({"temperature": 0.3, "top_k": None}, {"temperature": 0.3, "top_k": 50})
says({"do_sample": True, "top_k": -1, "temperature": 1}, {"temperature": 1, "top_k": 0})
says({"do_sample": True, "top_p": 3}, {"temperature": 1, "top_k": 50},
     "generation_config.json: top_p is 3, expected a number from 0 to 1; it does not count")
says({"temperature": -1, "repetition_penalty": 0, "top_k": 2.5, "min_p": "1"}, {}, "top_k is 2.5, expected an integer")
says({"num_beams": 4, "no_repeat_ngram_size": 3, "num_return_sequences": 1}, {},
     "programs choose tokens without num_beams, no_repeat_ngram_size")

data = gguf.read_bytes()


def gguf_says(values, expected):
    """A GGUF file with further numbers among its keys."""
    import struct
    entries = b""
    for key, value in values.items():
        name = f"general.sampling.{key}".encode()
        entries += struct.pack("<Q", len(name)) + name
        entries += struct.pack("<If", 6, value) if isinstance(value, float) else struct.pack("<Ii", 5, value)
    entries += struct.pack("<Q", 12) + b"test.padding" + struct.pack("<I", 8)
    entries += struct.pack("<Q", -(len(entries) + 8) % 32) + bytes(-(len(entries) + 8) % 32)
    keys = struct.unpack_from("<Q", data, 16)[0] + len(values) + 1
    path = folder / "changed.gguf"
    path.write_bytes(data[:16] + struct.pack("<Q", keys) + entries + data[24:])
    check(f"GGUF {values}", imported(path)[0], expected)


gguf_says({}, {})
gguf_says({"temp": 0.5, "top_k": 20, "top_p": 0.75}, {"temperature": 0.5, "top_k": 20, "top_p": 0.75})
gguf_says({"min_p": 0.25}, {"temperature": 0.8, "min_p": 0.25})
gguf_says({"penalty_repeat": 1.5, "penalty_last_n": -1}, {"repetition_penalty": 1.5, "penalty_tokens": 0})
gguf_says({"penalty_repeat": 1.5, "penalty_last_n": 32}, {"repetition_penalty": 1.5, "penalty_tokens": 32})
gguf_says({"penalty_repeat": 1.5, "penalty_last_n": 0}, {})

(folder / "generation_config.json").write_text(json.dumps(
    {"do_sample": True, "temperature": 5.0, "top_k": 100, "max_new_tokens": 12}))
program = folder / "program"
subprocess.run(["sinter", "compile", folder, "-o", program, "--quiet"], check=True)


def run(*arguments):
    process = subprocess.run([program, "-p", "w5 w6", "--json-lines", *arguments], capture_output=True, text=True)
    return json.loads(process.stdout), process.stderr


first, said = run("--stats")
check("chance", run()[0]["text"] != first["text"])
check("--stats shows it", f"temperature 5, top-k 100, seed {first['seed']}" in said)
check("the same seed", run("--seed", str(first["seed"]))[0]["text"], first["text"])
check("max_new_tokens", first["completion_tokens"], 12)
likeliest = run("--temp", "0", "-n", "15")[0]
check("the user's wish", (likeliest["completion_tokens"], "seed" in likeliest), (15, False))
check("one candidate", run("--top-k", "1", "-n", "15")[0]["text"], likeliest["text"])
for wish in (["--temp", "nan"], ["--temp", "-1"], ["--top-p", "1.1"], ["--min-p", "-0.1"], ["--top-k", "-1"],
             ["--top-k", "x"], ["--repeat-penalty", "0"], ["--repeat-penalty", "inf"], ["--seed", "-1"]):
    check(wish, subprocess.run([program, "-p", "x", *wish], capture_output=True).returncode, 2)
print("all as expected" if not wrong else f"{wrong} wrong")
sys.exit(bool(wrong))
