"""Compares sinter-tokenize with what companions_oracle.py wrote.

    companions.py CASES SCRATCH    CASES: a folder with cases.jsonl and the
                                   tokenizers that these begin with
"""
import json
import pathlib
import shutil
import subprocess
import sys


def run(folder, *flags, lines=()):
    result = subprocess.run(["sinter-tokenize", folder, *flags],
                            capture_output=True, text=True,
                            input="".join(line + "\n" for line in lines))
    return (result.stdout + result.stderr).split("\n")[:-1]


def write(case, trees, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tree = {**trees[case["base"]], "added_tokens": case["added"]}
    for name, value in {**case["files"], "tokenizer.json": tree}.items():
        (folder / name).write_text(json.dumps(value))


def differences(case, folder):
    lines = [text.encode().hex() for text in case["texts"]]
    for key, flags in (("plain", []), ("parsed", ["--parse-special"])):
        found = run(folder, "--hex", *flags, lines=lines)
        for text, ids, line in zip(case["texts"], case[key], found):
            if line != " ".join(map(str, ids)):
                yield f"{key} {text!r}: expected {ids}, found {line}"
    info = dict(line.split(": ") for line in run(folder, "--info")
                if ": " in line)
    for role, id in zip(("begin", "end", "pad"), case["roles"]):
        if info.get(role) != ("none" if id is None else str(id)):
            yield f"{role}: expected {id}, found {info.get(role)}"


def main():
    cases, scratch = map(pathlib.Path, sys.argv[1:3])
    trees = {file.stem: json.loads(file.read_text())
             for file in cases.glob("*.json")}
    lines = (cases / "cases.jsonl").read_text().splitlines()
    wrong = 0
    for number, line in enumerate(lines):
        case = json.loads(line)
        folder = scratch / str(number)
        write(case, trees, folder)
        found = list(differences(case, folder))
        wrong += bool(found)
        for difference in found[:3]:
            print(f"{folder}: {case['base']}: {difference}")
    print(f"{len(lines)} tokenizers, {wrong} wrong")


main()
