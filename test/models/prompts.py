"""Makes models with learned tokens out of a GPT-2 pack, and what they must compute.

usage: prompts.py PACK SPEC FOLDER

The learned tokens are the first tokens of the golden's input: as rows of the
embedding (FOLDER/embeddings), or, for a model of one layer, as the keys and
values that the layer makes of them (FOLDER/states). What follows must then be
what the plain model gives for the whole: FOLDER/embeddings.golden; for one
layer, FOLDER/one has the plain model. FOLDER/tuned and FOLDER/prefixed are the
same as adapters of the plain models; FOLDER/through is one whose rows go
through a network, FOLDER/folded has what that gives.
"""
import array
import json
import math
import os
import random
import sys

import tensors

COUNT = 5

pack, spec, folder = sys.argv[1:]
config = json.load(open(os.path.join(pack, "config.json")))
hidden, vocab = config["n_embd"], config["vocab_size"]
weights = tensors.read(os.path.join(pack, "model.safetensors"))
golden = tensors.read(os.path.join(pack, "golden.safetensors"))
prefix = "transformer." if "transformer.wte.weight" in weights else ""
_, (_, tokens), ids = golden["input_ids"]
learned, rest = ids[:COUNT], ids[COUNT:tokens]


def row(name, at, width=hidden):
    return weights[prefix + name][2][at * width:(at + 1) * width]


def save(name, layers, extra, lines, rules):
    """A model with extra tensors, and the spec with extra lines."""
    where = os.path.join(folder, name)
    os.makedirs(where, exist_ok=True)
    kept = {n: t for n, t in weights.items() if ".h." not in "." + n or int(n.split("h.")[1].split(".")[0]) < layers}
    tensors.write(os.path.join(where, "model.safetensors"), {**kept, **extra})
    json.dump({**config, "n_layer": layers}, open(os.path.join(where, "config.json"), "w"))
    text = open(spec).read()
    text = text.replace("\nmodel:\n", "\nmodel:\n" + lines).replace("\nweights:\n", "\nweights:\n" + rules)
    open(where + ".yaml", "w").write(text)


def states(at, token):
    """Key and value of a token in the first layer."""
    x = [a + b for a, b in zip(row("wte.weight", token), row("wpe.weight", at))]
    mean = sum(x) / hidden
    scale = 1 / math.sqrt(sum((v - mean) ** 2 for v in x) / hidden + config["layer_norm_epsilon"])
    x = [(v - mean) * scale * w + b for v, w, b in zip(x, row("h.0.ln_1.weight", 0), row("h.0.ln_1.bias", 0))]
    out = list(weights[prefix + "h.0.attn.c_attn.bias"][2])
    for i, v in enumerate(x):
        for o, w in enumerate(row("h.0.attn.c_attn.weight", i, 3 * hidden)):
            out[o] += v * w
    return out[hidden:]


embedded = array.array("f", [v for token in learned for v in row("wte.weight", token)])
save("embeddings", config["n_layer"], {"prompt": ("F32", [COUNT, hidden], embedded)},
     f"  prompt: {{ tokens: {COUNT} }}\n", "  prompt: { hf: prompt }\n")
both = array.array("f", [v for at, token in enumerate(learned) for v in states(at, token)])
save("states", 1, {"past": ("F32", [COUNT, 2 * hidden], both)},
     f"  prompt: {{ tokens: {COUNT}, kind: keys_and_values }}\n",
     "  layer.attention.prompt_k: { hf: { name: past, columns: { count: hidden } } }\n"
     "  layer.attention.prompt_v: { hf: { name: past, columns: { from: hidden, count: hidden } } }\n")
save("one", 1, {}, "", "")


def adapter(name, kind, parts):
    """A folder as the PEFT library writes it; parts: name -> (rows, values)."""
    where = os.path.join(folder, name)
    os.makedirs(where, exist_ok=True)
    json.dump({"peft_type": kind, "task_type": "CAUSAL_LM", "num_virtual_tokens": COUNT, "token_dim": hidden, "num_layers": 1,
               "num_attention_heads": config["n_head"], "num_transformer_submodules": 1, "inference_mode": True},
              open(os.path.join(where, "adapter_config.json"), "w"))
    tensors.write(os.path.join(where, "adapter_model.safetensors"), {
        part: ("F32", [rows, len(values) // rows] if rows else [len(values)], values) for part, (rows, values) in parts.items()})


adapter("tuned", "P_TUNING", {"prompt_embeddings": (COUNT, embedded)})
adapter("prefixed", "PREFIX_TUNING", {"prompt_embeddings": (COUNT, both)})
chance = random.Random(3)
sizes = [7, 9, 2 * hidden]
before = [chance.gauss(0, 1) for _ in range(COUNT * sizes[0])]
network, rows = {"embedding.weight": (COUNT, before)}, [before[at * 7:at * 7 + 7] for at in range(COUNT)]
for at, (width, out) in enumerate(zip(sizes, sizes[1:])):
    matrix = [[chance.gauss(0, 0.5) for _ in range(width)] for _ in range(out)]
    bias = [chance.gauss(0, 0.5) for _ in range(out)]
    network[f"transform.{2 * at}.weight"] = (out, sum(matrix, []))
    network[f"transform.{2 * at}.bias"] = (0, bias)
    if at:
        rows = [[math.tanh(v) for v in each] for each in rows]
    rows = [[b + sum(v * w for v, w in zip(each, line)) for line, b in zip(matrix, bias)] for each in rows]
adapter("through", "PREFIX_TUNING", {"prompt_encoder.default." + part: value for part, value in network.items()})
adapter("folded", "PREFIX_TUNING", {"prompt_embeddings": (COUNT, sum(rows, []))})

steps = golden["generated"][1][1]
tensors.write(os.path.join(folder, "embeddings.golden"), {
    "input_ids": ("I64", [1, tokens - COUNT], rest),
    "logits": ("F32", [1, tokens - COUNT, vocab], golden["logits"][2][COUNT * vocab:tokens * vocab]),
    "generated": ("I64", [1, steps], golden["generated"][2][:steps]),
    "generated_logits": ("F32", [1, steps, vocab], golden["generated_logits"][2][:steps * vocab])})
tensors.write(os.path.join(folder, "one.in"), {"input_ids": ("I64", [1, tokens], ids[:tokens])})


def cut():
    """FOLDER/states.golden from the plain model's output FOLDER/one.out."""
    held = tensors.read(os.path.join(folder, "one.out"))
    held["logits"] = ("F32", [1, tokens - COUNT, vocab], held["logits"][2][COUNT * vocab:])
    held["input_ids"] = ("I64", [1, tokens - COUNT], rest)
    tensors.write(os.path.join(folder, "states.golden"), held)


if os.path.exists(os.path.join(folder, "one.out")):
    cut()
