#!/usr/bin/env python3
"""Writes the seeds in fuzz/corpus: small right files with every feature. Run by
hand when a format gains one."""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent / "test" / "formats"))
from formatlib import *


def seed(fuzzer, name, content):
    path = here / "corpus" / fuzzer / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


SCALARS = [(U8, 255), (I8, -1), (U16, 7), (I16, -7), (U32, 8), (I32, -8),
           (F32, 0.5), (BOOL, 1), (STRING, "text"), (U64, 2**64 - 1),
           (I64, -1), (F64, 0.1)]
scalars = [entry(f"k{kind}", kind, content) for kind, content in SCALARS]
arrays = [entry(f"a{kind}", ARRAY, (kind, [content] * 3))
          for kind, content in SCALARS]
nested = [entry("n", ARRAY, (ARRAY, [(U8, [1]), (ARRAY, [(STRING, ["x"])])]))]
seed("FuzzGguf", "empty", gguf([], []))
seed("FuzzGguf", "scalars", gguf(scalars, []))
seed("FuzzGguf", "arrays", gguf(arrays + nested, [], version=2))
kinds = [(0, 1, 4), (1, 1, 2), (2, 32, 18), (3, 32, 20), (6, 32, 22),
         (7, 32, 24), (8, 32, 34), (10, 256, 84), (11, 256, 110), (12, 256, 144), (13, 256, 176),
         (14, 256, 210), (24, 1, 1), (28, 1, 8), (30, 1, 2), (39, 32, 17)]
for kind, width, size in kinds:
    seed("FuzzGguf", f"tensor{kind}", gguf(
        [entry("general.alignment", U32, 8)],
        [tensor("a", [width, 2], kind, 0)], bytes(range(size)) * 2, align=8))

item = lambda dtype, shape, begin, end: {
    "dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
seed("FuzzSafetensors", "empty", safetensors({}))
seed("FuzzSafetensors", "types", safetensors({
    "__metadata__": {"format": "pt"},
    "a": item("F32", [1, 2], 0, 8), "b": item("BF16", [], 8, 10),
    "c": item("I64", [0], 10, 10), "d": item("BOOL", [2], 10, 12),
    "e": item("F64", [1], 12, 20)}, bytes(range(20))))

seed("FuzzJson", "config", '{"a": [1, -2.5e3, true, null, "\\u00e9\\ud83d\\ude00"],'
     ' "b": {"c": {}, "d": []}, "e": 18446744073709551615}')
seed("FuzzJson", "scalar", "1e-5")

for template in sorted((here.parent / "test" / "chat" / "templates").glob("*.jinja")):
    seed("FuzzChatTemplate", template.stem, template.read_bytes())

texts = here.parent / "test" / "text" / "Inputs"
for kind, name in enumerate(["removed/tokenizer.json", "model-unigram/tokenizer.model", "ranks/qwen.tiktoken"]):
    seed("FuzzTokenizer", name.split("/")[0], bytes([kind]) + (texts / name).read_bytes())
small = {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "<s>": 3}, "merges": ["a b"]},
         "added_tokens": [{"id": 3, "content": "<s>", "special": True}],
         "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\\\w+|\\\\s(?!x)"}, "behavior": "Isolated"},
         "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]},
         "decoder": {"type": "Fuse"}}
seed("FuzzTokenizer", "small", b"\0" + json.dumps(small).encode())

config = json.dumps({"hidden_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2, "rope_scaling": None}).encode()
for spec in sorted((here.parent / "models").glob("*.yaml")):
    if spec.name != "tokenizers.yaml" and spec.stem in ("llama", "t5", "chatglm"):
        seed("FuzzSpec", spec.stem, spec.read_bytes() + b"\0" + config)

ids = lambda name, shape, begin, count: {name: {
    "dtype": "I32", "shape": shape, "data_offsets": [begin, begin + 4 * count]}}
seed("FuzzInput", "ids", safetensors(ids("input_ids", [2, 3], 0, 6), struct.pack("<6i", *range(6))))
seed("FuzzInput", "all", safetensors(
    ids("input_ids", [1, 4], 0, 4) | ids("position_ids", [1, 4], 16, 4) | ids("prefix_length", [1], 32, 1)
    | ids("attention_mask", [1, 4], 36, 4), struct.pack("<13i", 1, 2, 3, 4, 0, 1, 2, 3, 2, 0, 1, 1, 1)))

# Tables, by the tool that makes them, if it has been built.
tool = here.parent / "build" / "bin" / "sinter-tokenize"
for name in ["model-unigram"] if tool.exists() else []:
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run([tool, texts / name, "--save", file.name], check=True)
        seed("FuzzTables", name, open(file.name, "rb").read() + b"some text\x0a")
