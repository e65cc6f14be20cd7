"""Runs the blocks of spec.md that are marked "yaml spec", "yaml config" or "yaml step".

usage: documentation.py SINTER_IMPORT SPEC_MD CONFIG SCRATCH
"""
import os, re, subprocess, sys

TEMPLATE = """about: the names of an example
matches: {{ model_type: tiny }}
config:
{config}model:
  kind: causal
  context: 8
  hidden: 8
  vocab: 8
  norm: {{ kind: rms, eps: 0 }}
  head: {{ tied: true }}
  stack:
    repeat: 1
    layer:
{steps}weights:
  embed: e
""" + "".join(f'  layer.{part}.{name}: "{part}.{name}"\n' for part in ["attention", "ffn", "again", "far"] for name in
              ["norm", "q", "k", "v", "o", "up", "down", "branch_gain", "carry_gain"])
CONFIG = "hidden: 8\nheads: 2\n"
STEPS = "- { norm: none, ffn: { width: 8, activation: relu } }\n"


def indented(text, by):
    return "".join(by * " " + line + "\n" for line in text.splitlines())


def main(tool, document, config, scratch):
    os.makedirs(scratch, exist_ok=True)
    blocks = re.findall(r"^```yaml (spec|config|step)\n(.*?)^```", open(document).read(), re.S | re.M)
    kinds = {kind for kind, _ in blocks}
    if kinds != {"spec", "config", "step"}:
        sys.exit(f"expected examples of specs, of configs and of steps, found {kinds}")
    for at, (kind, text) in enumerate(blocks):
        path = os.path.join(scratch, f"{at}.yaml")
        if kind != "spec":
            config_text, steps = (text, STEPS) if kind == "config" else (CONFIG, text)
            text = TEMPLATE.format(config=indented(config_text, 2), steps=indented(steps, 6))
        open(path, "w").write(text)
        subprocess.run([tool, "--spec", path, "--config", config], check=True, stdout=subprocess.DEVNULL)
    print(f"{len(blocks)} examples read")


main(*sys.argv[1:])
