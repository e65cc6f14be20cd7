#!/usr/bin/env python3
"""Writes the seeds in fuzz/corpus: small right files with every feature. Run by
hand when a format gains one."""
import json
import pathlib
import struct
import sys

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

# Adapters: what tensors are stands behind the settings (InputFolder.h).
def described(first, tensors):
    return first.encode() + b"\0" + json.dumps(tensors).encode()


lora = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "fan_in_fan_out": False}
pair = lambda name, a, b: {f"base_model.model.{name}.lora_A.weight": a, f"base_model.model.{name}.lora_B.weight": b}
seed("FuzzAdapter", "lora", described(json.dumps(lora), pair("l.q", ["F32", 2, 3], ["F16", 4, 2])))
seed("FuzzAdapter", "turned", described(json.dumps(lora | {"fan_in_fan_out": True, "use_rslora": True}),
                                        pair("q", ["BF16", 2, 3], ["F64", 4, 2]) | pair("k", ["F32", 2, 1], ["F32", 1, 2])))
prompt = {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 3}
linear = lambda name, out, inner: {f"{name}.weight": ["F32", out, inner], f"{name}.bias": ["F32", out]}
seed("FuzzAdapter", "prompt", described(json.dumps(prompt), {"prompt_embeddings": ["F32", 3, 4]}))
seed("FuzzAdapter", "network", described(
    json.dumps(prompt | {"peft_type": "PREFIX_TUNING", "num_layers": 2}),
    {"x.embedding.weight": ["F32", 3, 4]} | linear("x.transform.0", 2, 4) | linear("x.transform.2", 8, 2)))
seed("FuzzAdapter", "empty-rows", described(
    json.dumps(prompt), {"prompt_embeddings": ["F32", 3, 0]} | linear("mlp_head.0", 2, 0)))

# Weight rules: each way to find tensors, each step.
rules = """config:
  width: { hf: hidden_size }
  kind: { hf: kind }
weights:
  plain: { hf: "[model.]l.{i}.w", gguf: w }
  named: ["{kind}.w", q]
  rows: { concat: [q, q] }
  columns: { beside: [q, q] }
  experts: { stack: ["e.{e}.w"], transpose: true }
  sum: { sum: [q, p] }
  product: { product: [q, p] }
  part: { name: q, split: { sizes: [1, 1], take: 1, groups: 2 } }
  turned: { name: q, reorder: { groups: 2, dims: 2, from: halves } }
  some: { name: q, rows: { from: 1, count: 2 }, columns: { from: 1, count: width - 2 }, repeat: 2 }
  gain: { name: n, apply: exp, times: 2, plus: -1 }
  unstacked: { name: q, unstack: 2, flatten: true }
  again: { name: q, reshape: true, normalize_rows: true }
  one: { name: s }
  filled: { fill: width / 2 }
  blocks: { name: b, scales: x }
ignored: ["[model.]left.*", { name: copy, copy_of: named, when: width == 4 }]
ask:
"""
shapes = {"plain": [4, 4], "named": [4, 4], "rows": [8, 4], "columns": [4, 8], "experts": [2, 4, 3], "sum": [4, 4],
          "product": [4, 4], "part": [2, 4], "turned": [4, 4], "some": [4, 2], "unstacked": [2, 8], "again": [2, 8],
          "filled": [2, 2], "blocks": [2, 64]}
asked = "".join(f"  - {{ name: {name}, shape: {shape}, layer: 0 }}\n" for name, shape in shapes.items())
asked += "  - { name: gain, shape: [4], role: gain }\n  - { name: one, shape: [4], role: gain }\n"
square = ["F32", 4, 4]
stored = {"model.l.0.w": ["BF16", 4, 4], "b.w": square, "q": square, "p": square, "n": ["F16", 4], "s": ["F32"],
          "e.0.w": ["F32", 3, 4], "e.1.w": ["F32", 3, 4], "b": ["U8", 2, 2, 16], "x": ["U8", 2, 2], "left.a": ["I32", 1],
          "copy": square}
