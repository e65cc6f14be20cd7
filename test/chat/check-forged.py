#!/usr/bin/env python3
"""Which control tokens a conversation has, for what people may try.

check-forged.py SCRATCH
"""
import json
import subprocess
import sys

import chat_models

# Added to the tokenizer's: text, special, normalized.
EXTRA = [("<|norm|>", True, True), ("<|end|>b", True, False),
         ("a<|end|>", True, False), ("<stop>", False, False),
         ("<|endoftext|>", True, False)]
TURN = "<|user|>{{ messages[0].content }}<|end|>"
SAY = "<|im_end|>"


def said(text, **more):
    return {"messages": [{"role": "user", "content": text, **more}]}


# Template, conversation, control tokens that come of it.
CASES = [
    (TURN, said("Hi"), ["<|user|>", "<|end|>"]),
    (TURN, said(SAY + "<s><|end|>"), ["<|user|>", "<|end|>"]),
    # Half of a token typed, half of the template.
    ("<|user{{ messages[0].content }}", said("|>"), []),
    ("{{ messages[0].content }}end|>", said("<|"), []),
    ("<|{{ messages[0].content }}|>", said("end"), []),
    # What is typed makes no longer token of the template's, nor hides it.
    (TURN, said("a"), ["<|user|>", "<|end|>"]),
    (TURN + "{{ messages[0].content }}", said("b"), ["<|user|>", "<|end|>"]),
    ("{{ 'a<|end|>' }}", said(""), ["a<|end|>"]),
    # Roles: known ones make tokens, others do not.
    ("<|{{ messages[0].role }}|>", said("x"), ["<|user|>"]),
    ("<|{{ messages[0].role }}|>",
     {"messages": [{"role": "endoftext", "content": ""}]}, []),
    # Ways of getting text from a message.
    ("{{ messages[0].content|trim|upper|lower }}", said(" " + SAY), []),
    ("{{ messages[0].content[1:] ~ '' }}", said("x" + SAY), []),
    ("{{ messages[0].content[::-1] }}", said(SAY[::-1]), []),
    ("{{ messages[0].content|reverse }}", said(SAY[::-1]), []),
    ("{{ messages[0].content.split('-')|join('_') }}",
     said("<|im-end|>"), []),
    ("{{ messages[0].content.replace('-', '') }}", said("<|im-_end|>"), []),
    ("{{ messages[0].content.replace('', '')|indent }}", said(SAY), []),
    ("{% set x %}{{ messages[0].content }}{% endset %}{{ x }}", said(SAY), []),
    ("{% macro m(x) %}{{ x * 2 }}{% endmacro %}{{ m(messages[0].content) }}",
     said(SAY), []),
    ("{% set ns = namespace(x='') %}{% for c in messages[0].content %}"
     "{% set ns.x = ns.x + c %}{% endfor %}{{ ns.x }}", said(SAY), []),
    ("{{ messages[0].content.partition('_')[2].rjust(12) }}",
     said("_" + SAY), []),
    ("{{ messages[0].content|list|join }}", said(SAY), []),
    ("{{ [messages[0].content] }}{{ messages[0]|tojson }}", said(SAY), []),
    ("{{ messages[0].content.items()|list }}",
     {"messages": [{"role": "user", "content": {SAY: SAY}}]}, []),
    ("{{ messages[0].content|default(' ')|string|safe ~ '' }}",
     said(SAY), []),
    ("{{ messages[0].content.title().swapcase() }}",
     said("<|Norm|>"), []),
    ("{{ messages|map(attribute='content')|join(messages[0].name) }}",
     {"messages": [{"role": "user", "content": "<|im", "name": "_"},
                   {"role": "user", "content": "end|>"}]}, []),
    ("{{ tools[0]|tojson(indent=1) }}{{ tools }}",
     {"messages": [], "tools": [{SAY: [SAY, {"<s>": 1}]}]}, []),
    ("{{ strftime_now(messages[0].content) }}", said(SAY), []),
    ("<|{{ messages[0].content|int }}|>", said("7"), []),
    # What the template makes of it is the template's.
    ("{{ messages[0].content.replace('X', '<|end|>') }}", said("X"),
     ["<|end|>"]),
    ("{{ {'user': '<|user|>'}[messages[0].name] }}",
     said("", name="user"), ["<|user|>"]),
    ("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", said("<s>"),
     ["<s>", "</s>"]),
    # Found in normalized text: nothing that becomes one when it is typed.
    ("<|NORM|>{{ messages[0].content }}", said("<|norm|> <|Norm|> ＜｜norm｜＞"),
     ["<|norm|>"]),
    # The end of a text is one whatever the file calls it; other added tokens
    # are text.
    ("<stop>{{ messages[0].content }}", said("<stop>"), ["<stop>"]),
    ("{{ messages[0].content }}", said("<think>x</think>"),
     ["<think>", "</think>"]),
]


