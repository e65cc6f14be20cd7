#!/usr/bin/env python3
"""Renders every template with every input and compares with expected/.

Needs no jinja2: chat_oracle.py wrote what is expected. Usage:
check-fixtures.py DIRECTORY [TOOL]
"""
import json
import os
import subprocess
import sys


def main():
    here = sys.argv[1]
    tool = sys.argv[2] if len(sys.argv) > 2 else "sinter-chat-render"
    bad = 0
    names = sorted(os.listdir(os.path.join(here, "expected")))
    for name in names:
        stem, case = name[:-len(".txt")].rsplit("-", 1)
        with open(os.path.join(here, "expected", name), newline="") as file:
            outcome, wanted = file.read().split("\n", 1)
        run = subprocess.run(
            [tool, os.path.join(here, "templates", stem + ".jinja"),
             os.path.join(here, "inputs", case + ".json")],
            capture_output=True, env={**os.environ, "TZ": "UTC"})
        found = run.stdout.decode()
        error = run.stderr.decode()
        # Both refuse; a template's own message must come through.
        good = (run.returncode == 0 and found == wanted
                if outcome == "ok" else
                run.returncode == 1 and
                ("refuses" not in error or wanted in error))
        if not good:
            bad += 1
            print(f"{stem}, {case}: expected {outcome}\n{wanted!r}\nfound\n"
                  f"{found!r}\n{error}")
    print(f"{len(names) - bad} of {len(names)} as expected")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
