"""Small GGUF files of the llama family with keys of rotary positions: logits of sinter's interpreter beside those of plain
Python, which follows llama.cpp (load_hparams, llama_context, ggml_rope_yarn). Files that must be refused, with what must be said.
usage: gguf_keys.py FOLDER"""
import math
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "formats"))
from formatlib import *
import tensors as safetensors_files

folder = pathlib.Path(sys.argv[1])
HIDDEN, HEADS, KV, DIM, LAYERS, WIDTH, VOCAB, TOKENS, CONTEXT, BASE = 16, 2, 1, 8, 2, 24, 12, 9, 32, 100.0
rng = random.Random(5)


def matrix(rows, columns, scale=0.5):
    """Numbers that f32 has."""
    draw = lambda: struct.unpack("f", struct.pack("f", rng.gauss(0, scale)))[0]
    return [[draw() for _ in range(columns)] for _ in range(rows)]


weights = {"token_embd": matrix(VOCAB, HIDDEN, 1), "output_norm": [[1.0] * HIDDEN], "output": matrix(VOCAB, HIDDEN)}
for i in range(LAYERS):
    weights |= {f"blk.{i}.attn_norm": [[1.0] * HIDDEN], f"blk.{i}.ffn_norm": [[1.0] * HIDDEN],
                f"blk.{i}.attn_q": matrix(HEADS * DIM, HIDDEN), f"blk.{i}.attn_k": matrix(KV * DIM, HIDDEN),
                f"blk.{i}.attn_v": matrix(KV * DIM, HIDDEN), f"blk.{i}.attn_output": matrix(HIDDEN, HEADS * DIM),
                f"blk.{i}.ffn_gate": matrix(WIDTH, HIDDEN), f"blk.{i}.ffn_up": matrix(WIDTH, HIDDEN),
                f"blk.{i}.ffn_down": matrix(HIDDEN, WIDTH)}
ids = [3, 1, 4, 1, 5, 9, 2, 6, 5]


def write(path, extra):
    described, data = [], b""
    for name, rows in weights.items():
        flat = [x for row in rows for x in row]
        dims = [len(flat)] if name.endswith("norm") else [len(rows[0]), len(rows)]
        described.append(tensor(name + ".weight", dims, 0, len(data)))
        data += struct.pack(f"<{len(flat)}f", *flat)
        data += b"\0" * (-len(data) % 32)
    entries = [
        entry("general.architecture", STRING, "llama"), entry("llama.block_count", U32, LAYERS),
        entry("llama.context_length", U32, CONTEXT), entry("llama.embedding_length", U32, HIDDEN),
        entry("llama.feed_forward_length", U32, WIDTH), entry("llama.attention.head_count", U32, HEADS),
        entry("llama.attention.head_count_kv", U32, KV), entry("llama.attention.layer_norm_rms_epsilon", F32, 1e-5),
        entry("llama.rope.freq_base", F32, BASE), entry("llama.rope.dimension_count", U32, DIM),
        entry("tokenizer.ggml.tokens", ARRAY, (STRING, [f"t{i}" for i in range(VOCAB)]))]
    for key, content in extra.items():
        kind = STRING if isinstance(content, str) else BOOL if isinstance(content, bool) else U32 if isinstance(content, int) else F32
        if isinstance(content, list):
            kind, content = ARRAY, (U32, content)
        entries.append(entry("llama." + key, kind, content))
    path.write_bytes(gguf(entries, described, data))


