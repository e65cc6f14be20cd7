"""safetensors files that lie. Argument: a folder to write to."""
import sys

from formatlib import *

check = Checker(sys.argv[1], ".safetensors")


def item(begin, end, shape, dtype="F32", **more):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end], **more}


GOOD = safetensors({"__metadata__": {"format": "pt"},
                    "a": item(0, 24, [2, 3]),
                    "b": item(24, 26, [1], "BF16"),
                    "scalar": item(26, 34, [], "I64"),
                    "none": item(34, 34, [0, 5])}, bytes(range(34)))
check.accepts("good", GOOD)
check.accepts("empty", safetensors({}))
check.accepts("padded", safetensors("{}   "))
check.refuses_every_cut(GOOD)
check.survives_damage(GOOD, 300)

check.refuses("trailing bytes", GOOD + b"\0",
              "the tensors end at byte")
for length in (2**64 - 1, 2**63, 100_000_001):
    check.refuses("header length", safetensors({}, length=length),
                  f"header length {length} at byte 0 is over")
check.refuses("header beyond", safetensors({}, length=3),
              "the header ends at byte 11, but the file has 10 bytes")
check.refuses("no header", safetensors(""), "expected '{' at byte 8")
check.refuses("array", safetensors("[]"), "expected '{' at byte 8")
check.refuses("not JSON", safetensors("{hm}"), "header:1:2: error: invalid JSON")
check.refuses("not UTF-8", safetensors(b'{"\xff": 1}'), "invalid JSON")
check.refuses("deep", safetensors("{" + '"a":[' * 9 + "]" * 9 + "}"),
              "invalid JSON")
check.refuses("deeper", safetensors('{"a":' + "[" * 100_000), "nested deeper")

# Entries.
for broken in (1, None, [], "x"):
    check.refuses("entry", safetensors({"a": broken}),
                  'tensor "a": expected an object')
for dtype in ("F8_E4M3", "f32", "", "Q4_0"):
    check.refuses("dtype", safetensors({"a": item(0, 4, [1], dtype)}, bytes(4)),
                  f'tensor "a": dtype "{dtype}" is not supported')
check.refuses("dtype kind", safetensors({"a": item(0, 4, [1], 7)}, bytes(4)),
              "expected a dtype")
for shape in ([-1], [1.0], ["1"], [2**63], [None], [[1]]):
    check.refuses("dim", safetensors({"a": item(0, 4, shape)}, bytes(4)),
                  "where a size is expected")
check.refuses("shape", safetensors({"a": item(0, 4, 1)}, bytes(4)),
              "expected a shape")
check.refuses("rank", safetensors({"a": item(0, 4, [1] * 17)}, bytes(4)),
              "17 dimensions")
for shape in ([2**62, 2], [2**32, 2**31], [2**61], [0, 2**62, 2**62]):
    check.refuses("overflow", safetensors({"a": item(0, 0, shape)}),
                  "is too large")
for offsets in ([], [0], [0, 4, 8], [4, 0], [-4, 0], [0.0, 4.0], ["0", "4"],
                "0:4", None, [0, 2**64]):
    check.refuses("offsets", safetensors(
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": offsets}},
        bytes(4)), "expected data_offsets")
check.refuses("size", safetensors({"a": item(0, 8, [1])}, bytes(8)),
              "f32[1] takes 4 bytes, but data_offsets span 8")
check.refuses("beyond", safetensors({"a": item(2**40, 2**40 + 4, [1])}, bytes(4)),
              "of the data, but the file has 4 bytes of data")
check.refuses("gap", safetensors({"a": item(4, 8, [1])}, bytes(8)),
              'tensor "a" begins at byte 4 of the data, but the data begins')
check.refuses("overlap", safetensors(
    {"a": item(0, 8, [2]), "b": item(4, 12, [2])}, bytes(12)),
    'tensor "b" begins at byte 4 of the data, but tensor "a" before it ends')
check.refuses("same place", safetensors(
    {"a": item(0, 4, [1]), "b": item(0, 4, [1])}, bytes(4)), "before it ends")
one = '"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}'
check.refuses("duplicate", safetensors("{" + one + "," + one + "}", bytes(4)),
              'key "a" appears twice')
check.refuses("duplicate field", safetensors(
    '{"a": {"dtype": "F32", "dtype": "F32"}}'), 'key "dtype" appears twice')
check.refuses("terminal codes", safetensors({"\x1b[31m": 1}),
              r'tensor "\x1b[31m": expected')
for metadata in ([], {"a": 1}, "x"):
    check.refuses("metadata", safetensors({"__metadata__": metadata}),
                  "__metadata__")
check.finish()
