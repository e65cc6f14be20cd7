"""Reads and writes safetensors with Python's standard library alone."""
import array
import json
import struct

CODES = {"F32": "f", "I32": "i", "I64": "q", "U8": "B"}


def write(path, tensors):
    """tensors: name -> (dtype, shape, flat list)"""
    header, data = {}, b""
    for name, (dtype, shape, values) in tensors.items():
        raw = array.array(CODES[dtype], values).tobytes()
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def read(path):
    """name -> (dtype, shape, array)"""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        values = array.array(CODES[entry["dtype"]])
        values.frombytes(data[slice(*entry["data_offsets"])])
        tensors[name] = (entry["dtype"], entry["shape"], values)
    return tensors
