"""Writes the small GGUF file of inspect.test. Argument: its path."""
import pathlib
import struct
import sys

from formatlib import *

entries = [
    entry("general.architecture", STRING, "test"),
    entry("test.u64", U64, 2**64 - 1),
    entry("test.i64", I64, -2**63),
    entry("test.f32", F32, 0.5),
    entry("test.yes", BOOL, 1),
    entry("test.raw", STRING, b"a\xffb"),
    entry("test.floats", ARRAY, (F32, [0.25, -1.5])),
    entry("test.long", ARRAY, (STRING, [f"t{i}" for i in range(5000)])),
    entry("test.nested", ARRAY, (ARRAY, [(U8, [1]), (STRING, ["x", "y"])])),
]
tensors = [tensor("matrix", [32, 2], 2, 0), tensor("vector", [3], 0, 64)]
data = bytes(36) + bytes(28) + struct.pack("<ffI", 1, -2.5, 0x7fc00000)
pathlib.Path(sys.argv[1]).write_bytes(gguf(entries, tensors, data))
