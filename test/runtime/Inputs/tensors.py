"""Makes inputs for programs and prints their outputs, by the standard library alone.

usage: tensors.py make FILE NAME:DTYPE[:ROWS,COLUMNS]=VALUE,VALUE,...
       tensors.py show FILE NAME
"""

import json
import struct
import sys

CODES = {"I64": "q", "I32": "i", "F32": "f"}


def make(path, specs):
    header, data = {}, b""
    for spec in specs:
        left, values = spec.split("=")
        name, dtype, *shape = left.split(":")
        numbers = [(float if dtype == "F32" else int)(v) for v in values.split(",")]
        packed = struct.pack(f"<{len(numbers)}{CODES[dtype]}", *numbers)
        sizes = [int(n) for n in shape[0].split(",")] if shape else [len(numbers)]
        header[name] = {"dtype": dtype, "shape": sizes, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def show(path, name):
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        entry = json.loads(file.read(length))[name]
        begin, end = entry["data_offsets"]
        file.seek(8 + length + begin)
        data = file.read(end - begin)
    code = CODES[entry["dtype"]]
    values = struct.unpack(f"<{len(data) // struct.calcsize('<' + code)}{code}", data)
    print(name, entry["shape"], *[f"{v:g}" for v in values])


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3:])
else:
    show(sys.argv[2], sys.argv[3])
