"""What the tests of hostile files share: writers that write anything, right or
wrong, and a check of how sinter-inspect takes it. Standard library only."""
import json
import pathlib
import random
import struct
import subprocess
import sys

U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
FORMATS = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f",
           BOOL: "B", U64: "Q", I64: "q", F64: "d"}


def string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind, content):
    """A GGUF value; an array is (element kind, list)."""
    if kind == STRING:
        return string(content)
    if kind == ARRAY:
        inner, elements = content
        return struct.pack("<IQ", inner, len(elements)) + b"".join(
            value(inner, element) for element in elements)
    return struct.pack("<" + FORMATS[kind], content)


def entry(key, kind, content):
    return string(key) + struct.pack("<I", kind) + value(kind, content)


def tensor(name, dims, kind, offset):
    """A GGUF tensor's description; `dims` as in the file, fastest first."""
    return (string(name) + struct.pack("<I", len(dims)) +
            b"".join(struct.pack("<Q", dim) for dim in dims) +
            struct.pack("<IQ", kind, offset))


def gguf(entries, tensors, data=b"", align=32, version=3, counts=None,
         magic=b"GGUF"):
    tensor_count, entry_count = counts or (len(tensors), len(entries))
    head = (magic + struct.pack("<IQQ", version, tensor_count, entry_count) +
            b"".join(entries) + b"".join(tensors))
    return head + b"\0" * (-len(head) % align) + data


def safetensors(header, data=b"", length=None):
    """`header` is a dict, or text to be taken as it is."""
    text = header if isinstance(header, bytes) else (
        header if isinstance(header, str) else json.dumps(header)).encode()
    size = len(text) if length is None else length
    return struct.pack("<Q", size) + text + data


class Checker:
    """Runs sinter-inspect on files in a folder and counts surprises."""

    def __init__(self, folder, suffix):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / ("case" + suffix)
        self.surprises = 0
        self.cases = 0

    def inspect(self, *arguments):
        return subprocess.run(["sinter-inspect", *map(str, arguments)],
                              capture_output=True, timeout=60)

    def surprise(self, name, run):
        self.surprises += 1
        print(f"{name}: exit code {run.returncode}\n"
              f"{run.stderr.decode(errors='replace')}", file=sys.stderr)

    def accepts(self, name, content):
        self.file.write_bytes(content)
        run = self.inspect(self.file)
        self.cases += 1
        if run.returncode != 0 or run.stderr:
            self.surprise(name, run)

    def refuses(self, name, content, message):
        """One line on stderr that names the file and has `message`."""
        self.file.write_bytes(content)
        self.expect_refusal(name, [self.file], message, self.file)

    def expect_refusal(self, name, arguments, message, path):
        run = self.inspect(*arguments)
        text = run.stderr.decode(errors="replace")
        self.cases += 1
        if (run.returncode != 1 or message not in text or str(path) not in text
                or text.count("\n") != 1 or "error: " not in text):
            print(f"expected: {message}", file=sys.stderr)
            self.surprise(name, run)

    def refuses_every_cut(self, content):
        for length in range(len(content)):
            self.refuses(f"cut to {length} bytes", content[:length], "")

    def survives_damage(self, content, times, seed=1):
        """Random bytes changed: any answer is right that is an answer."""
        rng = random.Random(seed)
        for i in range(times):
            damaged = bytearray(content)
            for _ in range(rng.choice([1, 1, 2, 8])):
                at = rng.randrange(len(damaged))
                damaged[at] = rng.choice([0, 1, 0x7f, 0x80, 0xff,
                                          rng.randrange(256)])
            self.file.write_bytes(damaged)
            run = self.inspect(self.file)
            self.cases += 1
            if run.returncode not in (0, 1):
                self.surprise(f"damage {i}", run)

    def finish(self):
        print(f"{self.cases} cases, {self.surprises} surprises")
        sys.exit(self.surprises != 0)
