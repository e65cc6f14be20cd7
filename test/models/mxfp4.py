"""Experts in MXFP4: a model with random 4-bit blocks, and the same one with the values of those blocks as f32.

usage: mxfp4.py PACK FOLDER [wide]   (wide: some scales are beyond those of q8_0)

FOLDER/blocks has *_blocks and *_scales, FOLDER/plain what the OCP's definition makes of them, FOLDER/model.gguf the same
as a GGUF file, FOLDER/in an input.
"""
import array
import json
import pathlib
import random
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "formats"))
import formatlib as gguf
import tensors

pack, folder = map(pathlib.Path, sys.argv[1:3])
wide = "wide" in sys.argv[3:]
chance = random.Random(7)
HIDDEN, WIDTH = 64, 32
VALUES = [0, 0.5, 1, 1.5, 2, 3, 4, 6]

config = json.loads((pack / "config.json").read_text())
old = {config["hidden_size"]: HIDDEN, 2 * config["intermediate_size"]: 2 * WIDTH, config["intermediate_size"]: WIDTH}
assert config["hidden_size"] == 2 * config["intermediate_size"]
experts = config["num_local_experts"]
config |= {"hidden_size": HIDDEN, "intermediate_size": WIDTH}


def floats(*shape, spread=1.0, mean=0.0):
    count = 1
    for size in shape:
        count *= size
    return "F32", list(shape), [mean + spread * chance.uniform(-1, 1) for _ in range(count)]


blocks, plain = {}, {}
described = {}  # of GGUF: sizes, type, bytes


def expert(name, rows, columns):
    """(experts, rows, columns) as blocks; (experts, columns, rows) as floats."""
    groups = columns // 32
    packed = [chance.randrange(256) for _ in range(experts * rows * groups * 16)]
    scales = [chance.randrange(121, 125) for _ in range(experts * rows * groups)]
    if wide:
        # Zeros may have any scale; a tiny one makes a block that f16 scales cannot.
        scales[0] = 90
    packed[16:32] = [0x80, 0x08] * 8
    scales[1] = 3
    values = []
    for at, byte in enumerate(packed):
        for bits in (byte & 15, byte >> 4):
            sign = -1.0 if bits & 8 else 1.0
            values.append(sign * VALUES[bits & 7] * 2.0 ** (scales[at // 16] - 127))
    turned = [values[(e * rows + r) * columns + c]
              for e in range(experts) for c in range(columns) for r in range(rows)]
    blocks[name + "_blocks"] = ("U8", [experts, rows, groups, 16], packed)
    blocks[name + "_scales"] = ("U8", [experts, rows, groups], scales)
    plain[name] = ("F32", [experts, columns, rows], turned)

    def mixed(first, step):
        """Some of the rows as GGUF's blocks: halves, not neighbours, in a byte."""
        out = bytearray()
        for row in range(first, experts * rows, step):
            for group in range(row * groups, (row + 1) * groups):
                nibbles = [byte >> shift & 15 for byte in packed[16 * group:16 * group + 16] for shift in (0, 4)]
                out.append(scales[group])
                out += bytes(low | high << 4 for low, high in zip(nibbles[:16], nibbles[16:]))
        return bytes(out)

    layer = name.split(".")[2]
    if name.endswith("down_proj"):
        described[f"blk.{layer}.ffn_down_exps.weight"] = ([columns, rows, experts], 39, mixed(0, 1))
    else:
        for first, part in enumerate(["gate", "up"]):
            described[f"blk.{layer}.ffn_{part}_exps.weight"] = ([columns, rows // 2, experts], 39, mixed(first, 2))


for name, (_, shape, _) in tensors.read(pack / "model.safetensors").items():
    if name.endswith("gate_up_proj"):
        expert(name, 2 * WIDTH, HIDDEN)
    elif name.endswith("down_proj"):
        expert(name, HIDDEN, WIDTH)
    else:
        shape = [old.get(size, size) for size in shape]
        norm = "norm" in name
        made = floats(*shape, spread=0.25 if norm or len(shape) == 1 else (3 / shape[-1]) ** 0.5, mean=float(norm))
        blocks[name] = plain[name] = made

NAMES = {"embed_tokens": "token_embd", "lm_head": "output", "input_layernorm": "attn_norm",
         "post_attention_layernorm": "post_attention_norm", "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v",
         "o_proj": "attn_output", "router": "ffn_gate_inp", "down_proj_bias": "ffn_down_exps"}


def describe(name, shape, values):
    parts = name.split(".")
    layer = f"blk.{parts[2]}." if "layers" in parts else ""
    floats = array.array("f", values).tobytes
    if name.endswith("gate_up_proj_bias"):
        for first, part in enumerate(["gate", "up"]):
            mine = array.array("f", values[first::2]).tobytes()
            described[f"{layer}ffn_{part}_exps.bias"] = ([shape[1] // 2, shape[0]], 0, mine)
    elif name.endswith("sinks"):
        described[f"{layer}attn_sinks.weight"] = (shape, 0, floats())
    elif name == "model.norm.weight":
        described["output_norm.weight"] = (shape, 0, floats())
    else:
        known = next(part for part in parts if part in NAMES)
        ending = "bias" if name.endswith("bias") else "weight"
        described[f"{layer}{NAMES[known]}.{ending}"] = (shape[::-1], 0, floats())


for name, (_, shape, values) in blocks.items():
    if not name.endswith(("_blocks", "_scales")):
        describe(name, shape, values)
rope = config["rope_parameters"]
settings = {
    "block_count": config["num_hidden_layers"], "context_length": config["max_position_embeddings"],
    "embedding_length": HIDDEN, "expert_feed_forward_length": WIDTH, "feed_forward_length": WIDTH,
    "attention.head_count": config["num_attention_heads"], "attention.head_count_kv": config["num_key_value_heads"],
    "attention.key_length": config["head_dim"], "attention.value_length": config["head_dim"],
    "attention.layer_norm_rms_epsilon": float(config["rms_norm_eps"]), "rope.freq_base": float(rope["rope_theta"]),
    "rope.scaling.type": "yarn", "rope.scaling.factor": float(rope["factor"]),
    "rope.scaling.original_context_length": rope["original_max_position_embeddings"],
    "attention.sliding_window": config["sliding_window"], "expert_count": experts,
    "expert_used_count": config["num_experts_per_tok"], "vocab_size": config["vocab_size"]}
kinds = {int: gguf.U32, float: gguf.F32, str: gguf.STRING}
entries = [gguf.entry("general.architecture", gguf.STRING, "gpt-oss")]
entries += [gguf.entry(f"gpt-oss.{key}", kinds[type(value)], value) for key, value in settings.items()]
data, table = b"", []
for name, (sizes, kind, content) in described.items():
    table.append(gguf.tensor(name, sizes, kind, len(data)))
    data += content + b"\0" * (-len(content) % 32)
(folder / "model.gguf").write_bytes(gguf.gguf(entries, table, data))

for what, content, more in [
        ("blocks", blocks, {"quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}}),
        ("plain", plain, {})]:
    (folder / what).mkdir(parents=True, exist_ok=True)
    tensors.write(folder / what / "model.safetensors", content)
    (folder / what / "config.json").write_text(json.dumps(config | more))
ids = [chance.randrange(config["vocab_size"]) for _ in range(22)]
tensors.write(folder / "in", {"input_ids": ("I64", [2, 11], ids)})
