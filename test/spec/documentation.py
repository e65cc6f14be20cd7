"""Runs the blocks of spec.md that are marked "yaml spec" or "yaml config".

usage: documentation.py SINTER_IMPORT SPEC_MD CONFIG SCRATCH
"""
import os, re, subprocess, sys

TEMPLATE = """about: the names of an example
matches: {{ model_type: tiny }}
config:
{config}model: {{ kind: causal, context: 8, hidden: 8, vocab: 8, norm: {{ kind: rms, eps: 0 }}, head: {{ tied: true }},
  stack: {{ repeat: 1, layer: [{{ norm: none, ffn: {{ width: 8, activation: relu }} }}] }} }}
weights: {{ embed: e, head: h, layer.ffn.up: u, layer.ffn.down: d }}
"""


def main(tool, document, config, scratch):
    os.makedirs(scratch, exist_ok=True)
    blocks = re.findall(r"^```yaml (spec|config)\n(.*?)^```", open(document).read(), re.S | re.M)
    kinds = {kind for kind, _ in blocks}
    if kinds != {"spec", "config"}:
        sys.exit(f"expected examples of specs and of configs, found {kinds}")
    for at, (kind, text) in enumerate(blocks):
        path = os.path.join(scratch, f"{at}.yaml")
        if kind == "config":
            text = TEMPLATE.format(config="".join("  " + line + "\n" for line in text.splitlines()))
        open(path, "w").write(text)
        subprocess.run([tool, "--spec", path, "--config", config], check=True, stdout=subprocess.DEVNULL)
    print(f"{len(blocks)} examples read")


main(*sys.argv[1:])
