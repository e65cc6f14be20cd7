"""Makes a model with images out of a pack: its text model under another name.

usage: within.py PACK FOLDER MODEL_TYPE KEY PREFIX [DROPPED_KEY...]

KEY is where the pack's configuration goes ("a.b": an object in an object; "-": it stays the whole), PREFIX what stands before
the names of its tensors.
"""
import json
import pathlib
import shutil
import sys

import tensors

pack, folder = map(pathlib.Path, sys.argv[1:3])
model_type, key, prefix, *dropped = sys.argv[3:]
folder.mkdir(parents=True, exist_ok=True)
inner = {k: v for k, v in json.loads((pack / "config.json").read_text()).items() if k not in dropped}
outer = inner
for name in reversed(key.split(".") if key != "-" else []):
    outer = {name: outer}
outer |= {"model_type": model_type, "vision_config": {"model_type": "clip_vision_model", "hidden_size": 8}}
if model_type == "qwen2_vl":
    outer["rope_scaling"] = {"type": "mrope", "mrope_section": [2, 1, 1]}
(folder / "config.json").write_text(json.dumps(outer))
weights = {}
for name, value in tensors.read(pack / "model.safetensors").items():
    # "model.language_model." stands in place of "model.": heads have no prefix then.
    if prefix.startswith("model.") and prefix != "model.":
        name = prefix + name.removeprefix("model.") if name.startswith("model.") else name
    else:
        name = prefix + name
    weights[name] = value
eyes = "visual" if model_type.startswith("qwen2_vl") else "vision_tower"
weights[f"{eyes}.patch.weight"] = ("F32", [2, 3], [1.0] * 6)
if eyes != "visual":
    weights["multi_modal_projector.linear_1.bias"] = ("F32", [2], [1.0] * 2)
tensors.write(folder / "model.safetensors", weights)