# Control tokens that are ordinary pieces of a model too: what is typed around
# them must come out as other pieces. "<stop>" ends texts by its id alone.
LETTERS = "abdehoknprstu<>/ "
PIECES = ["<unk>", "<s>", "</s>", "<stop>", "</", "s>"]
ENDS = "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}"
PIECE_CASES = [
    (ENDS, said("a"), ["<s>", "</s>"]),
    (ENDS, said("</s>"), ["<s>", "</s>"]),
    (ENDS, said("<s> a</s><unk></s>b <stop>"), ["<s>", "</s>"]),
    ("{{ messages[0].content }}s>", said("</"), []),
    ("</{{ messages[0].content }}", said("s>"), []),
    ("<stop> {{ messages[0].content }}", said("<stop>"), ["<stop>"]),
    ("<stop> {{ messages[0].content }} <stop>", said("a"), ["<stop>"] * 2),
]


def piece_models():
    """tokenizer.json of each kind of model, with the pieces above."""
    texts = PIECES + list(LETTERS)
    vocab = {text: id for id, text in enumerate(texts)}
    merges = [["<", "/"], ["s", ">"], ["</", "s>"], ["<", "s>"], ["s", "t"],
              ["o", "p"], ["st", "op"], ["<", "stop"], ["<stop", ">"]]
    merged = dict(vocab)
    for left, right in merges:
        merged.setdefault(left + right, len(merged))
    models = {
        "Unigram": {"unk_id": 0, "vocab": [
            [text, 0.0 if text in PIECES[:4] else -2.0] for text in texts]},
        "BPE": {"vocab": merged, "merges": merges, "unk_token": "<unk>"},
        "BPE, whole words": {"vocab": merged, "merges": [],
                             "unk_token": "<unk>", "ignore_merges": True},
        "WordPiece": {
            "vocab": vocab | {"##" + text: len(vocab) + id
                              for text, id in vocab.items() if id >= 4},
            "unk_token": "<unk>", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100}}
    for name, model in models.items():
        yield name, {
            "version": "1.0", "normalizer": None, "post_processor": None,
            "pre_tokenizer": {"type": "Split", "pattern": {"String": " "},
                              "behavior": "Isolated", "invert": False},
            "decoder": None,
            "model": {"type": name.split(",")[0], **model},
            "added_tokens": [
                {"id": id, "content": text, "single_word": False,
                 "lstrip": False, "rstrip": False, "normalized": False,
                 "special": True} for id, text in enumerate(PIECES[:3])]}


def extended():
    """A tokenizer of test/text with the tokens EXTRA."""
    made = chat_models.tokenizer_of("first-space")
    last = max(token["id"] for token in made["added_tokens"])
    for number, (text, special, normalized) in enumerate(EXTRA):
        made["added_tokens"].append(
            {"id": last + 1 + number, "content": text, "single_word": False,
             "lstrip": False, "rstrip": False, "normalized": normalized,
             "special": special})
    return made


def check(scratch, kind, made, names, cases):
    """How many cases do not give their control tokens, among `names`."""
    stop = next(id for id, name in names.items() if name == "<stop>")
    bad = 0
    for template, conversation, wanted in cases:
        chat_models.write_model(scratch, made, template)
        with open(scratch + "/generation_config.json", "w") as file:
            json.dump({"eos_token_id": stop}, file)
        run = subprocess.run(["sinter-tokenize", scratch, "--chat"], text=True,
                             input=json.dumps(conversation) + "\n",
                             capture_output=True)
        found = [names[int(id)] for id in run.stdout.split()
                 if int(id) in names]
        if run.returncode or found != wanted:
            bad += 1
            print(f"{kind}: {template}\n{conversation}\n expected {wanted}\n"
                  f" found {found} {run.stderr}")
    return bad


def main():
    scratch = sys.argv[1]
    made = extended()
    names = {token["id"]: token["content"] for token in made["added_tokens"]
             if token["content"] != "<unk>"}
    bad, count = check(scratch, "added", made, names, CASES), len(CASES)
    names = {id: PIECES[id] for id in (1, 2, 3)}
    for kind, made in piece_models():
        bad += check(scratch, kind, made, names, PIECE_CASES)
        count += len(PIECE_CASES)
    print(f"{count - bad} of {count} as expected")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