def turns(keys):
    """For each pair: its frequency; and the factor on cosines and sines."""
    scaling = keys.get("rope.scaling.type", "linear")
    factor = keys.get("rope.scaling.factor", keys.get("rope.scale_linear", 0)) or 1
    factor = 1 if scaling == "none" else factor
    original = keys.get("rope.scaling.original_context_length", CONTEXT)
    magnitude = 1
    plain = [BASE ** (-2 * k / DIM) for k in range(DIM // 2)]
    frequencies = [f / factor for f in plain]
    if scaling == "yarn":
        fast, slow = keys.get("rope.scaling.yarn_beta_fast", 32), keys.get("rope.scaling.yarn_beta_slow", 1)
        pair = lambda rotations: DIM * math.log(original / (rotations * 2 * math.pi)) / (2 * math.log(BASE))
        low, high = max(0, math.floor(pair(fast))), min(DIM - 1, math.ceil(pair(slow)))
        for k, f in enumerate(plain):
            kept = 1 - min(1, max(0, (k - low) / max(0.001, high - low)))
            frequencies[k] = f / factor * (1 - kept) + f * kept
        grown = lambda weight: 1 if factor <= 1 else 0.1 * weight * math.log(factor) + 1
        log = keys.get("rope.scaling.yarn_log_multiplier", 0)
        magnitude = grown(1) / grown(log) if log else grown(1)
    return frequencies, magnitude * keys.get("rope.scaling.attn_factor", 1)


def forward(keys):
    frequencies, magnitude = turns(keys)
    times = lambda x, name: [sum(a * b for a, b in zip(x, row)) for row in weights[name]]

    def norm(x):
        scale = 1 / math.sqrt(sum(a * a for a in x) / len(x) + 1e-5)
        return [a * scale for a in x]

    def rotate(x, at):
        out = list(x)
        for head in range(0, len(x), DIM):
            for k, f in enumerate(frequencies):
                a, b = x[head + 2 * k], x[head + 2 * k + 1]
                c, s = magnitude * math.cos(at * f), magnitude * math.sin(at * f)
                out[head + 2 * k], out[head + 2 * k + 1] = a * c - b * s, a * s + b * c
        return out

    stream = [list(weights["token_embd"][token]) for token in ids]
    for i in range(LAYERS):
        part = f"blk.{i}."
        normed = [norm(x) for x in stream]
        q = [rotate(times(x, part + "attn_q"), at) for at, x in enumerate(normed)]
        k = [rotate(times(x, part + "attn_k"), at) for at, x in enumerate(normed)]
        v = [times(x, part + "attn_v") for x in normed]
        for t, x in enumerate(stream):
            mixed = []
            for head in range(HEADS):
                query = q[t][head * DIM:(head + 1) * DIM]
                scores = [math.exp(sum(a * b for a, b in zip(query, k[s])) / math.sqrt(DIM)) for s in range(t + 1)]
                mixed += [sum(w * v[s][d] for s, w in enumerate(scores)) / sum(scores) for d in range(DIM)]
            stream[t] = [a + b for a, b in zip(x, times(mixed, part + "attn_output"))]
        for t, x in enumerate(stream):
            y = norm(x)
            gate, up = times(y, part + "ffn_gate"), times(y, part + "ffn_up")
            inner = [g / (1 + math.exp(-g)) * u for g, u in zip(gate, up)]
            stream[t] = [a + b for a, b in zip(x, times(inner, part + "ffn_down"))]
    return [value for x in stream for value in times(norm(x), "output")]


surprises = 0
safetensors_files.write(folder / "in", {"input_ids": ("I64", [1, TOKENS], ids)})


def interpret(keys, *options):
    write(folder / "m.gguf", keys)
    return subprocess.run(["sinter", "interpret", folder / "m.gguf", "--input", folder / "in", "--output", folder / "out",
                           "--quiet", *options], capture_output=True, text=True)


def computes(keys, *options, like=None):
    global surprises
    run = interpret(keys, *options)
    expected = forward(keys if like is None else like)
    if run.returncode == 0:
        found = safetensors_files.read(folder / "out")["logits"][2]
        apart = max(abs(a - b) for a, b in zip(found, expected)) / max(map(abs, expected))
    if run.returncode or apart > 1e-5:
        surprises += 1
        print(keys, options, run.stderr or f"{apart} of the largest apart")


def refused(keys, *said):
    global surprises
    run = interpret(keys)
    if run.returncode != 1 or not all(word in run.stderr for word in said):
        surprises += 1
        print(keys, run.returncode, run.stderr)


scale = "rope.scaling."
yarn = {scale + "type": "yarn", scale + "factor": 4.0, scale + "original_context_length": 8}
for keys in [
        {}, {"rope.scale_linear": 4.0}, {scale + "factor": 4.0}, {scale + "factor": 4.0, "rope.scale_linear": 2.0},
        {scale + "type": "linear", scale + "factor": 4.0}, {scale + "type": "none", scale + "factor": 4.0},
        {scale + "type": "linear", scale + "factor": 0.0}, {scale + "factor": 0.0, "rope.scale_linear": 2.0},
        {scale + "attn_factor": 1.5}, {scale + "factor": 2.0, scale + "attn_factor": 1.5},
        yarn, yarn | {scale + "attn_factor": 0.75}, yarn | {scale + "yarn_beta_fast": 2.0, scale + "yarn_beta_slow": 0.25},
        yarn | {scale + "yarn_log_multiplier": 0.5}, yarn | {scale + "yarn_ext_factor": 1.0, scale + "yarn_attn_factor": 1.0},
        yarn | {scale + "yarn_ext_factor": -1.0}, yarn | {scale + "yarn_attn_factor": 1.13862944},
        {scale + "type": "yarn", scale + "factor": 4.0}]:
    computes(keys)
# What is said beside, and changes nothing.
for keys in [{scale + "finetuned": True}, {"vocab_size": VOCAB}, {"attention.causal": True}, {"expert_count": 0, "expert_used_count": 0},
             {"attention.key_length": DIM, "attention.value_length": DIM}, {"tensor_data_layout": "Meta AI original pth"},
             {"attention.layer_norm_epsilon": 1e-5}, {scale + "original_context_length": 8}]:
    computes(keys)
# Keys that are not known, or say what is not described.
unread = "neither reads it"
for key, content in [("rope.dimension_sections", [1, 1, 2, 0]), ("something", 1), ("rope.freq_base_swa", 10.0)]:
    refused({key: content}, f'"llama.{key}"', unread)
for key, content in [("rope.scaling.alpha", 1000.0), ("attention.sliding_window", 4), ("logit_scale", 0.5), ("attention.scale", 0.25)]:
    refused({key: content}, f'"llama.{key}" is {content}', "described for 0 alone")
refused({"attention.causal": False}, '"llama.attention.causal" is false')
refused({"expert_count": 8, "expert_used_count": 2}, '"llama.expert_count" is 8')
refused({"attention.value_length": 4}, "values of 4 features")
refused(yarn | {scale + "yarn_ext_factor": 0.5}, "yarn_ext_factor")
refused(yarn | {scale + "yarn_attn_factor": 3.0}, "yarn_attn_factor")
refused({scale + "type": "dynamic"}, '"llama.rope.scaling.type"', "know no such scaling")
# --set wins, over other keys of the same name too; null takes a key away.
computes({}, "--set", "llama.rope.scale_linear=4.0", like={"rope.scale_linear": 4.0})
computes({scale + "factor": 2.0}, "--set", "llama.rope.scale_linear=4.0", like={"rope.scale_linear": 4.0})
computes({scale + "factor": 2.0}, "--set", "factor=4.0", like={"rope.scale_linear": 4.0})
computes({scale + "factor": 2.0}, "--set", f"llama.{scale}factor=null", like={})
computes({"something": 1}, "--set", "llama.something=null", like={})
print(f"{surprises} surprises")
