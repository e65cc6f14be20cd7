#!/usr/bin/env python3
"""Random templates, rendered by jinja2 and by sinter-chat-render.

Run by hand: fuzz-against-jinja.py TOOL COUNT [SEED]. A difference is another
text, or a text where jinja2 fails; refusing what jinja2 renders is allowed
and counted.
"""
import collections
import json
import random
import subprocess
import sys
import warnings

import chat_oracle

DATA = {
    "messages": [{"role": "user", "content": " Hello, wörld \n"},
                 {"role": "assistant", "content": "a\tb'c\"", "n": 2.5}],
    "tools": [{"name": "f", "args": {"x": [1, 2, {"y": None}], "b": True}}],
    "d": {"k": 1, "items": 2, "b": "x", "Z": [3]}, "l": [3, 1, 2, -7],
    "s": "abc,Def,  g", "e": "", "z": 0, "f": 1.25, "neg": -3, "t": True,
    "none": None, "u8": "日本 é😀\u00a0", "mixed": [1, "a", None, 2.0, [], {}],
    "now": 1753500000,
}
NAMES = ["messages", "tools", "d", "l", "s", "e", "z", "f", "neg", "t", "u8",
         "mixed", "missing", "x", "ns", "i"]
LITERALS = ["1", "0", "-2", "3", "2.5", "1e20", "1e-7", "'a'", "'b,c'", '","',
            "''", "'é\\n'", "true", "none", "[]", "[1, 2]", "('a', 1)", "()",
            "{'a': 1, 'b': [2]}", "{}", "'role'", "'Hello World'", "10", "7"]
FILTERS = ["abs", "capitalize", "count", "default('q')", "d('q', true)",
           "dictsort", "dictsort(by='value')", "first", "float", "indent",
           "indent(2, true)", "indent('> ', blank=true)", "int", "int(5)",
           "items|list", "join", "join(', ')", "last", "length", "list",
           "lower", "map('upper')|list", "map(attribute='role')|list",
           "map(attribute='n', default=0)|list", "max", "min",
           "reject('none')|list", "rejectattr('n')|list",
           "rejectattr('n', 'defined')|list", "replace('a', 'bb')",
           "replace('', '-')", "reverse", "reverse|list", "round",
           "round(1)", "round(1, 'ceil')", "round(method='floor')",
           "select|list", "select('string')|list", "select('gt', 1)|list",
           "selectattr('role', 'equalto', 'user')|list", "sort",
           "sort(reverse=true)", "string", "sum", "title", "tojson",
           "tojson(indent=2)", "tojson(sort_keys=true)",
           "tojson(ensure_ascii=true)", "tojson(separators=(',', ':'))",
           "trim", "trim('a ')", "unique|list", "upper"]
TESTS = ["boolean", "callable", "defined", "divisibleby(3)", "divisibleby 2",
         "eq 1", "even", "odd", "false", "true", "float", "ge(2)", "in [1, 2]",
         "integer", "iterable", "lower", "lt 3", "mapping", "ne 'a'", "none",
         "number", "sequence", "string", "undefined", "upper"]
METHODS = ["strip()", "strip(' ')", "lstrip()", "rstrip('\\n')", "split(',')",
           "split()", "split(none, 1)", "split(',', 1)", "rsplit(',', 1)",
           "startswith('a')", "endswith(('g', 'x'))", "replace('a', 'b')",
           "replace('', '.', 2)", "upper()", "lower()", "title()",
           "capitalize()", "swapcase()", "find('c')", "rfind(',')",
           "index('b')", "count('a')", "count('')", "join(['p', 'q'])",
           "join('xyz')", "splitlines()", "splitlines(true)", "zfill(5)",
           "ljust(6, '*')", "rjust(9)", "isdigit()", "isalpha()", "isalnum()",
           "isspace()", "islower()", "isupper()", "partition(',')",
           "rpartition(',')", "removeprefix('a')", "removesuffix('g')",
           "items()", "keys()", "values()", "get('k')", "get('q', 9)",
           "get(none)", "copy()", "index(1)", "count(1)", "items", "role",
           "content", "k", "b", "args.x", "0", "1"]
