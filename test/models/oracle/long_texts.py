#!/usr/bin/env python3
"""Makes the packs of test/models/long: texts far past the window, or past the trained length.

  long_texts.py PACKS OUT [NAME...]     PACKS: test/models/packs, whose weights are taken; OUT: test/models/long

The model computes every token anew from the whole text, so that nothing depends on how keys are kept; except where
keys stay as they were computed (a rotary base that grows), where a cache of the whole text is used. Float64, but for what the
library computes in float32. Needs torch and transformers (5.23.0 made what is there), numpy and safetensors.
"""
import json
import os
import shutil
import sys

import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import AutoConfig, AutoModelForCausalLM

# Name: the pack whose weights are taken, changes to its configuration, tokens of the prompt, whether a cache is needed.
LONG = {
    "mistral_window": ("mistral_swa", {"sliding_window": 8, "max_position_embeddings": 512}, 40, False),
    "gpt_oss_window_and_sinks": ("gpt_oss", {"sliding_window": 8, "max_position_embeddings": 512}, 150, False),
    "gemma2_every_other_window": ("gemma2", {"sliding_window": 70, "max_position_embeddings": 512}, 240, False),
    "llama4_chunks": ("llama4", {"attention_chunk_size": 7, "max_position_embeddings": 512}, 30, False),
    "llama_growing_base": ("llama2_gqa", {"max_position_embeddings": 24, "rope_parameters": {
        "rope_type": "dynamic", "factor": 8.0, "rope_theta": 10000.0}}, 40, True),
    "llama_growing_within": ("llama2_gqa", {"max_position_embeddings": 48, "rope_parameters": {
        "rope_type": "dynamic", "factor": 4.0, "rope_theta": 10000.0}}, 20, True),
}
STEPS = 120


def load(folder, changes, dtype):
    config = AutoConfig.from_pretrained(folder)
    for key, value in changes.items():
        setattr(config, key, value)
    model = AutoModelForCausalLM.from_pretrained(folder, config=config, dtype=torch.float32, attn_implementation="eager",
                                                 experts_implementation="eager")
    return model.to(dtype).eval()


@torch.no_grad()
def generate(model, ids, cached):
    """Logits of the prompt, greedy tokens and the logits that chose them."""
    out = model(ids, use_cache=cached)
    prompt, state, row = out.logits, out.past_key_values if cached else None, out.logits[:, -1]
    tokens, rows = [], []
    for _ in range(STEPS):
        token = row.argmax(-1, keepdim=True)
        tokens.append(token)
        rows.append(row)
        ids = torch.cat([ids, token], 1)
        out = model(token, past_key_values=state, use_cache=True) if cached else model(ids, use_cache=False)
        row = out.logits[:, -1]
    return prompt, torch.cat(tokens, 1), torch.stack(rows, 1)


def make(name, packs, target):
    source, changes, length, cached = LONG[name]
    folder = os.path.join(packs, source)
    for seed in range(100):
        # Anew for each: a rotary base that has grown stays so.
        exact, single = (load(folder, changes, dtype) for dtype in (torch.float64, torch.float32))
        ids = torch.from_numpy(np.random.default_rng(seed).integers(3, exact.config.vocab_size, (1, length)))
        prompt, tokens, rows = generate(exact, ids, cached)
        near = generate(single, ids, cached)
        best = rows.topk(2, -1).values
        margin = float((best[..., 0] - best[..., 1]).min())
        error = max(float((a - b).abs().max()) for a, b in ((prompt, near[0]), (rows, near[2])))
        atol = max(2e-5, float(f"{10 * error:.0e}"))
        print(name, "seed", seed, "error", error, "margin", margin)
        if margin > 20 * atol and bool((tokens == near[1]).all()):
            break
    out = os.path.join(target, name)
    os.makedirs(out, exist_ok=True)
    exact.config.save_pretrained(out)
    link = os.path.join(out, "model.safetensors")
    if not os.path.lexists(link):
        os.symlink(os.path.join("..", "..", "packs", source, "model.safetensors"), link)
    save_file({"input_ids": ids.numpy(), "logits": prompt.float().numpy(), "generated": tokens.numpy(),
               "generated_logits": rows.float().numpy()}, os.path.join(out, "golden.safetensors"))
    with open(os.path.join(out, "golden.json"), "w") as file:
        json.dump({"name": name, "made_by": "test/models/oracle/long_texts.py", "weights": source, "seed": seed,
                   "changes": changes, "f32_vs_f64_max_abs": error, "atol": atol, "greedy_min_margin": margin,
                   "generated_distinct": len(set(tokens[0].tolist()))}, file, indent=1)


packs, target, *names = sys.argv[1:]
for name in names or LONG:
    make(name, packs, target)
