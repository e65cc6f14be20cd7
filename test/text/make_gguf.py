"""Writes a GGUF file that holds a tokenizer and no tensors.

    make_gguf.py FILE SOURCE KEY=VALUE...

SOURCE is a tokenizer.json with byte-level BPE, or the pieces.json of
make_fixtures.py. KEY=VALUE sets tokenizer.ggml.KEY, or KEY if it has a dot:
whole numbers, true and false become what they look like, the rest texts. -KEY
leaves out an array.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "formats"))
from formatlib import *


def scalar(text):
    if text in ("true", "false"):
        return BOOL, text == "true"
    return (U32, int(text)) if text.isdigit() else (STRING, text)


def array(key, kind, elements):
    return entry("tokenizer.ggml." + key, ARRAY, (kind, elements))


def from_json(tree):
    vocab = dict(tree["model"]["vocab"])
    kinds = {token: 1 for token in vocab}
    for added in tree["added_tokens"]:
        vocab[added["content"]] = added.get("id", len(vocab))
        kinds[added["content"]] = 3 if added["special"] else 4
    tokens = sorted(vocab, key=vocab.get)
    return [entry("tokenizer.ggml.model", STRING, "gpt2"),
            array("tokens", STRING, tokens),
            array("token_type", I32, [kinds[token] for token in tokens]),
            array("merges", STRING,
                  [" ".join(pair) for pair in tree["model"]["merges"]])]


def from_pieces(tree):
    return [entry("tokenizer.ggml.model", STRING, tree["model"]),
            array("tokens", STRING, [piece[0] for piece in tree["pieces"]]),
            array("scores", F32, [piece[1] for piece in tree["pieces"]]),
            array("token_type", I32, [piece[2] for piece in tree["pieces"]])]


def main():
    file, source, *settings = sys.argv[1:]
    tree = json.loads(pathlib.Path(source).read_text())
    entries = [entry("general.architecture", STRING, "none")]
    entries += from_pieces(tree) if "pieces" in tree else from_json(tree)
    for setting in settings:
        if setting.startswith("-"):
            name = entry("tokenizer.ggml." + setting[1:], BOOL, True)[:-5]
            entries = [other for other in entries if not other.startswith(name)]
            continue
        key, text = setting.split("=", 1)
        key = key if "." in key else "tokenizer.ggml." + key
        entries.append(entry(key, *scalar(text)))
    pathlib.Path(file).write_bytes(gguf(entries, []))


main()
