"""Compares the refusals of docs/spec.md with the planner's messages and with what
sinter-import says of a spec for each.

usage: refusals.py REPOSITORY SINTER_IMPORT SCRATCH

The tables of docs/spec.md's last section have the message of each refusal, in
backquotes, with "..." for what differs. Every message of spec/Planner*.cpp and
spec/Rope.cpp must be there and no other, and CASES has a spec for each: changes
to the decoder or to the encoder below.
"""
import glob, os, re, subprocess, sys

DECODER = """about: a small decoder
matches: { model_type: [tiny] }
config: { unused: 1 }
model:
  kind: causal
  context: 64
  hidden: 32
  vocab: 40
  norm: { kind: rms, eps: 1e-5 }
  embed: { EMBED }
  stack:
    repeat: 2
    layer:
      - norm: pre
        attention: { heads: 4, head_dim: 8, mask: causal, ATTENTION }
      - norm: pre
        ffn: { width: 48, activation: silu, FFN }
  head: { tied: true, HEAD }
weights:
""" + "".join(f'  {name}: "{name}"\n' for name in ["embed", "norm", "prompt", "relative", "head"]) + "".join(
    f'  layer.{part}.{name}: "{part}.{name}.{{i}}"\n' for part in ["attention", "cross_attention", "ffn", "moe", "of_tokens"]
    for name in ["norm", "q", "k", "v", "o", "gate", "up", "down", "buckets", "relative_k", "relative_q", "relative_v", "router",
                 "branch_norm", "kv_down", "k_shared", "prompt_k", "prompt_v", "tokens"])

MOE = "moe: { width: 8, activation: silu, "


def strings(text):
    """The message of a C++ expression: its literals, with "..." for the rest."""
    message, gap, at = "", False, 0
    for literal in re.finditer(r'"((?:[^"\\]|\\.)*)"', text):
        between = text[at:literal.start()].strip()
        if message or gap or between:
            message += "..." if between else ""
        message += re.sub(r"\\(.)", r"\1", literal.group(1))
        at = literal.end()
    return message + ("..." if text[at:].strip() else "")


def calls(source):
    """The arguments of calls that report: .fail(KEY, MESSAGE) and error(LOC, MESSAGE)."""
    for call in re.finditer(r"\.(?:fail|error)\(", source):
        depth, at, quoted = 1, call.end(), False
        comma = None
        while depth:
            c = source[at]
            if quoted:
                at += c == "\\"
                quoted = c != '"'
            elif c == '"':
                quoted = True
            elif c in "([{":
                depth += 1
            elif c in ")]}":
                depth -= 1
            elif c == "," and depth == 1 and comma is None:
                comma = at
            at += 1
        if comma:
            yield source[comma + 1:at - 1]


def told(repository):
    found = set()
    for path in sorted(glob.glob(os.path.join(repository, "spec/Planner*.cpp"))) + [
            os.path.join(repository, "spec/Rope.cpp")]:
        for call in calls(open(path).read()):
            message = strings(call)
            if message.strip("."):
                found.add(message)
    return found


def documented(repository):
    text = open(os.path.join(repository, "docs/spec.md")).read()
    section = text[text.index("## Combinations without a meaning"):]
    return {match.group(1) for match in re.finditer(r"^\| `(.*?)` \|", section, re.M)}


