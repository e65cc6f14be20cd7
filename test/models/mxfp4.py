"""Experts in MXFP4: a model with random 4-bit blocks, and the same one with the values of those blocks as f32.

usage: mxfp4.py PACK FOLDER [wide]   (wide: some scales are beyond those of q8_0)

FOLDER/blocks has *_blocks and *_scales, FOLDER/plain what the OCP's definition makes of them, FOLDER/in an input.
"""
import json
import pathlib
import random
import sys

import tensors

pack, folder = map(pathlib.Path, sys.argv[1:3])
wide = "wide" in sys.argv[3:]
chance = random.Random(7)
HIDDEN, WIDTH = 64, 32
VALUES = [0, 0.5, 1, 1.5, 2, 3, 4, 6]

config = json.loads((pack / "config.json").read_text())
old = {config["hidden_size"]: HIDDEN, 2 * config["intermediate_size"]: 2 * WIDTH, config["intermediate_size"]: WIDTH}
assert config["hidden_size"] == 2 * config["intermediate_size"]
experts = config["num_local_experts"]
config |= {"hidden_size": HIDDEN, "intermediate_size": WIDTH}


def floats(*shape, spread=1.0, mean=0.0):
    count = 1
    for size in shape:
        count *= size
    return "F32", list(shape), [mean + spread * chance.uniform(-1, 1) for _ in range(count)]


blocks, plain = {}, {}


def expert(name, rows, columns):
    """(experts, rows, columns) as blocks; (experts, columns, rows) as floats."""
    groups = columns // 32
    packed = [chance.randrange(256) for _ in range(experts * rows * groups * 16)]
    scales = [chance.randrange(121, 125) for _ in range(experts * rows * groups)]
    if wide:
        # Zeros may have any scale; a tiny one makes a block that f16 scales cannot.
        scales[0] = 90
    packed[16:32] = [0x80, 0x08] * 8
    scales[1] = 3
    values = []
    for at, byte in enumerate(packed):
        for bits in (byte & 15, byte >> 4):
            sign = -1.0 if bits & 8 else 1.0
            values.append(sign * VALUES[bits & 7] * 2.0 ** (scales[at // 16] - 127))
    turned = [values[(e * rows + r) * columns + c]
              for e in range(experts) for c in range(columns) for r in range(rows)]
    blocks[name + "_blocks"] = ("U8", [experts, rows, groups, 16], packed)
    blocks[name + "_scales"] = ("U8", [experts, rows, groups], scales)
    plain[name] = ("F32", [experts, columns, rows], turned)


for name, (_, shape, _) in tensors.read(pack / "model.safetensors").items():
    if name.endswith("gate_up_proj"):
        expert(name, 2 * WIDTH, HIDDEN)
    elif name.endswith("down_proj"):
        expert(name, HIDDEN, WIDTH)
    else:
        shape = [old.get(size, size) for size in shape]
        norm = "norm" in name
        made = floats(*shape, spread=0.25 if norm or len(shape) == 1 else (3 / shape[-1]) ** 0.5, mean=float(norm))
        blocks[name] = plain[name] = made

for what, content, more in [
        ("blocks", blocks, {"quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}}),
        ("plain", plain, {})]:
    (folder / what).mkdir(parents=True, exist_ok=True)
    tensors.write(folder / what / "model.safetensors", content)
    (folder / what / "config.json").write_text(json.dumps(config | more))
ids = [chance.randrange(config["vocab_size"]) for _ in range(22)]
tensors.write(folder / "in", {"input_ids": ("I64", [2, 11], ids)})
