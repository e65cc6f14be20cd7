"""Checks that each numbered constraint of the ops is enforced and tested.

An op's description numbers its constraints (C1), (C2), ...; constraint 2 of
`linear` has the label linear_c2. The label must stand in a verifier or, for
what a trait enforces, in a comment beside the trait in a .td file, and a test
of the folder of this script must have a function or symbol @linear_c2. Labels
of constraints that do not exist are errors too.

usage: constraints.py DOCS SOURCES TESTS
"""

import pathlib
import re
import sys

LABEL = re.compile(r"\b([a-z_]+_c\d+)\b")


def read(folder, *suffixes):
    files = sorted(p for p in pathlib.Path(folder).iterdir() if p.suffix in suffixes)
    return "".join(p.read_text() for p in files)


def documented(docs):
    labels = []
    for section in re.split(r"^### ", docs, flags=re.M)[1:]:
        op = re.match(r"`sinter\.(\w+)`", section)
        if op:
            labels += [f"{op[1]}_c{number}" for number in re.findall(r"\(C(\d+)\)", section)]
    return labels


def main():
    docs, sources, tests = sys.argv[1:]
    wanted = documented(pathlib.Path(docs).read_text())
    enforced = set(LABEL.findall(read(sources, ".cpp", ".td")))
    tested = set(re.findall(r"@([a-z_]+_c\d+)\b", read(tests, ".mlir")))
    errors = []
    for label in wanted:
        if wanted.count(label) > 1:
            errors.append(f"{label}: numbered twice")
        if label not in enforced:
            errors.append(f"{label}: no verifier or trait carries this label")
        if label not in tested:
            errors.append(f"{label}: no test has a function or symbol @{label}")
    for label in sorted((enforced | tested) - set(wanted) - {"rms_norm_ck", "name_ck"}):
        errors.append(f"{label}: no op's description has this constraint")
    for error in dict.fromkeys(errors):
        print("error:", error)
    print(f"{len(wanted)} constraints, {len(errors)} errors")
    return 1 if errors or not wanted else 0


sys.exit(main())
