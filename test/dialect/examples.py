"""Runs every mlir example of the .td files through sinter-opt.

An example is whole modules' text, or less: lines of types and attributes are put
into a declaration, ops into a function. What declares a symbol (sinter.param,
func.func and the like, up to a brace that closes it) stays outside of it. Values
that an example does not make are the function's arguments; their types are found
by asking sinter-opt, which names the type that it expects.

usage: examples.py SINTER_OPT TD...
"""

import re
import subprocess
import sys

SYMBOLS = re.compile(r"(sinter\.(param|layer_table)|func\.func|module)\b")
EXPECTED = re.compile(r":(\d+):\d+: error: use of value '(%\w+)' expects different type than prior uses: '(.*)' vs 'none'")


class Example:
    def __init__(self, place, text):
        self.place, self.types, self.outer, self.inner = place, [], [], []
        depth, begun = 0, False
        for line in text.splitlines():
            if depth or begun or SYMBOLS.match(line.strip()):
                self.outer.append(line)
                depth += line.count("{") - line.count("}")
                # A function's head may take two lines.
                begun = "{" not in line and (begun or line.strip().startswith("func.func"))
            elif re.match(r"\s*([!#]\w|tensor<)", line):
                self.types.append(line.strip())
            else:
                self.inner.append(line)
        body = re.sub(r"//.*", "", "\n".join(self.inner))
        made = {name for line in body.splitlines() for name in re.findall(r"%\w+", line.partition(" = ")[0] if " = " in line else "")}
        self.arguments = {name: "none" for name in re.findall(r"%\w+", body) if name not in made}

    def module(self):
        lines = list(self.outer)
        for number, text in enumerate(self.types):
            lines.append(f"func.func private @type{number}({text if text[0] != '#' else f'tensor<8x32xf32, {text}>'})")
        if self.inner:
            arguments = ", ".join(f"{name}: {type}" for name, type in self.arguments.items())
            lines += [f"func.func @example({arguments}) {{", *self.inner, "return", "}"]
        return "\n".join(lines) + "\n"


def examples(path):
    with open(path) as file:
        text = file.read()
    for match in re.finditer(r"^( *)```mlir\n(.*?)^ *```", text, re.M | re.S):
        yield Example(f"{path}:{text[:match.start()].count(chr(10)) + 2}", match[2])


def complaint(sinter_opt, example):
    while True:
        run = subprocess.run([sinter_opt, "-"], input=example.module(), capture_output=True, text=True)
        if run.returncode == 0:
            return None
        found = EXPECTED.search(run.stderr)
        if not found or example.arguments.get(found[2]) != "none":
            return run.stderr
        example.arguments[found[2]] = found[3]


def main():
    sinter_opt, *paths = sys.argv[1:]
    count = failed = 0
    for path in paths:
        for example in examples(path):
            count += 1
            said = complaint(sinter_opt, example)
            if said:
                failed += 1
                print(f"{example.place}: the example does not parse:\n{said}")
    print(f"{count} examples, {failed} that do not parse")
    return 1 if failed or not count else 0


sys.exit(main())
