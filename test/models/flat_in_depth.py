"""Compiles a model of three forms of layer at 6 and at 64 layers: code is generated for each form, not for each layer."""
import json
import os
import resource
import subprocess
import sys

SPEC = """
about: layers of three forms, one after the other
matches: { model_type: [flat] }
config: { layers: { hf: layers } }
model:
  kind: causal
  context: 64
  hidden: 32
  vocab: 40
  norm: { kind: rms, eps: 1e-5 }
  stack:
    repeat: layers
    layer:
      - norm: pre
        attention: { heads: 4, head_dim: 8, mask: causal, rope: { theta: 1000, when: i % 3 != 0 } }
      - { norm: pre, when: i % 3 != 2, ffn: { width: 48, activation: silu, gated: true } }
      - { norm: pre, when: i % 3 == 2, ffn: { width: 64, activation: relu } }
  head: { tied: true }
weights:
  embed: embed
"""
PARTS = {"attention": ["norm", "q", "k", "v", "o"], "ffn": ["norm", "gate", "up", "down"]}


def seconds(layers, folder):
    """Processor time of a compilation."""
    config = os.path.join(folder, f"{layers}.json")
    with open(config, "w") as file:
        json.dump({"model_type": "flat", "layers": layers}, file)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["sinter", "compile", os.path.join(folder, "flat.yaml"), "--config", config, "--random-weights", "1",
                    "--quiet", "-o", os.path.join(folder, f"{layers}.out")], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "flat.yaml"), "w") as file:
    file.write(SPEC)
    for part, names in PARTS.items():
        for name in names:
            file.write(f'  layer.{part}.{name}: "{part}.{name}.{{i}}"\n')
# By turns, the least of each: a machine's speed changes within seconds. Code for each layer would take many times as long.
rounds = [(seconds(6, folder), seconds(64, folder)) for _ in range(3)]
few, many = (min(times) for times in zip(*rounds))
print(f"6 layers: {few:.2f} s, 64 layers: {many:.2f} s, ratio {many / few:.2f}")
sys.exit(many > 1.5 * few)