BINARY = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">",
          ">=", "in", "not in", "and", "or"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.tame = False

    def template(self, kind):
        """One expression, or tags around tame expressions, or anything."""
        if kind == 0:
            return "{{ " + self.expr(2) + " }}"
        if kind == 1:
            return "{{ " + self.expr(1) + " }}"
        self.tame = kind < 5
        return self.body(2)

    def expr(self, depth):
        r = self.r
        if self.tame:
            return r.choice(["s", "z", "t", "l", "e", "none", "1 + 1", "'q'",
                             "x is defined", "x", "i", "l[0] > 2", "i ~ '.'",
                             "s.split(',')", "d", "d.items()", "messages",
                             "l|select|list", "l|map('string')", "i|string",
                             "[1, 'a']", "range(3)", "u8", "i and x"])
        if depth <= 0 or r.random() < 0.15:
            return r.choice(NAMES if r.random() < 0.6 else LITERALS)
        e = lambda: self.expr(depth - 1)
        kind = r.randrange(12)
        if kind < 3:
            return f"{e()}|{r.choice(FILTERS)}"
        if kind < 5:
            return f"{e()}.{r.choice(METHODS)}"
        if kind == 5:
            return f"{e()} is {r.choice(['', 'not '])}{r.choice(TESTS)}"
        if kind == 6:
            return f"{e()}[{r.choice([e(), '-1', '0', ':', '1:', ':-1', '::-1', '::2', '-2:', '5:1:-1'])}]"
        if kind == 7:
            return f"({e()} if {e()}{r.choice(['', ' else ' + e()])})"
        if kind == 8:
            return r.choice([f"not {e()}", f"-{e()}", f"({e()})",
                             f"[{e()}, {e()}]", f"({e()}, {e()})",
                             f"{{'k': {e()}, {e()}: 1}}",
                             f"range({e()})|list", f"dict(a={e()})",
                             f"{e()} < {e()} <= {e()}"])
        return f"{e()} {r.choice(BINARY)} {e()}"

    def space(self):
        return self.r.choice(["", " ", "\n", "\n\n", "  \n  ", "\t", "x", " y\n",
                              "\n  z "])

    def tag(self, text):
        r = self.r
        return ("{%" + r.choice(["", "", "-", "+"]) + " " + text + " " +
                r.choice(["", "", "-", "+"]) + "%}")

    def body(self, depth):
        return "".join(self.space() + self.stmt(depth)
                       for _ in range(self.r.randint(1, 3))) + self.space()

    def stmt(self, depth):
        r, b = self.r, lambda: self.body(depth - 1)
        kind = r.randrange(11) if depth > 0 else r.randrange(3)
        if kind < 2:
            return ("{{" + r.choice(["", "-"]) + " " + self.expr(3) + " " +
                    r.choice(["", "-"]) + "}}")
        if kind == 2:
            return r.choice(["{# c #}", "{#- c -#}", "{# {{ #}\n", "{#+ d +#}",
                             self.tag("set x = " + self.expr(2)),
                             self.tag("set ns.a = " + self.expr(2)),
                             self.tag("set x, i = " + self.expr(2) + ", 1")])
        if kind < 5:
            other = self.tag("else") + b() if r.random() < 0.4 else ""
            elif_ = (self.tag("elif " + self.expr(2)) + b()
                     if r.random() < 0.3 else "")
            return (self.tag("if " + self.expr(2)) + b() + elif_ + other +
                    self.tag("endif"))
        if kind < 8:
            head = r.choice(["i in ", "x in ", "i, x in ", "i in l if i != ",
                             "i in messages if i.role != "])
            other = self.tag("else") + b() if r.random() < 0.3 else ""
            inner = r.choice([
                "", "{{ loop.index }}{{ loop.last }}",
                "{{ loop.length }}{{ loop.revindex0 }}", "{{ loop.first }}",
                "{{ loop.previtem }}|{{ loop.nextitem }}",
                "{{ loop.cycle('a', 'b') }}{{ loop.changed(i) }}",
                "{% if loop.index0 == 1 %}{% break %}{% endif %}",
                "{% if i %}{% continue %}{% endif %}"])
            iterable = r.choice(NAMES[:6] + ["range(4)", "u8"]) if r.random() < 0.6 else self.expr(2)
            return (self.tag("for " + head + iterable) + b() + inner + b() +
                    other + self.tag("endfor"))
        if kind == 8:
            return (self.tag("set x" + r.choice(["", " | upper", " | trim"])) +
                    b() + self.tag("endset") + "{{ x }}")
        if kind == 9:
            name = r.choice("mn")
            return (self.tag(f"macro {name}(i, x={self.expr(1)})") + b() +
                    self.tag("endmacro") +
                    "{{ " + name + r.choice(["()", "(1)", "(x=2)", "(l, i=1)",
                                             "(1, 2)", "(i, x)"]) + " }}")
        return r.choice([
            self.tag("raw") + " {{ raw }} \n" + self.tag("endraw"),
            self.tag("generation") + b() + self.tag("endgeneration"),
            self.tag("with i = " + self.expr(1)) + b() + self.tag("endwith"),
            self.tag("filter upper") + b() + self.tag("endfilter"),
            self.tag("set ns = namespace(a=" + self.expr(1) + ")") +
            "{{ ns.a }}{% set ns.a = 5 %}{{ ns.a }}{{ ns.b is defined }}"])


def main():
    warnings.simplefilter("ignore")
    tool, count = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    run = subprocess.Popen([tool, "--lines"], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)
    tally, refusals = collections.Counter(), collections.Counter()
    for i in range(seed, seed + count):
        maker = Maker(i)
        template = maker.template(i % 6)
        run.stdin.write(json.dumps({"template": template, "input": DATA}) +
                        "\n")
        run.stdin.flush()
        line = run.stdout.readline()
        if not line:
            print("the tool died on seed", i, repr(template))
            return 1
        answer = json.loads(line)
        try:
            wanted = chat_oracle.render(template, json.loads(json.dumps(DATA)))
        except Exception as error:
            wanted, why = None, repr(error)
        if "text" not in answer:
            tally["both fail" if wanted is None else "refused"] += 1
            if wanted is not None:
                refusals[answer["error"].split(": ", 1)[1][:60]] += 1
                if len(sys.argv) > 4:
                    print(i, repr(template), answer["error"])
        elif answer["text"] == wanted:
            tally["equal"] += 1
        else:
            tally["different"] += 1
            if tally["different"] < 12:
                print(f"seed {i}: {template!r}\n  jinja2 "
                      f"{wanted if wanted is not None else why!r}\n  here   "
                      f"{answer['text']!r}")
    print(dict(tally))
    for why, times in refusals.most_common(25):
        print(f"  {times:5} {why}")
    return tally["different"] != 0


if __name__ == "__main__":
    sys.exit(main())
