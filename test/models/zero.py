"""Copies a pack, with a norm "one.zero" among whose numbers is a zero. usage: zero.py PACK FOLDER"""
import pathlib
import shutil
import sys

import tensors

pack, folder = map(pathlib.Path, sys.argv[1:])
folder.mkdir(parents=True, exist_ok=True)
shutil.copy(pack / "config.json", folder)
weights = tensors.read(pack / "model.safetensors")
kind, shape, values = weights.pop("norm")
values[3] = 0.0
tensors.write(folder / "model.safetensors", weights | {"one.zero": (kind, shape, values)})
