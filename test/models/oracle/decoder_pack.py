"""What oracles of causal models share: random weights, greedy tokens, and the files of a pack (see test/models/packs)."""
import json
import math

import numpy as np

import tensors


def floats(array):
    return "F32", list(np.shape(array)), np.asarray(array, np.float32).reshape(-1).tolist()


def drawing(weights, chance):
    """A function that puts a weight into `weights`, drawn so that sums are about as large as their terms."""
    def weight(name, *shape, mean=0.0, spread=None):
        spread = spread or (1 / math.sqrt(shape[-1]) if len(shape) > 1 else 0.3)
        weights[name] = np.asarray(mean + spread * chance.standard_normal(shape), np.float32)
    return weight


def generate(logits, ids, steps):
    """Likeliest tokens after each row of ids, and their logits; `logits` gives those of all tokens of a row."""
    made, rows = [], []
    for row in ids:
        row, tail = list(row), []
        for _ in range(steps):
            tail.append(logits(np.array(row))[-1])
            row.append(int(tail[-1].argmax()))
        made.append(row[ids.shape[1]:])
        rows.append(tail)
    return {"generated": ("I64", [len(ids), steps], np.array(made).reshape(-1).tolist()),
            "generated_logits": floats(rows)}


def write(out, maker, config, atol, weights, logits, ids, steps):
    """Writes the pack's four files to the folder `out`; returns the golden's inputs."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config) + "\n")
    (out / "golden.json").write_text(json.dumps({"made_by": maker, "atol": atol}) + "\n")
    tensors.write(out / "model.safetensors", {key: floats(value) for key, value in weights.items()})
    inputs = {"input_ids": ("I64", list(ids.shape), ids.reshape(-1).tolist())}
    expected = {"logits": floats(np.stack([logits(row) for row in ids]))}
    tensors.write(out / "golden.safetensors", inputs | expected | generate(logits, ids, steps))
    return inputs
