"""Compares the keys that specs know with those that the reference implementation reads.

usage: keys.py SINTER_IMPORT REFERENCE MODELS SCRATCH

REFERENCE is written by oracle/reference_keys.py. Each key there must be read by the family's spec, or be assumed to
have a value, or be listed as harmless: then no value of config.json that counts goes unnoticed.
"""
import fnmatch, pathlib, re, subprocess, sys


def known_keys(tool, spec, family, scratch):
    """{kind: [pattern]} of `read`, `assumes` and `harmless`."""
    config = pathlib.Path(scratch) / "config.json"
    config.write_text('{"model_type": "%s"}' % family)
    out = subprocess.run([tool, "--spec", spec, "--config", config, "--list-keys"], capture_output=True, text=True)
    found = {"read": [], "assumes": [], "harmless": []}
    for line in out.stdout.splitlines():
        kind, key = line.split()[:2]
        found[kind].append(key.removesuffix(".length"))
    if not found["read"]:
        sys.exit(f"{spec}: reads nothing\n{out.stderr}")
    return found


def is_known(key, patterns):
    if key.startswith("rope_parameters."):  # or of those of a kind of layers, or outside, as files have had it
        return any(pattern.split(".")[-1] == key.split(".")[-1] for pattern in patterns)
    # A key of an object counts as one of the object's.
    return any(fnmatch.fnmatchcase(key, pattern) or pattern.startswith(key + ".") for pattern in patterns)


def main(tool, reference, models, scratch):
    pathlib.Path(scratch).mkdir(parents=True, exist_ok=True)
    families = {}
    for line in open(reference):
        if not line.startswith("#"):
            family, key, default = line.rstrip("\n").split(" ", 2)
            families.setdefault(family, {})[key] = default
    missing, checked = 0, 0
    for spec in sorted(pathlib.Path(models).glob("*.yaml")):
        found = re.search(r"model_type: \[([^\]]*)\]", spec.read_text())
        for family in [word.strip() for word in found.group(1).split(",")] if found else []:
            if family not in families or "\nwithin:" in spec.read_text():
                continue
            known = known_keys(tool, spec, family, scratch)
            patterns = sum(known.values(), [])
            for key, default in families[family].items():
                checked += 1
                if not is_known(key, patterns):
                    missing += 1
                    print(f"{spec.name}: {family}: nothing reads {key} (default {default})")
    print(f"{checked - missing} of {checked} keys are known")
    return missing != 0


sys.exit(main(*sys.argv[1:]))
