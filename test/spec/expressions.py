"""usage: expressions.py SINTER_IMPORT SPEC CONFIG EXPRESSIONS SCRATCH"""
import os, subprocess, sys


def main(tool, spec, config, expressions, scratch):
    os.makedirs(scratch, exist_ok=True)
    out = os.path.join(scratch, "spec.yaml")
    lines = [line for line in open(expressions).read().splitlines() if line]

    def write(lines):
        items = "".join(f"  - that: '{line.replace(chr(39), chr(39) * 2)}'\n" for line in lines)
        open(out, "w").write(open(spec).read().replace("require:\n", "require:\n" + items))
        return subprocess.run([tool, "--spec", out, "--config", config], capture_output=True, text=True)

    result = write(lines)
    # The check can fail: a false line among them is found, with its place.
    false = write(lines + ["heads == 5"])
    if result.returncode or false.returncode != 1 or ": not so: heads == 5" not in false.stderr:
        print(result.stderr, false.stderr)
        return 1
    print(f"{len(lines)} expressions as expected")
    return 0


sys.exit(main(*sys.argv[1:]))