# For each message, changes to DECODER: (what, by what).
CASES = [
    ("a tower that reads", ("mask: causal", "mask: full")),
    ("cross attention sees", ("SEQ2SEQ", "cross_attention: { heads: 4, head_dim: 8, mask: causal }")),
    ("there is no encoder to", ("ffn: {", "cross_attention: { heads: 4, head_dim: 8 }\n        ffn: {")),
    ("there is no encoder whose", ("EMBED", "shared: true")),
    ("only an encoder sees", ("HEAD", "pool: mean")),
    ("there is no normed", ("- norm: pre\n        ffn", "- norm: post\n        residual: { of: normed }\n        ffn")),
    ("there is no step", ("- norm: pre\n        attention", "- norm: pre\n        parallel: true\n        attention")),
    ("a parallel step has", ("- norm: pre\n        ffn", "- norm: sandwich\n        parallel: true\n        ffn")),
    ("a parallel step remembers", ("- norm: pre\n        ffn", "- norm: pre\n        parallel: true\n        remember: it\n        ffn")),
    ("two parts", ("ffn: {", "attention: { heads: 4, head_dim: 8, mask: causal }\n        ffn: {")),
    ("layer ... is not", ("ATTENTION", "keys_of: i")),
    ("the ... heads", ("ATTENTION", "difference: halves")),
    ("all layers read", ("ATTENTION", "relative: { rows: clipped, furthest: 4 + i }")),
    ("at least one", ("ATTENTION", "relative: { rows: clipped, furthest: 4, keys: false }")),
    ("a layer's own", ("ATTENTION", "relative: { rows: clipped, furthest: 4, own: true, norm: true }")),
    ("this scaling", ("ATTENTION", "rope: { theta: 10, dims: 2, scaling: { kind: ntk_power_of_two, original: 9 } }")),
    ("rows or project", ("FFN", "of_tokens: { rows: 0 }")),
    ("up_offset", ("FFN", "up_offset: 1")),
    ("up_offset", ("ffn: {", MOE + "experts: 4, top_k: 2, gated: false, up_offset: 1 }\n        ffn: {")),
    ("top_k (", ("ffn: {", MOE + "experts: 4, top_k: 3, groups: 2, keep: 1 }\n        ffn: {")),
    ("a tied head", ("HEAD", "outputs: 5")),
    ("caches begin", ("context: 64", "context: 64\n  start: 2\n  prompt: { tokens: 3 }")),
    ("learned embeddings", ("mask: causal", "mask: prefix"), ("context: 64", "context: 64\n  prompt: { tokens: 3 }")),
    ("learned embeddings", ("context: 64", "context: 64\n  prompt: { tokens: 3, counted: false }")),
    ("leaves no room", ("context: 64", "context: 64\n  prompt: { tokens: 64 }")),
    ("kv_heads", ("ATTENTION", "kv_heads: 3")),
    ("value_heads", ("ATTENTION", "value_heads: 3")),
    ("the features of a key", ("ATTENTION", "latent: { keys: 9, shared: 8 }")),
    ("furthest must", ("ATTENTION", "buckets: { count: 8, furthest: 4 }")),
    ("per and", ("ATTENTION", "rope: { theta: 100, decay: { per: 0 } }")),
    ("over a context", ("ATTENTION", "rope: { theta: 100, decay: { per: 1 / 64 } }")),
    ("groups (...)", ("ATTENTION", "relative: { rows: around, furthest: 4, own: true, groups: 3 }")),
    ("dims (", ("ATTENTION", "rope: { theta: 10, dims: 7 }")),
    ("alibi needs ", ("ATTENTION", "alibi: { slopes: [1, 2] }")),
    ("theta must", ("ATTENTION", "rope: { theta: 0, dims: 8 }")),
    ("positions come", ("ATTENTION", "rope: { theta: 10, positions: places }")),
    ("high must", ("ATTENTION", "rope: { theta: 10, scaling: { kind: bands, factor: 2, low: 4, high: 4, original: 9 } }")),
    ("there must be", ("ATTENTION", 'rope: { theta: 10, scaling: { kind: factors, factors: "[1, 2]" } }')),
    ("eps must", ("eps: 1e-5", "eps: -1e-5")),
    ("beta must", ("FFN", "beta: 0")),
    ("top_k must", ("ffn: {", MOE + "experts: 4, top_k: 5 }\n        ffn: {")),
    ("... must not", ("ATTENTION", "soft_cap: -1")),
    ("... must not", ("ATTENTION", "clip: -1")),
    ("... must not", ("ATTENTION", "clip: { at: -1 }")),
    ("... must not", ("HEAD", "soft_cap: -1")),
    ("... must not", ("FFN", "limit: -1")),
    ("... must not", ("ffn: {", MOE + "experts: 4, top_k: 2, limit: -1 }\n        ffn: {")),
    ("... must not", ("ffn: {", MOE + "experts: 4, top_k: 2, soft_cap: -1 }\n        ffn: {")),
    ("within must", ("ffn: {", MOE + "experts: 4, top_k: 2, within: -1 }\n        ffn: {")),
    ("what joins at", ("norm: pre\n        ffn", "norm: post\n        joins: end\n        ffn")),
    ("what joins at", ("norm: pre\n        ffn", "norm: pre\n        joins: end\n        residual: none\n        ffn")),
    ("what joins at", ("norm: pre\n        ffn", "norm: pre\n        joins: later\n        residual: { blend: true }\n        ffn")),
    ("what joins later", ("norm: pre\n        ffn", "norm: pre\n        joins: later\n        ffn")),
    ("a step without parts has", ("- norm: pre\n        ffn", "- norm: none\n        joins: end\n        remember: it\n      - norm: pre\n        ffn")),
    ("a step without parts needs", ("- norm: pre\n        ffn", "- norm: post\n      - norm: pre\n        ffn")),
    ("the step gives", ("- norm: pre\n        ffn", "- norm: none\n        of_tokens: { width: 5 }\n      - norm: pre\n        ffn")),
    ("the parts of", ("ffn: {", "of_tokens: { width: 5 }\n        ffn: {")),
    ("a branch of", ("mask: causal, ATTENTION }", "mask: causal }\n        remember: it"), ("- norm: pre\n        ffn", "- norm: pre\n        parallel: true\n        reads: it\n        ffn")),
    ("what is carried", ("ATTENTION", "value_dim: 5, values: { remember: it }"),
     ("- norm: pre\n        ffn", "- norm: pre\n        residual: { of: it }\n        ffn")),
    ("streams are", ("repeat: 2", "repeat: 2\n    streams: { count: 3 }"), ("norm: pre\n        ffn", "norm: post\n        ffn")),
    ("recall needs", ("ffn: {", "recall: none\n        ffn: {")),
    ('... must be a value', ("ffn: {", "recall: 3\n        ffn: {")),
    ('... must be a value', ("ffn: {", "reads: 3\n        ffn: {")),
    ('... must be a name', ("ffn: {", "remember: 3\n        ffn: {")),
    ('... must be a name', ("ffn: {", "remember: '\"embedded\"'\n        ffn: {")),
    ('"..." has ... features, here ... are', ("ATTENTION", "value_dim: 5, values: { recall: embedded }")),
    ("values of ... and", ("ATTENTION", "value_dim: 5, values: { remember: it }"),
     ("- norm: pre\n        ffn", "- norm: none\n        recall: [embedded, it]\n      - norm: pre\n        ffn")),
    ("beta must", ("ffn: {", MOE + "experts: 4, top_k: 2, beta: 0 }\n        ffn: {")),
    ('"..." has ... features elsewhere', ("ATTENTION", "value_dim: 5 + i, values: { remember: it }")),
    ("an attention that", ("ATTENTION", "keys_of: 0 if i == 1 else none, values: { recall: embedded }")),
    ("theta and", ("EMBED", "positions: { kind: sinusoids, theta: 0 }")),
    ("... must be true", ("ATTENTION", "sinks: 3")),
    ("layers are", ("repeat: 2", "repeat: 1100"), ("width: 48", "width: 8 + i")),
    ("weight ...", ("hidden: 32", "hidden: 1048576"), ("vocab: 40", "vocab: 16777216")),
    ("a layer is", ("  layer:\n", "  layer: 3\n    none:\n")),
    ("a step needs", ("        ffn: { width: 48, activation: silu, FFN }\n", "")),
    ("let is", ("repeat: 2", "repeat: 2\n    let: 3")),
    ('"..." is not', ("repeat: 2", "repeat: 2\n    let: { unused: 3 }")),
    ("no head", ("head: { tied: true, HEAD }", "head: [{ when: false, tied: true }]")),
]

