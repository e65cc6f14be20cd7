"""Metadata of small GGUF files as the usual converter writes it, for each architecture that a shipped spec names: every key must
be read, assumed or harmless. And each with a key that nobody knows: refused. usage: gguf_archs.py FOLDER MODELS"""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "formats"))
from formatlib import *

folder, models = map(pathlib.Path, sys.argv[1:])
BASE = {"block_count": 4, "context_length": 64, "embedding_length": 32, "feed_forward_length": 48, "attention.head_count": 4,
        "attention.head_count_kv": 2}
RMS, LAYER = {"attention.layer_norm_rms_epsilon": 1e-5}, {"attention.layer_norm_epsilon": 1e-5}
ROPE = {"rope.freq_base": 10000.0}
DIMS = {"attention.key_length": 8, "attention.value_length": 8}
TURNS = {"rope.dimension_count": 8, "vocab_size": 8}
LLAMA = BASE | RMS | ROPE | TURNS
EXPERTS = {"expert_count": 4, "expert_used_count": 2, "expert_feed_forward_length": 16}
NONE = {"rope.scaling.type": "none"}
FILES = {
    "llama": LLAMA | DIMS,
    "arcee": LLAMA | DIMS, "internlm": LLAMA, "smollm3": LLAMA | DIMS,
    "granite": LLAMA | {"attention.scale": 0.1, "embedding_scale": 12.0, "residual_scale": 0.2, "logit_scale": 8.0,
                        "rope.scaling.finetuned": True},
    "granitemoe": LLAMA | {"attention.scale": 0.1, "embedding_scale": 12.0, "residual_scale": 0.2, "logit_scale": 8.0,
                           "expert_count": 4, "expert_used_count": 2, "expert_shared_feed_forward_length": 16},
    "qwen2": BASE | RMS | ROPE, "qwen3": BASE | RMS | ROPE | DIMS,
    "qwen2moe": BASE | RMS | ROPE | EXPERTS | {"expert_shared_feed_forward_length": 16},
    "qwen3moe": BASE | RMS | ROPE | DIMS | EXPERTS,
    "gemma": BASE | RMS | DIMS,
    "gemma2": BASE | RMS | DIMS | {"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0, "attention.sliding_window": 16},
    "gemma3": BASE | RMS | ROPE | DIMS | {"attention.sliding_window": 16, "rope.scaling.type": "linear", "rope.scaling.factor": 8.0,
                                          "rope.freq_base_swa": 10000.0, "attention.sliding_window_pattern": 6},
    "phi3": LLAMA | {"attention.sliding_window": 16, "rope.scaling.original_context_length": 64, "rope.scaling.attn_factor": 1.2},
    "command-r": BASE | LAYER | ROPE | {"logit_scale": 0.0625} | NONE,
    "cohere2": BASE | LAYER | ROPE | TURNS | {"logit_scale": 0.0625, "attention.sliding_window": 16} | NONE,
    "stablelm": BASE | LAYER | {"rope.dimension_count": 2, "use_parallel_residual": False},
    "starcoder2": BASE | LAYER | ROPE | RMS,
    "olmo2": BASE | RMS | ROPE, "olmoe": BASE | RMS | ROPE | {"expert_count": 4, "expert_used_count": 2},
    "gpt2": {k: v for k, v in (BASE | LAYER).items() if not k.endswith("_kv")},
    "bloom": BASE | LAYER | {"feed_forward_length": 128, "attention.head_count_kv": 4},
    "gpt-oss": BASE | RMS | ROPE | DIMS | EXPERTS | {
        "attention.sliding_window": 16, "rope.scaling.type": "yarn", "rope.scaling.factor": 32.0,
        "rope.scaling.original_context_length": 32, "rope.scaling.yarn_beta_fast": 32.0, "rope.scaling.yarn_beta_slow": 1.0},
    "llama4": LLAMA | DIMS | EXPERTS | {"interleave_moe_layer_step": 1},
    "deepseek2": BASE | RMS | ROPE | {
        "vocab_size": 8, "leading_dense_block_count": 1, "attention.q_lora_rank": 12, "attention.kv_lora_rank": 8,
        "attention.head_count_kv": 1, "attention.key_length": 12, "attention.value_length": 8, "attention.key_length_mla": 12,
        "attention.value_length_mla": 8, "rope.dimension_count": 4, "expert_count": 4, "expert_used_count": 2,
        "expert_feed_forward_length": 16, "expert_shared_count": 1, "expert_weights_scale": 1.0, "expert_weights_norm": False,
        "expert_gating_func": 1, "rope.scaling.type": "yarn", "rope.scaling.factor": 40.0,
        "rope.scaling.original_context_length": 32, "rope.scaling.yarn_log_multiplier": 0.0707},
    "glm4moe": BASE | RMS | ROPE | DIMS | {
        "rope.dimension_count": 4, "expert_count": 4, "expert_used_count": 2, "expert_feed_forward_length": 16,
        "expert_shared_count": 1, "expert_group_count": 1, "expert_group_used_count": 1, "leading_dense_block_count": 1,
        "expert_gating_func": 2, "expert_weights_scale": 1.0, "expert_weights_norm": True, "nextn_predict_layers": 1},
    "hunyuan-dense": BASE | RMS | ROPE | DIMS | NONE | {"rope.scaling.factor": 1.0, "rope.scaling.original_context_length": 64},
    "ernie4_5": BASE | RMS | ROPE | DIMS,
}


def write(path, arch, keys):
    entries = [entry("general.architecture", STRING, arch),
               entry("tokenizer.ggml.tokens", ARRAY, (STRING, [f"t{i}" for i in range(8)]))]
    for key, content in keys.items():
        kind = STRING if isinstance(content, str) else BOOL if isinstance(content, bool) else U32 if isinstance(content, int) else F32
        entries.append(entry(f"{arch}.{key}", kind, content))
    path.write_bytes(gguf(entries, []))


def load():
    return subprocess.run(["sinter-import", "--config", folder / "m.gguf", "--random-weights", "1"], capture_output=True, text=True)


surprises = 0
named = {word.strip() for path in models.glob("*.yaml") for words in re.findall(r"gguf\.architecture: \[([^\]]*)\]", path.read_text())
         for word in words.split(",")}
if named != set(FILES):
    surprises += 1
    print("architectures without a case, or without a spec:", named ^ set(FILES))
for arch, keys in FILES.items():
    write(folder / "m.gguf", arch, keys)
    run = load()
    if run.returncode:
        surprises += 1
        print(arch, run.stderr[:600])
    for key in ("rope.scaling.unheard", "attention.temperature_scale"):
        write(folder / "m.gguf", arch, keys | {key: 0.5})
        run = load()
        if run.returncode != 1 or f'"{arch}.{key}" is 0.5' not in run.stderr:
            surprises += 1
            print(arch, key, run.returncode, run.stderr[:600])
print(f"{surprises} surprises")
