"""A LoRA adapter for a pack, and the pack with its weights changed as the adapter says.

usage: lora.py PACK FOLDER turned|plain PART...   PARTs: endings of the names of linears to change

FOLDER/adapter, FOLDER/merged (a model), FOLDER/in (the golden's input).
"""
import json
import pathlib
import random
import shutil
import sys

import tensors

pack, folder = map(pathlib.Path, sys.argv[1:3])
turned, parts = sys.argv[3] == "turned", tuple(sys.argv[4:])
RANK, ALPHA = 3, 7
chance = random.Random(5)
weights = tensors.read(pack / "model.safetensors")
adapter = {}
for name, (dtype, shape, values) in weights.items():
    if not name.endswith(tuple(part + ".weight" for part in parts)):
        continue
    rows, columns = shape[::-1] if turned else shape
    a = [chance.uniform(-0.3, 0.3) for _ in range(RANK * columns)]
    b = [chance.uniform(-0.3, 0.3) for _ in range(rows * RANK)]
    whole = name if name.startswith(("model.", "transformer.")) else "transformer." + name
    stem = "base_model.model." + whole.removesuffix(".weight")
    adapter[stem + ".lora_A.weight"] = ("F32", [RANK, columns], a)
    adapter[stem + ".lora_B.weight"] = ("F32", [rows, RANK], b)
    for row in range(rows):
        for column in range(columns):
            at = column * rows + row if turned else row * columns + column
            values[at] += ALPHA / RANK * sum(b[row * RANK + r] * a[r * columns + column] for r in range(RANK))
assert len(adapter) >= 2 * len(parts)

for name in ["adapter", "merged"]:
    (folder / name).mkdir(parents=True, exist_ok=True)
tensors.write(folder / "adapter" / "adapter_model.safetensors", adapter)
(folder / "adapter" / "adapter_config.json").write_text(json.dumps({
    "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": ALPHA, "lora_dropout": 0.1, "bias": "none",
    "fan_in_fan_out": turned, "target_modules": list(parts), "use_dora": False, "use_rslora": False, "rank_pattern": {},
    "alpha_pattern": {}, "modules_to_save": None, "inference_mode": True}))
tensors.write(folder / "merged" / "model.safetensors", weights)
shutil.copy(pack / "config.json", folder / "merged")
tensors.write(folder / "in", {"input_ids": tensors.read(pack / "golden.safetensors")["input_ids"]})
