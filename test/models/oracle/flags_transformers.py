"""Changes one key of config.json at a time and compares Sinter's interpreter with transformers.

usage: flags_transformers.py SINTER SCRATCH [CONFIG...]   names of test/spec/Inputs/configs; all unless some are named
needs: transformers==5.24.0 torch==2.15.0 (CPU) safetensors numpy

For each configuration and each key that the reference reads (test/spec/Inputs/reference-keys.txt), a model with random
weights is made by transformers and read by Sinter. Printed are the keys where both differ (WRONG: to be mended, unless
a warning names the key) and where Sinter refuses. What a missing key means is compared by test/spec/defaults.py.
Positions that are computed are left as the reference makes them.
"""
import copy
import json
import os
import pathlib
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "critical")

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

ROOT = pathlib.Path(__file__).resolve().parents[3]
# They change shapes, or nothing that is computed.
SIZES = {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "d_model", "n_embd",
         "num_key_value_heads", "n_head", "n_layer", "head_dim", "type_vocab_size", "max_position_embeddings"}
IDLE = {"dtype", "use_cache", "return_dict", "problem_type", "chunk_size_feed_forward", "is_encoder_decoder"}
SCALINGS = [
    {"rope_type": "linear", "factor": 2.0},
    {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
     "original_max_position_embeddings": 16},
    {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8, "attn_factor": 0.7},
    {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8, "mscale": 0.7, "mscale_all_dim": 0.4},
    {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8, "attention_factor": 1.3, "truncate": False}]


def read_keys():
    families = {}
    for line in (ROOT / "test/spec/Inputs/reference-keys.txt").read_text().splitlines():
        if not line.startswith("#"):
            family, key, default = line.split(" ", 2)
            families.setdefault(family, {})[key] = default
    return families


def other_values(key, value):
    """Values of the same type, and guesses where there is none."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, float):
        return [value * 1.5 + 0.3 * (value == 0)]
    if isinstance(value, int):
        return [value + 1] + [value - 1] * (value > 1)
    if isinstance(value, str):
        return ["silu" if value == "relu" else "relu"] if "act" in key else []
    if isinstance(value, list):
        return [value[1:] + value[:1]] if len(set(map(str, value))) > 1 else []
    return [True, 3, 0.5] if value is None else []


def changes(config, keys):
    """(name, the changed configuration) of all changes, the first of which is none."""
    yield "as it is", config
    for key, default in keys.items():
        if key in SIZES | IDLE or "." in key or default.startswith("=") or "drop" in key or "initializer" in key:
            continue
        try:
            value = config[key] if key in config else json.loads(default)
        except json.JSONDecodeError:  # too long to be listed
            continue
        for other in other_values(key, value):
            yield f"{key} {other}", config | {key: other}
    for pad in (0, 3):
        yield f"pad_token_id {pad}", config | {"pad_token_id": pad}
    yield "tie_word_embeddings", config | {"tie_word_embeddings": not config.get("tie_word_embeddings", True)}
    if "rope_parameters" not in keys:
        return
    plain = {k: v for k, v in config.items() if k not in ("rope_parameters", "rope_scaling")}
    for scaling in SCALINGS:
        yield f"rope_scaling {scaling}", plain | {"rope_scaling": scaling, "rope_theta": 777.0}
    yield "rope_scaling with rope_theta", plain | {"rope_scaling": SCALINGS[0] | {"rope_theta": 555.0}, "rope_theta": 777.0}
    yield "rope_scaling in place of rope_parameters", plain | {
        "rope_scaling": SCALINGS[0], "rope_theta": 777.0, "rope_parameters": SCALINGS[1] | {"rope_theta": 555.0}}
    yield "partial_rotary_factor", plain | {"partial_rotary_factor": 0.5}
    yield "rope_theta", plain | {"rope_theta": 777.0}


def make_model(config):
    kind = CONFIG_MAPPING[config["model_type"]]
    settings = kind.from_dict({k: v for k, v in copy.deepcopy(config).items() if k != "model_type"})
    settings._experts_implementation = "eager"
    model = getattr(transformers, config["architectures"][0])(settings).eval().float()
    chance = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if "embed_positions" in name or "pos_embed" in name:
                continue
            drawn = torch.randn(weight.shape, generator=chance)
            gain = "norm" in name.lower() and name.endswith("weight")
            weight.copy_(drawn / weight.shape[-1] ** 0.5 if weight.dim() > 1 else 0.3 * drawn + gain)
    return model


def run_reference(config, folder):
    """Writes model and inputs; returns the logits."""
    model = make_model(config)
    model.config.use_cache = False  # one of them has no mask beside a cache
    chance = torch.Generator().manual_seed(6)
    inputs = {"input_ids": torch.randint(5, model.config.vocab_size - 2, (2, 11), generator=chance)}
    if model.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = torch.randint(5, model.config.vocab_size - 2, (2, 7), generator=chance)
    with torch.no_grad():
        out = model(**inputs)
    for old in folder.iterdir():
        old.unlink()
    model.save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(config))
    save_file(inputs, folder / "in.st")
    return out.logits if hasattr(out, "logits") else out[0]


def compare(sinter, config, folder):
    """What to print; empty if both agree, none if the reference cannot do it."""
    try:
        expected = run_reference(config, folder)
    except Exception:  # whatever the reference says to a value that it does not know
        return None
    done = subprocess.run([sinter, "interpret", folder, "--input", folder / "in.st", "--output", folder / "out.st"],
                          capture_output=True, text=True, env=os.environ | {"SINTER_MODELS": str(ROOT / "models")})
    if done.returncode:
        return "refused: " + next((line for line in done.stderr.splitlines() if "error: " in line), "")
    found = load_file(folder / "out.st").get("logits")
    if found is None or found.numel() != expected.numel():
        return "WRONG: another output"
    warned = " and says so" if "nothing reads" in done.stderr else ""
    off, spread = (found.reshape(expected.shape) - expected).abs().max().item(), expected.std().item()
    return "" if off < 2e-3 * spread else f"WRONG: off by {off:.3g}, of a spread of {spread:.3g}{warned}"


def main(sinter, scratch, *names):
    folder = pathlib.Path(scratch)
    folder.mkdir(parents=True, exist_ok=True)
    families, wrong = read_keys(), 0
    for path in sorted((ROOT / "test/spec/Inputs/configs").glob("*.json")):
        config = json.loads(path.read_text())
        if (names and path.stem not in names) or config["model_type"] not in families:
            continue
        for name, changed in changes(config, families[config["model_type"]]):
            said = compare(sinter, changed, folder)
            wrong += bool(said) and said.startswith("WRONG")
            if said:
                print(f"{path.stem}: {name}: {said}", flush=True)
    print(f"{wrong} differ")


main(*sys.argv[1:])
