"""Compares sinter-tokenize with what the original tokenizer gave.

    compare.py MODEL EXPECTED    MODEL is a folder or a GGUF file; EXPECTED is
                                 the expected.jsonl that make_fixtures.py wrote
"""
import json
import pathlib
import subprocess
import sys


def run(model, lines, *flags):
    """One line of output for each of input."""
    result = subprocess.run(
        ["sinter-tokenize", model, "--hex", *flags], capture_output=True,
        input="".join(line + "\n" for line in lines), text=True)
    if result.returncode != 0:
        sys.exit(f"sinter-tokenize {model} {' '.join(flags)}: exit code "
                 f"{result.returncode}\n{result.stderr}")
    output = result.stdout.split("\n")[:-1]
    if len(output) != len(lines):
        sys.exit(f"{len(lines)} texts gave {len(output)} lines")
    return output


def main():
    model, expected = sys.argv[1:3]
    cases = [json.loads(line)
             for line in pathlib.Path(expected).read_text().splitlines()]
    wrong = 0

    def check(what, case, wanted, found):
        nonlocal wrong
        if wanted != found:
            wrong += 1
            print(f"{what} {bytes.fromhex(case['hex'])!r}\n"
                  f"  expected {wanted!r}\n  found    {found!r}")

    texts = [case["hex"] for case in cases]
    for key, flags in [("plain", ["--add-special"]),
                       ("parsed", ["--add-special", "--parse-special"])]:
        for case, line in zip(cases, run(model, texts, *flags)):
            found = [int(token) for token in line.split()]
            check(key, case, case.get(key, case["parsed"]), found)
    ids = [" ".join(map(str, case["parsed"])) for case in cases]
    for case, line in zip(cases, run(model, ids, "--decode", "--skip-special")):
        text = bytes.fromhex(case["hex"]).decode("utf-8", errors="replace")
        check("decoded", case, case.get("text", text),
              bytes.fromhex(line).decode())
    print(f"{len(cases)} texts, {wrong} wrong")


if __name__ == "__main__":
    main()
