"""Gives an executable the weights and the tokenizer of a compiled program:

  graft.py EXECUTABLE PROGRAM OUT

The executable is one that was linked by other means, with a runtime under a
sanitizer; OUT is it with PROGRAM's trailer (runtime/core/Trailer.h).
"""
import json
import os
import struct
import sys

PAGE = 4096
FOOTER = struct.Struct("<8sIIQQQQQQ")


def checksum(data, value=0xCBF29CE484222325):
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def main(executable, program, out):
    image = open(executable, "rb").read()
    data = open(program, "rb").read()
    magic, version, _, at, length, _, _, _, _ = FOOTER.unpack(data[-FOOTER.size:])
    assert magic == b"SinterPr" and version == 1, f"{program} is no program"
    table = json.loads(data[at:at + length])
    with open(out, "wb") as file:
        file.write(image)
        for section in table["sections"]:
            file.write(b"\0" * (-file.tell() % PAGE))
            old = section["offset"]
            section["offset"] = file.tell()
            file.write(data[old:old + section["bytes"]])
        text = json.dumps(table).encode()
        begin = file.tell()
        file.write(text)
        size = begin + len(text) + FOOTER.size
        footer = FOOTER.pack(magic, version, 0, begin, len(text), checksum(text), size, len(image), 0)
        file.write(footer[:-8] + struct.pack("<Q", checksum(footer[:-8])))
    os.chmod(out, 0o755)


main(*sys.argv[1:])
