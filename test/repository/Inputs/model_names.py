"""Looks for names of models in the code of strings and identifiers; comments may tell where an idea comes from.

usage: model_names.py SOURCE

The names are those of the specs in models/, and some more.
"""
import pathlib
import re
import sys

FOLDERS = ["dialect", "passes", "codegen", "runtime", "spec", "text", "formats", "tools", "fuzz"]
ENDINGS = {".cpp", ".h", ".td", ".inc", ".c"}
MORE = ["gpt", "roberta", "gemma", "falcon", "phi", "deepseek", "smollm", "yi", "gptneox", "starcoder",
        "chatglm", "transformerxl", "llm"]

# Names of models that are words of compilers, keyboards and pages too, and the catalogs beside the specs.
WORDS = {"opt", "codegen", "tokenizers", "harmless-keys", "switch", "seed", "flex", "solar", "dots1", "ctrl", "aria"}


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", lambda match: "\n" * match[0].count("\n"), text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


def main():
    source = pathlib.Path(sys.argv[1])
    names = {path.stem.split("_")[0] for path in (source / "models").glob("*.yaml")} - WORDS | set(MORE)
    names = {name if len(name) < 3 else name.rstrip("0123456789") for name in names}
    pattern = re.compile(r"(?<![a-z])(" + "|".join(sorted(names)) + r")[0-9]*(?![a-z0-9])", re.I)
    files = found = 0
    for folder in FOLDERS:
        for path in sorted((source / folder).rglob("*")):
            if path.suffix not in ENDINGS:
                continue
            files += 1
            text = path.read_text()
            # Descriptions in .td are documentation.
            text = re.sub(r"\[\{.*?\}\]", lambda match: "\n" * match[0].count("\n"), text, flags=re.S)
            for number, line in enumerate(without_comments(text).split("\n"), 1):
                for match in pattern.finditer(line):
                    found += 1
                    print(f"{path.relative_to(source)}:{number}: {match[0]}: {line.strip()}")
    print(f"{files} files, {found} names of models")


main()
