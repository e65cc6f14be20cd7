#!/usr/bin/env python3
"""Compares the tokens of all conversations here with expected-ids.json.

Needs no transformers: ids_oracle.py wrote what is expected. Usage:
check-ids.py SCRATCH
"""
import hashlib
import json
import os
import subprocess
import sys

import chat_models


def digest(line):
    return [len(line.split()), hashlib.sha256(line.encode()).hexdigest()[:16]]


def main():
    scratch = sys.argv[1]
    with open(os.path.join(chat_models.HERE, "expected-ids.json")) as file:
        expected = json.load(file)
    bad = 0
    for name in chat_models.TOKENIZERS:
        for style, template in chat_models.templates():
            folder = os.path.join(scratch, name + "-" + style)
            tokenizer = chat_models.tokenizer_of(name)
            chat_models.write_model(folder, tokenizer, template)
            cases = [(f"{name} {style} {case}", data)
                     for case, data in chat_models.inputs()]
            cases = [(key, data) for key, data in cases if key in expected]
            run = subprocess.run(
                ["sinter-tokenize", folder, "--chat"], text=True,
                input="".join(json.dumps(data) + "\n" for _, data in cases),
                capture_output=True, env={**os.environ, "TZ": "UTC"})
            lines = run.stdout.split("\n")[:-1]
            lines += [""] * (len(cases) - len(lines))
            for (key, _), line in zip(cases, lines):
                if digest(line) != expected[key]:
                    bad += 1
                    print(f"{key}: other tokens\n{line}\n{run.stderr}")
    print(f"{len(expected) - bad} of {len(expected)} as expected")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
