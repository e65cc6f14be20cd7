#!/usr/bin/env python3
"""Writes Inputs/quantization.safetensors: what the gguf package, which is bit
equal to ggml's reference, makes of given bits. Run by hand when a type is
added: python3 make_quantization.py; needs numpy and gguf from PyPI.

For each type T, "T.stored" (bytes) dequantizes to "T.values" (f32); for types
that we also write, "T.input" (f32) quantizes to "T.quantized" (bytes).
"""
import json
import pathlib
import struct

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

rng = np.random.default_rng(20240607)
BLOCKS = 24

# Bytes before each f16 of a block, so that random blocks get sensible scales.
SCALES = {
    "q8_0": [0], "q4_0": [0], "q4_1": [0, 2], "q5_0": [0], "q5_1": [0, 2],
    "q2_k": [80, 82], "q3_k": [108], "q4_k": [0, 2], "q5_k": [0, 2],
    "q6_k": [208],
}
WRITTEN = ["q8_0", "q4_0", "q4_1", "bf16", "f16"]
HALVES = np.array([0.0, -0.0, 6e-8, -3e-5, 0.007, -0.013, 1.0, 65504.0],
                  dtype=np.float16)


def stored_blocks(name):
    size, bytes_ = gguf.GGML_QUANT_SIZES[Type[name.upper()]]
    blocks = rng.integers(0, 256, (BLOCKS if size == 32 else 6, bytes_),
                          dtype=np.uint8)
    for at in SCALES[name]:
        halves = rng.normal(0, 0.02, len(blocks)).astype(np.float16)
        halves[:len(HALVES)] = HALVES[:len(blocks)]
        blocks[:, at:at + 2] = rng.permutation(halves).view(np.uint8).reshape(-1, 2)
    return blocks


def inputs():
    """Ordinary weights, then blocks that hit the corners of the algorithms."""
    values = rng.normal(0, 0.03, (BLOCKS, 32)).astype(np.float32)
    values[0] = 0
    values[1] = -0.0
    values[2] = 0.25
    values[3] = np.arange(32) - 16
    values[4] = np.where(np.arange(32) % 2, -1, 1)      # equal magnitudes
    values[5] = np.arange(32) * 0.5 * 127 / 15.5 - 31   # ties when rounding
    values[6] *= 1e-6                                   # subnormal f16 scale
    values[7] *= 1e4
    values[8, 1:] = 0                                   # one value, positive
    values[9, :31] = 0                                  # one, at the end
    values[9, 31] = -3.5
    values[10] = rng.integers(-254, 255, 32) / 2
    values[10, 5] = 127                                 # exact halves, d = 1
    return values


def main():
    tensors = {}
    for name in SCALES:
        stored = stored_blocks(name)
        tensors[name + ".stored"] = stored
        tensors[name + ".values"] = gguf.quants.dequantize(
            stored, Type[name.upper()]).reshape(-1)
    for name in WRITTEN:
        values = inputs()
        if name in ("bf16", "f16"):
            # Every exponent, random mantissas, no infinities of our making.
            bits = rng.integers(0, 2**32, values.shape, dtype=np.uint32)
            values = bits.view(np.float32)
            values[~np.isfinite(values)] = 1 / 3
        with np.errstate(over="ignore"):
            stored = gguf.quants.quantize(values, Type[name.upper()])
        tensors[name + ".input"] = values.reshape(-1)
        tensors[name + ".quantized"] = stored.view(np.uint8).reshape(-1)

    # Its scale is a byte, and every one is right.
    own = np.random.default_rng(39)
    stored = own.integers(0, 256, (256 // 8, 17), dtype=np.uint8)
    stored[:, 0] = np.arange(0, 256, 8) + 3
    stored[:3, 0] = 0, 1, 255
    tensors["mxfp4.stored"] = stored
    with np.errstate(over="ignore"):
        tensors["mxfp4.values"] = gguf.quants.dequantize(
            stored, Type.MXFP4).astype(np.float32).reshape(-1)

    header, data = {}, b""
    for name, array in sorted(tensors.items()):
        begin = len(data)
        data += array.tobytes()
        header[name] = {"dtype": "F32" if array.dtype == np.float32 else "U8",
                        "shape": list(array.shape),
                        "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    path = pathlib.Path(__file__).parent / "Inputs" / "quantization.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


main()