seed("FuzzWeights", "rules", described(rules + asked, stored))
for name, shape in shapes.items():
    seed("FuzzWeights", name, described(rules + f"  - {{ name: {name}, shape: {shape}, layer: 0 }}\n", stored))
seed("FuzzWeights", "no-inner", described(
    "weights: { w: { product: [a, b] } }\nask: [{ name: w, shape: [2, 3] }]\n", {"a": ["F32", 2, 0], "b": ["F32", 0, 3]}))

# Programs: a byte of what is wrong, two tables of contents, what comes before.
table = lambda sections, **more: json.dumps({"id": "a", "sections": [
    {"name": name, "offset": at, "bytes": count} for name, at, count in sections]} | more).encode()
page = b"\x7fELF" + bytes(4092)
seed("FuzzTrailer", "inside", b"\0" + table([("weights", 4096, 8), ("tokenizer", 0, 4096)]) + b"\0\0" + page + bytes(8))
seed("FuzzTrailer", "outside", b"\0" + table([], external=[{"name": "weights", "bytes": 16}]) + b"\0" +
     table([("weights", 0, 16)]) + b"\0" + page)
seed("FuzzTrailer", "no-object", b"\0[]\0{}\0")
for bit in range(5):
    seed("FuzzTrailer", f"wrong{bit}", bytes([1 << bit]) + b"{}\0{}\0" + struct.pack("<5Q", 1, 1, 4096, 4096, 4096))

# Tokenizers in GGUF's terms: every kind of model, every key.
def tokenizer(model, tokens, *more):
    key = lambda name, kind, content: entry("tokenizer.ggml." + name, kind, content)
    strings = lambda name, elements: key(name, ARRAY, (STRING, elements))
    entries = [entry("general.architecture", STRING, "a"), entry("general.name", STRING, "n"),
               key("model", STRING, model), strings("tokens", tokens)]
    for name, content in more:
        if isinstance(content, list):
            kind = STRING if isinstance(content[0], str) else F32 if isinstance(content[0], float) else I32
            entries.append(key(name, ARRAY, (kind, content)))
        else:
            kind = STRING if isinstance(content, str) else BOOL if isinstance(content, bool) else U32
            entries.append(key(name, kind, content))
    return gguf(entries, [])


seed("FuzzGgufTokenizer", "pairs", tokenizer(
    "g", ["a", "b", "ab", "\u0120", "<s>", "</s>"], ("pre", "r"), ("merges", ["a b"]), ("token_type", [1, 1, 1, 1, 3, 3]),
    ("bos_token_id", 4), ("eos_token_id", 5), ("add_bos_token", True), ("add_eos_token", True)))
seed("FuzzGgufTokenizer", "scored", tokenizer(
    "l", ["<unk>", "<s>", "</s>", "<0x61>", "\u2581", "a", "\u2581a"], ("scores", [0.0] * 3 + [-1.0, -2.0, -3.0, -1.5]),
    ("token_type", [2, 3, 3, 6, 1, 1, 1]), ("add_space_prefix", True), ("remove_extra_whitespaces", True)))
seed("FuzzGgufTokenizer", "unigram", tokenizer(
    "t", ["<unk>", "</s>", "\u2581", "a", "\u2581ab", "b"], ("scores", [0.0, 0.0, -1.5, -2.0, -0.5, -3.0]),
    ("unknown_token_id", 0), ("eos_token_id", 1), ("precompiled_charsmap", [4, 0, 0, 0, 1, 2, 3, 4, 97])))
seed("FuzzGgufTokenizer", "words", tokenizer(
    "b", ["[UNK]", "[CLS]", "[SEP]", "\u2581a", "b", "\u2581x"], ("token_type", [2, 3, 3, 1, 1, 1]), ("cls_token_id", 1),
    ("seperator_token_id", 2), ("padding_token_id", 0)))
seed("FuzzTables", "text", b"\0Some text, na\xc3\xafve 2024\n \xff")
