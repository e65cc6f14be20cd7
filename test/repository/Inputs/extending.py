"""Compares the lists of files in docs/extending.md with where the thing stands: extending.py SOURCE."""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
FOLDERS = ["dialect", "passes", "codegen", "spec"]
# How sources write what the page names.
PATTERNS = {"clamp": r'ClampOp|"clamp"', "avxVnni": r"\bavxVnni\b|\"avxvnni\""}

page = (source / "docs" / "extending.md").read_text()
lists = wrong = 0
for section in re.split(r"^## ", page, flags=re.M):
    if not (named := re.search(r"^Files of (?:the op )?`(\w+)`:\n((?:[*] .*\n(?:  .*\n)*)+)", section, re.M)):
        continue
    lists += 1
    said = set(re.findall(r"^[*] `([^`]+)`", named[2], re.M))
    pattern = re.compile(PATTERNS[named[1]])
    found = {str(path.relative_to(source)) for folder in FOLDERS for path in (source / folder).rglob("*")
             if path.suffix in {".cpp", ".h", ".td"} and pattern.search(path.read_text())}
    for path in sorted(said ^ found):
        wrong += 1
        print(f"{named[1]}: {path} is {'listed but does not name it' if path in said else 'not listed'}")
print(f"{lists} lists, {wrong} files wrong")