# Keys of attention that cross attention does not have.
NOT_OF_CROSS = ["window: 3", "chunk: 4", "memory: 4", "keys_of: 0", "values: { remember: it }", "rope: { theta: 10 }", "alibi: true",
                "buckets: { count: 8, furthest: 9 }", "relative: { rows: clipped, furthest: 4 }",
                "query_factors: { kind: log_ratio, length: 4 }"]


def spec_of(changes):
    text = DECODER
    for old, new in changes:
        if old == "SEQ2SEQ":
            text = seq2seq(text, new)
        else:
            assert old in text, old
            text = text.replace(old, new, 1)
    for word in ["EMBED", "ATTENTION", "FFN", "HEAD"]:
        text = text.replace(", " + word, "").replace(word, "")
    return text


def seq2seq(text, part):
    """The decoder with an encoder before it, and a step with another part."""
    begin, end = text.index("  hidden:"), text.index("weights:\n")
    tower = "".join("  " + line + "\n" for line in text[begin:end].splitlines())
    encoder = tower.replace("mask: causal", "mask: full")
    step = "        - norm: pre\n          "
    tower = tower.replace(step + "ffn", step + part + "\n" + step + "ffn")
    rules = "".join(f"  {side}.{line[2:]}\n" for side in ["encoder", "decoder"]
                    for line in text[end:].splitlines()[1:])
    return text[:begin].replace("causal", "seq2seq") + "  encoder:\n" + encoder + "  decoder:\n" + tower + \
        "weights:\n" + rules


