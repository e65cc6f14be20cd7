#!/usr/bin/env python3
"""Renders chat templates with jinja2 3.1.6, set up as transformers does.

With no arguments, writes expected/ anew for every template and input here.
"""
import datetime
import json
import os
import sys

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(jinja2.ext.Extension):
    """{% generation %}: a call block whose text is printed as it is."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"],
                                       drop_needle=True)
        call = self.call_method("_echo")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _echo(self, caller):
        return caller()


def environment(now=0):
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True,
        extensions=[Generation, jinja2.ext.loopcontrols])

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None,
               sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent,
                          separators=separators, sort_keys=sort_keys)

    def strftime_now(form):
        return datetime.datetime.fromtimestamp(now).strftime(form)

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = strftime_now
    return env


def render(template, data):
    data = dict(data)
    env = environment(data.pop("now", 0))
    data.setdefault("messages", [])
    data.setdefault("tools", None)
    data.setdefault("documents", None)
    data.setdefault("add_generation_prompt", False)
    return env.from_string(template).render(**data)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    for name in sorted(os.listdir(os.path.join(here, "templates"))):
        with open(os.path.join(here, "templates", name),
                  newline="") as file:
            template = file.read()
        for case in sorted(os.listdir(os.path.join(here, "inputs"))):
            with open(os.path.join(here, "inputs", case)) as file:
                data = json.load(file)
            stem = name.split(".")[0] + "-" + case.split(".")[0]
            try:
                text = "ok\n" + render(template, data)
            except (jinja2.exceptions.TemplateError, TypeError) as error:
                text = "refused\n" + str(error)
            with open(os.path.join(here, "expected", stem + ".txt"), "w",
                      newline="") as file:
                file.write(text)


if __name__ == "__main__":
    sys.exit(main())
