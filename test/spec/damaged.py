"""Cuts, swaps and changes bytes of a spec, with a fixed seed.

usage: damaged.py SINTER_IMPORT SPEC CONFIG SCRATCH COUNT
"""
import pathlib, random, subprocess, sys


def damage(data, rng):
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at, kind = rng.randrange(len(data)), rng.randrange(5)
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            data[at] = rng.choice(b"{}[]()'\":,-+*/%|>#&!? \n0123456789")
        elif kind == 2:
            del data[at:at + rng.randint(1, 40)]
        elif kind == 3:
            begin = rng.randrange(len(data))
            data[at:at] = data[begin:begin + rng.randint(1, 60)]
        else:
            del data[at:]
        if not data:
            data = bytearray(b"-")
    return bytes(data)


def main(tool, spec, config, scratch, count):
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    good, rng = pathlib.Path(spec).read_bytes(), random.Random(1)
    refused = 0
    for number in range(int(count)):
        path = scratch / "spec.yaml"
        path.write_bytes(damage(good, rng))
        result = subprocess.run([tool, "--spec", path, "--config", config], capture_output=True, timeout=60)
        if result.returncode not in (0, 1) or (result.returncode == 1 and b"error: " not in result.stderr):
            sys.exit(f"damage {number}: exit code {result.returncode}: {result.stderr.decode(errors='replace')[:2000]}")
        refused += result.returncode
    print(f"{refused} of {count} refused, none crashed")
    if refused < int(count) // 2:
        sys.exit("too little damage")


main(*sys.argv[1:])
