"""GGUF files that lie. Argument: a folder to write to."""
import struct
import sys

from formatlib import *

check = Checker(sys.argv[1], ".gguf")

ENTRIES = [
    entry("general.architecture", STRING, "test"),
    entry("test.u8", U8, 255), entry("test.i8", I8, -128),
    entry("test.u16", U16, 65535), entry("test.i16", I16, -2),
    entry("test.u32", U32, 2**32 - 1), entry("test.i32", I32, -3),
    entry("test.u64", U64, 2**64 - 1), entry("test.i64", I64, -2**63),
    entry("test.f32", F32, 0.5), entry("test.f64", F64, 0.1),
    entry("test.bool", BOOL, 1),
    entry("test.ints", ARRAY, (I32, [1, -2, 3])),
    entry("test.strings", ARRAY, (STRING, ["a", b"\xff", ""])),
    entry("test.nested", ARRAY, (ARRAY, [(U8, [1]), (STRING, ["x"])])),
    entry("test.empty", ARRAY, (U8, [])),
]
TENSORS = [tensor("a", [32, 2], 2, 0), tensor("b", [3], 0, 64)]
DATA = bytes(range(76))
GOOD = gguf(ENTRIES, TENSORS, DATA)


def with_entry(*parts):
    return gguf([b"".join(parts)], [])


def with_tensors(*tensors, data=bytes(4096)):
    return gguf([], list(tensors), data)


check.accepts("good", GOOD)
check.accepts("version 2", gguf(ENTRIES, TENSORS, DATA, version=2))
check.accepts("nothing in it", gguf([], []))
check.accepts("no rank", with_tensors(tensor("a", [], 0, 0)))
check.accepts("no values", with_tensors(tensor("a", [32, 0], 0, 0), data=b""))
check.accepts("alignment 8", gguf([entry("general.alignment", U32, 8)], [
    tensor("a", [2], 0, 0), tensor("b", [2], 0, 8)], bytes(16), align=8))
check.refuses_every_cut(GOOD)
check.survives_damage(GOOD, 300)

# Magic, version, counts.
check.refuses("magic", b"GGML" + GOOD[4:], "expected a folder")
check.refuses("version 1", gguf([], [], version=1),
              "expected GGUF version 2 or 3, found 1")
check.refuses("version 4", gguf([], [], version=4), "found 4")
check.refuses("big-endian", gguf([], [], version=3 << 24), "big-endian")
for huge in (2**20 + 1, 2**32, 2**63, 2**64 - 1):
    check.refuses("entries", gguf([], [], counts=(0, huge)),
                  f"too small for {huge} metadata entries")
    check.refuses("tensors", gguf([], [], counts=(huge, 0)),
                  f"too small for {huge} tensors")
    check.refuses("key length", gguf([struct.pack("<Q", huge)], [],
                                     bytes(64), counts=(0, 1)), "key number 0")
    check.refuses("string length", with_entry(
        string("k"), struct.pack("<IQ", STRING, huge)), 'key "k": needs')
    for kind in (U8, F64, STRING, ARRAY):
        check.refuses("array length", with_entry(
            string("k"), struct.pack("<IIQ", ARRAY, kind, huge)), 'key "k": ')

# Metadata.
check.refuses("value type", with_entry(string("k"), struct.pack("<IQ", 13, 0)),
              'key "k": unknown value type 13')
check.refuses("element type", with_entry(
    string("k"), struct.pack("<IIQ", ARRAY, 77, 0)),
    'key "k": unknown element type 77')
check.refuses("bool", with_entry(entry("k", BOOL, 2)), "expected 0 or 1")
check.refuses("architecture", with_entry(entry("general.architecture", U32, 1)),
              'key "general.architecture": expected a string, found u32')
check.refuses("duplicate key", gguf([entry("k", U8, 1)] * 2, []),
              'key "k": appears twice')
check.refuses("key not UTF-8", with_entry(entry(b"\xff", U8, 1)),
              r'key "\xff": the name is not valid UTF-8')
check.refuses("terminal codes", gguf([entry("\x1b[31m", U8, 1)] * 2, []),
              r'key "\x1b[31m": appears twice')
deep = (U8, [1])
for _ in range(5):
    deep = (ARRAY, [deep])
check.refuses("deep", with_entry(entry("k", ARRAY, deep)), "nested deeper")
for alignment in (0, 3, 2**31):
    check.refuses("alignment", with_entry(
        entry("general.alignment", U32, alignment)), "a power of two")
check.refuses("alignment type", with_entry(
    entry("general.alignment", STRING, "32")), "a power of two")

# Tensors.
check.refuses("duplicate", with_tensors(*[tensor("a", [2], 0, 0)] * 2),
              'tensor "a": appears twice')
check.refuses("unknown type", with_tensors(tensor("a", [2], 99, 0)),
              'tensor "a": type 99 is not supported')
check.refuses("known type", with_tensors(tensor("a", [256], 16, 0)),
              "type 16 (iq2_xxs) is not supported")
check.refuses("rank", with_tensors(tensor("a", [1] * 9, 0, 0)),
              "has 9 dimensions, more than 8")
check.refuses("rank beyond", with_tensors(
    string("a") + struct.pack("<I", 2**32 - 1) + bytes(64)),
    "has 4294967295 dimensions")
check.refuses("row", with_tensors(tensor("a", [33, 32], 2, 0)),
              "q4_0[32x33] has rows that are not a multiple of 32")
for dims in ([2**62, 4], [2**32, 2**32], [2**31, 2**31, 2], [2**61],
             [0, 2**62, 2**62]):
    check.refuses("overflow", with_tensors(tensor("a", dims, 0, 0)),
                  "is too large")
check.refuses("negative", with_tensors(tensor("a", [2**63], 0, 0)),
              "dimension 0 is too large")
check.refuses("beyond the end", with_tensors(tensor("a", [2000], 0, 0)),
              "f32[2000] ends at byte 8064, but the file has 4160 bytes")
for offset in (4096, 2**63, 2**64 - 32):
    check.refuses("offset", with_tensors(tensor("a", [2], 0, offset)),
                  'tensor "a": ')
check.refuses("unaligned", with_tensors(tensor("a", [2], 0, 4)),
              "offset 4 is not a multiple of the alignment, 32")
check.refuses("overlap", with_tensors(tensor("a", [9], 0, 0),
                                      tensor("b", [9], 0, 32)),
              'but tensor "a" before it ends')
check.refuses("same place", with_tensors(tensor("a", [4], 0, 0),
                                         tensor("b", [4], 0, 0)),
              "before it ends")
check.refuses("name not UTF-8", with_tensors(tensor(b"\xc0\x80", [4], 0, 0)),
              "not valid UTF-8")
check.refuses("split", with_entry(entry("split.count", U16, 3)),
              "one of 3 parts")

# A terabyte of nothing takes no room on disk, and must take none in memory.

def with_hole(content):
    with open(check.file, "wb") as file:
        file.write(content)
        file.truncate(2**40)


def refuses_hole(name, content, message):
    with_hole(content)
    check.expect_refusal(name, [check.file], message, check.file)


def array_of(kind, count):
    return (string("k") + struct.pack("<IIQ", ARRAY, kind, count))


refuses_hole("long string", gguf([string("k") + struct.pack(
    "<IQ", STRING, 2**39)], []), "at most 67108864 bytes")
for kind in (U8, STRING, ARRAY):
    refuses_hole("long array", gguf([array_of(kind, 2**36)], []),
                 "expected at most 67108864 elements")
check.file.unlink()
check.finish()
