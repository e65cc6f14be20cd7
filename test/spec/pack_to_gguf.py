"""Writes a pack of the llama family as a GGUF file, the way the usual converter
does: other names, and the rows of q and k put so that neighbours rotate together.

usage: pack_to_gguf.py PACK OUT [--q8] [--pooling=TYPE]   (--q8: matrices become blocks of zeros)
"""
import json, pathlib, struct, sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "formats"))
from formatlib import *

NAMES = {
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight", "input_layernorm.weight": "attn_norm.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight", "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.k_proj.weight": "attn_k.weight", "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.o_proj.weight": "attn_output.weight", "mlp.gate_proj.weight": "ffn_gate.weight",
    "mlp.up_proj.weight": "ffn_up.weight", "mlp.down_proj.weight": "ffn_down.weight",
}


def name_of(name):
    if name in NAMES:
        return NAMES[name]
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{NAMES[rest]}"


def to_neighbours(data, heads, rows, row_bytes):
    """Row j of half h of each head becomes row 2j + h."""
    dim = rows // heads
    order = [head * dim + h * dim // 2 + j for head in range(heads) for j in range(dim // 2) for h in range(2)]
    return b"".join(data[row * row_bytes:(row + 1) * row_bytes] for row in order)


def main(pack, out, *flags):
    pack = pathlib.Path(pack)
    config = json.loads((pack / "config_v4.json").read_text())
    raw = (pack / "model.safetensors").read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header, body = json.loads(raw[8:8 + length]), raw[8 + length:]
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    tensors, data = [], b""
    for name, info in header.items():
        if name == "__metadata__":
            continue
        begin, end = info["data_offsets"]
        new, bits, shape = name_of(name), body[begin:end], info["shape"]
        for part, count in heads.items():
            if part in new:
                bits = to_neighbours(bits, count, shape[0], 4 * shape[1])
        kind = 0
        if "--q8" in flags and len(shape) == 2 and shape[1] % 32 == 0:
            kind, bits = 8, bytes(34 * shape[0] * shape[1] // 32)
        tensors.append(tensor(new, shape[::-1], kind, len(data)))
        data += bits + b"\0" * (-len(bits) % 32)
    entries = [
        entry("general.architecture", STRING, "llama"), entry("llama.block_count", U32, config["num_hidden_layers"]),
        entry("llama.context_length", U32, config["max_position_embeddings"]),
        entry("llama.embedding_length", U32, config["hidden_size"]),
        entry("llama.feed_forward_length", U32, config["intermediate_size"]),
        entry("llama.attention.head_count", U32, config["num_attention_heads"]),
        entry("llama.attention.head_count_kv", U32, config["num_key_value_heads"]),
        entry("llama.attention.layer_norm_rms_epsilon", F32, config["rms_norm_eps"]),
        entry("llama.rope.freq_base", F32, config["rope_theta"]),
        entry("llama.rope.dimension_count", U32, config["head_dim"]),
        entry("tokenizer.ggml.tokens", ARRAY, (STRING, [f"t{i}" for i in range(config["vocab_size"])])),
        entry("tokenizer.ggml.eos_token_id", U32, config["eos_token_id"]),
    ]
    entries += [entry("llama.pooling_type", U32, int(flag[10:])) for flag in flags if flag.startswith("--pooling=")]
    pathlib.Path(out).write_bytes(gguf(entries, tensors, data))


main(*sys.argv[1:])
