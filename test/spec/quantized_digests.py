#!/usr/bin/env python3
"""Prints the digest of every matrix of a pack of the llama family after the gguf
package, which is bit equal to ggml's reference, has quantized it. Its output is
Inputs/quantized-digests.txt; run by hand: quantized_digests.py PACK; needs gguf,
numpy and xxhash from PyPI.
"""
import json
import pathlib
import struct
import sys

import gguf
import numpy as np
import xxhash
from gguf import GGMLQuantizationType as Type

SYMBOLS = {
    "self_attn.q_proj": "attention.q", "self_attn.k_proj": "attention.k",
    "self_attn.v_proj": "attention.v", "self_attn.o_proj": "attention.o",
    "mlp.gate_proj": "ffn.gate", "mlp.up_proj": "ffn.up",
    "mlp.down_proj": "ffn.down",
}


def symbol_of(name):
    if name == "model.embed_tokens.weight":
        return "embed"
    if name == "lm_head.weight":
        return "head"
    _, _, layer, rest = name.removesuffix(".weight").split(".", 3)
    return f"layer.{SYMBOLS[rest]}[{layer}]"


raw = (pathlib.Path(sys.argv[1]) / "model.safetensors").read_bytes()
length = struct.unpack("<Q", raw[:8])[0]
header, body = json.loads(raw[8:8 + length]), raw[8 + length:]
for kind in ["q8_0", "q4_0", "q4_1"]:
    for name, info in sorted(header.items()):
        if name == "__metadata__" or len(info["shape"]) != 2:
            continue
        begin, end = info["data_offsets"]
        values = np.frombuffer(body[begin:end], np.float32).reshape(info["shape"])
        stored = gguf.quants.quantize(values, Type[kind.upper()]).tobytes()
        shape = "x".join(map(str, info["shape"]))
        print(symbol_of(name), kind, shape, xxhash.xxh3_64(stored).hexdigest())
