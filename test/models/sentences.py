"""Compares a program's embeddings with those of the library sentence-transformers.

usage: sentences.py FOLDER SCRATCH [NAME...]

FOLDER has a checkpoint, texts.jsonl and variants.json: for each variant, files in which it differs (JSON) and runs, the
options of a program and the vectors that come out. Prints the largest difference of each.
"""
import array
import json
import pathlib
import shutil
import subprocess
import sys


def make(folder, variant, to):
    """The checkpoint of a variant. "within" is a folder that all but the modules and prompts moves to."""
    shutil.rmtree(to, ignore_errors=True)
    keep = shutil.ignore_patterns("texts.jsonl", "variants.json", "[1-9]_*")
    shutil.copytree(folder, to / variant.get("within", ""), ignore=keep)
    for module in folder.glob("[1-9]_*"):
        shutil.copytree(module, to / module.name)
    for name, content in variant["files"].items():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(json.dumps(content))


def read_npy(path):
    """The shape and the numbers of a float32 array."""
    data = path.read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    end = 10 + int.from_bytes(data[8:10], "little")
    assert end % 64 == 0
    header = eval(data[10:end].decode(), {"__builtins__": {}})  # a literal, of our own program
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    values = array.array("f")
    values.frombytes(data[end:])
    return header["shape"], values


def difference(found, vectors):
    shape, values = found
    assert shape == (len(vectors), len(vectors[0])), (shape, len(vectors), len(vectors[0]))
    return max(abs(a - b) for a, b in zip(values, (x for row in vectors for x in row), strict=True))


def main():
    folder, scratch = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    failed = 0
    for variant in json.loads((folder / "variants.json").read_text()):
        if len(sys.argv) > 3 and variant["name"] not in sys.argv[3:]:
            continue
        to = scratch / variant["name"]
        make(folder, variant, to / "model")
        subprocess.run(["sinter", "compile", to / "model", "-o", to / "program", "--quiet"], check=True)
        for run in variant["runs"]:
            command = [to / "program", "--embed", "-f", folder / "texts.jsonl", "-o", to / "out.npy", *run["options"]]
            subprocess.run(command, check=True)
            apart = difference(read_npy(to / "out.npy"), run["vectors"])
            failed += apart > 1e-4
            print(f"{variant['name']:<24}{' '.join(run['options']):<32}{apart:.1e}")
    print("FAILED" if failed else "all agree")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
