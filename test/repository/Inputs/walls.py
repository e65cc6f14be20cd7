"""Which folder includes what, and where instructions are named: walls.py SOURCE. Says each breach."""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
# What a folder may include of the project's others.
ALLOWED = {
    "runtime": {"runtime", "formats"},
    "formats": {"formats", "runtime"},
    "dialect": {"dialect", "formats", "runtime"},
    "passes": {"passes", "dialect", "formats", "runtime"},
    "codegen": {"codegen", "passes", "dialect", "formats", "runtime", "spec"},
}
breaches = files = 0


def breach(path, number, what):
    global breaches
    breaches += 1
    print(f"{path.relative_to(source)}:{number}: {what}")


for folder, allowed in ALLOWED.items():
    for path in sorted((source / folder).rglob("*")):
        if path.suffix not in {".cpp", ".h", ".td"}:
            continue
        files += 1
        isa = "codegen/cpu/isa/" in str(path)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            included = re.match(r'\s*#?include "([a-z]+)/', line)
            if included and included[1] in {*ALLOWED, "spec", "text", "tools", "test"} and included[1] not in allowed:
                breach(path, number, f"{folder}/ includes {included[1]}/")
            if not isa and '"llvm.x86.' in line:
                breach(path, number, "an instruction of one target stands in codegen/cpu/isa")
            if "getRegisteredOptions" in line or "ParseCommandLineOptions" in line:
                breach(path, number, "LLVM's options are the process's, not ours")
print(f"{files} files, {breaches} breaches")
