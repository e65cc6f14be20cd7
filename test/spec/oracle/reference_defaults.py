"""Writes what keys mean that a config.json lacks, to the reference implementation, for the families of models/.

usage: reference_defaults.py REFERENCE_KEYS > test/spec/Inputs/reference-defaults.txt
needs: transformers==5.24.0 torch==2.15.0 (CPU)

REFERENCE_KEYS is what reference_keys.py writes. A line has a model_type and four JSON objects: what a config.json says
(few layers, or nothing), and what its other keys are then to the reference; other sizes, and the keys that mean
something else beside these, so that what is computed from sizes can be told from a constant.
"""
import json, logging, re, sys, warnings

warnings.filterwarnings("ignore")

import transformers
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

logging.disable(logging.CRITICAL)
# Keys that name sizes, and how often a default stands there. Heads have other sizes, too.
SIZES = {"hidden_size": 4, "d_model": 4, "n_embd": 4, "emb_dim": 4, "dim": 4, "num_attention_heads": 2, "n_head": 2, "n_heads": 2,
         "encoder_attention_heads": 2, "decoder_attention_heads": 2, "num_heads": 2, "intermediate_size": 3}
DEPTHS = {"num_hidden_layers": 9, "n_layer": 9, "n_layers": 9, "num_layers": 9}
# Of training and generation, or other names for keys that are listed.
IDLE = re.compile("rope_scaling|(bos|eos|sep|decoder_start|forced_.*)_token_id|dtype|use_cache|.*(dropout|drop|pdrop|initializer).*|"
                  "output_(attentions|hidden_states|past|router_logits)|chunk_size_.*|.*_(loss|aux_loss)_coef|.*jitter_noise|problem_type|summary_.*|return_dict")


def read_keys(path):
    families = {}
    for line in open(path):
        if not line.startswith("#"):
            family, key, default = line.rstrip("\n").split(" ", 2)
            if not default.startswith("=") and "." not in key and not IDLE.fullmatch(key):
                families.setdefault(family, []).append(key)
    return families


def meaning(family, keys, said):
    """{key: value} of the keys that `said` lacks."""
    config = CONFIG_MAPPING[family].from_dict(json.loads(json.dumps(said)))
    found = {}
    for key in keys:
        try:
            value = getattr(config, key, None)
        except Exception:  # differs by layer
            value = vars(config).get(key)
        try:
            json.dumps(value)
        except TypeError:
            continue
        if key not in said and value is not None:
            found[key] = value
    return found


def try_meaning(family, keys, said):
    """None where what is said contradicts a default."""
    try:
        return meaning(family, keys, said)
    except Exception:
        return None


def main(path):
    print(f"# by test/spec/oracle/reference_defaults.py of transformers {transformers.__version__}")
    for family, keys in sorted(read_keys(path).items()):
        all_keys = meaning(family, keys, {})
        few = {key: depth for key, depth in DEPTHS.items() if key in all_keys}
        plain = try_meaning(family, keys, few)
        if plain is None:
            few, plain = {}, all_keys
        sizes = {key: all_keys[key] * times for key, times in SIZES.items() if key in all_keys}
        sizes |= {key: depth + 3 for key, depth in few.items()}
        then = try_meaning(family, keys, sizes)
        sizes, then = ({}, {}) if then is None else (sizes, {k: v for k, v in then.items() if v != plain.get(k)})
        print(family, " | ".join(map(json.dumps, [few, plain, sizes, then])))


main(*sys.argv[1:])
