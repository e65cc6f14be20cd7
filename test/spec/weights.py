"""Changes a pack's tensors and looks at what sinter-import says.

usage: weights.py SINTER_IMPORT PACK PACK_WITH_COMPUTED_WEIGHTS TIED_PACK SCRATCH
"""
import json, pathlib, shutil, subprocess, sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "formats"))
from formatlib import safetensors

Q = "model.layers.1.self_attn.q_proj.weight"
D = "model.layers.1.mlp.down_proj.weight"


def rename(header, old, new):
    header[new] = header.pop(old)


def reshape(header, name, shape):
    header[name]["shape"] = shape


def retype(header, name, dtype, shape):
    header[name].update(dtype=dtype, shape=shape)


# (name, change of the header, lines that must appear; None: no error)
CASES = [
    ("as it is", lambda h: None, None),
    ("missing", lambda h: rename(h, D, D.replace("down", "dwn")),
     [f'error: the checkpoint has no tensor "[model.]layers.1.mlp.down_proj.weight"; did you mean '
      f'"model.layers.1.mlp.dwn_proj.weight"?', 'note: this part needs it']),
    ("missing later", lambda h: rename(h, "model.norm.weight", "model.nrom.weight"),
     ['error: the checkpoint has no tensor "[model.]norm.weight"; did you mean "model.nrom.weight"?']),
    ("misshapen", lambda h: reshape(h, Q, [32, 128]),
     [f'error: tensor "{Q}" [32 x 128] is [32 x 128], but must be [64 x 64]',
      'note: it is "layer.attention.q" by this rule', 'note: the shape follows from this part']),
    ("too few dimensions", lambda h: reshape(h, Q, [4096]),
     [f'error: tensor "{Q}" [4096] is [4096], but must be [64 x 64]']),
    ("integers", lambda h: retype(h, Q, "I32", [64, 64]),
     [f'error: tensor "{Q}" [64 x 64] holds i32, which is not a type of weights']),
    ("bf16", lambda h: retype(h, "model.norm.weight", "BF16", [128]),
     ['error: tensor "model.norm.weight" [128] is [128], but must be [64]']),
    ("prefix", lambda h: [rename(h, n, n.removeprefix("model.")) for n in list(h) if n != "__metadata__"], None),
    ("old tables", lambda h: h.update({"model.layers.0.self_attn.rotary_emb.inv_freq":
                                       {"dtype": "F32", "shape": [0], "data_offsets": [h["end"]] * 2}}), None),
    ("left over", lambda h: h.update({"model.extra.weight":
                                      {"dtype": "F32", "shape": [0], "data_offsets": [h["end"]] * 2}}),
     ['error: tensor "model.extra.weight" [0] is not used by the spec, nor listed in its "ignored"']),
    ("left over of a rule", lambda h: h.update({"model.layers.1.self_attn.q_proj.bias":
                                                {"dtype": "F32", "shape": [0], "data_offsets": [h["end"]] * 2}}),
     ['error: tensor "model.layers.1.self_attn.q_proj.bias" [0] is not used by the spec, nor listed in its "ignored"',
      'note: this rule names it, but no part has the weight "layer.attention.q.bias"']),
]

# Of a pack with weights that are computed from others.
L = "model.layers.1.self_attn.lambda_q1"
COMPUTED = [
    ("computed", lambda h: None, None),
    ("no operand", lambda h: rename(h, L, "model.lambda"),
     ['error: the checkpoint has no tensor that "lambda_q1" names, without any change',
      'note: this expression needs it']),
    ("operands of two lengths", lambda h: h.update({L: h["model.norm.weight"], "model.norm.weight": h[L]}),
     ['error: "lambda_q1" has 36 values, "lambda_k1" 10']),
]

# Of a pack whose head is the embedding: a head that is stored nonetheless.
E, H = "model.embed_tokens.weight", "lm_head.weight"


def store_head(header, raw, byte=None):
    """The embedding's bytes once more, one of them changed."""
    begin, end = header[E]["data_offsets"]
    header[H] = dict(header[E], data_offsets=[header["end"], header["end"] + end - begin])
    copy = bytearray(raw[begin:end])
    if byte is not None:
        copy[byte] ^= 1
    return bytes(copy)


TIED = [
    ("a copy of the embedding", lambda h, raw: store_head(h, raw), None),
    ("a head of its own", lambda h, raw: store_head(h, raw, -1),
     [f'error: tensors "{H}" and "{E}" differ, but the configuration says that they are one',
      'note: the first counts as a copy of the second here']),
]


def check(tool, pack, cases, scratch):
    raw = pathlib.Path(pack, "model.safetensors").read_bytes()
    length = int.from_bytes(raw[:8], "little")
    failures = 0
    for name, change, lines in cases:
        folder = pathlib.Path(scratch, name.replace(" ", "-"))
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy(pathlib.Path(pack, "config.json"), folder)
        header = json.loads(raw[8:8 + length])
        header["end"] = len(raw) - 8 - length
        data = raw[8 + length:]
        if cases is TIED:
            data += change(header, data)
        else:
            change(header)
        del header["end"]
        (folder / "model.safetensors").write_bytes(safetensors(header, data))
        result = subprocess.run([tool, str(folder), "--digest"], capture_output=True, text=True)
        missing = [line for line in lines or [] if not any(f.endswith(line) for f in result.stderr.splitlines())]
        if missing or (result.returncode == 0) != (lines is None):
            failures += 1
            print(f"FAILED: {name}: exit code {result.returncode}, missing {missing}\n{result.stderr}")
    return failures


def main(tool, pack, computed, tied, scratch):
    failures = sum(check(tool, of, cases, scratch)
                   for of, cases in ((pack, CASES), (computed, COMPUTED), (tied, TIED)))
    count = len(CASES) + len(COMPUTED) + len(TIED)
    print(f"{count - failures} of {count} cases as expected")
    return failures != 0


sys.exit(main(*sys.argv[1:]))