def said(tool, scratch, text):
    spec, config = os.path.join(scratch, "spec.yaml"), os.path.join(scratch, "config.json")
    open(spec, "w").write(text)
    open(config, "w").write('{ "model_type": "tiny" }')
    run = subprocess.run([tool, "--spec", spec, "--config", config], capture_output=True, text=True)
    return run.returncode, run.stderr


def main(repository, tool, scratch):
    os.makedirs(scratch, exist_ok=True)
    messages, listed, failures = told(repository), documented(repository), []
    failures += [f"not in docs/spec.md: {m}" for m in sorted(messages - listed)]
    failures += [f"in docs/spec.md, but nothing says it: {m}" for m in sorted(listed - messages)]
    code, text = said(tool, scratch, spec_of([]))
    if code:
        failures.append("the plain spec is refused: " + text)
    tested = set()
    for begin, *changes in CASES:
        full = [m for m in messages if m.startswith(begin)]
        if len(full) != 1:
            failures.append(f"{begin!r} begins {len(full)} messages")
            continue
        tested.add(full[0])
        pattern = ".*".join(re.escape(part) for part in full[0].split("..."))
        code, text = said(tool, scratch, spec_of(changes))
        if code != 1 or not re.search(r"spec\.yaml:\d+:\d+: error: " + pattern, text):
            failures.append(f"{begin!r}: expected {full[0]!r}, found (exit {code})\n{text}")
    for key in NOT_OF_CROSS:
        code, text = said(tool, scratch, spec_of(
            [("SEQ2SEQ", "cross_attention: { heads: 4, head_dim: 8, " + key + " }")]))
        message = f'error: cross_attention has no key "{key.split(":")[0]}"'
        if code != 1 or message not in text:
            failures.append(f"expected {message!r}, found (exit {code})\n{text}")
    failures += [f"without a case: {m}" for m in sorted(messages - tested)]
    print("\n".join(failures) or f"{len(listed)} refusals, listed and told")
    return bool(failures)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print("\n".join(sorted(told(sys.argv[1]))))
    else:
        sys.exit(main(*sys.argv[1:]))
