#!/usr/bin/env python3
"""Writes expected-ids.json: what each conversation here is in tokens.

Needs transformers==4.57.6 and jinja2==3.1.6 (PyPI); later transformers leave
out what is None in a message. Typed control tokens are
kept apart from the template's by other names for the latter, in the template
and in the tokenizer: so transformers itself says what typed ones are as text.
Where nobody types any, that must be what apply_chat_template gives.
"""
import datetime
import hashlib
import json
import os
import tempfile
import unittest.mock

import jinja2
import transformers
from transformers.utils import chat_template_utils

import chat_models
import chat_oracle


def alias(text):
    for number, token in enumerate(chat_models.CONTROL + ["<s>", "</s>"]):
        text = text.replace(token, f"\ue000{number}\ue001")
    return text


def aliased_tokenizer(tokenizer):
    made = json.loads(json.dumps(tokenizer))
    for token in made["added_tokens"]:
        if token["special"]:
            token["content"] = alias(token["content"])
    vocabulary = made["model"]["vocab"]
    made["model"]["vocab"] = {alias(text): vocabulary[text]
                              for text in vocabulary}
    # Names of the tokens that the post-processor adds are of no use here.
    made["post_processor"] = None
    return made


def load(tokenizer):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tokenizer.json")
        with open(path, "w") as file:
            json.dump(tokenizer, file)
        return transformers.PreTrainedTokenizerFast(tokenizer_file=path)


def digest(ids):
    text = " ".join(map(str, ids))
    return [len(ids), hashlib.sha256(text.encode()).hexdigest()[:16]]


def expected(tokenizer, template, data):
    """The ids; None where the template refuses."""
    data = {**data, "bos_token": alias("<s>"), "eos_token": alias("</s>")}
    try:
        text = chat_oracle.render(alias(template), data)
    except (jinja2.exceptions.TemplateError, TypeError):
        return None
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def by_transformers(tokenizer, template, data):
    data = {"tools": None, "add_generation_prompt": False, **data}
    now = data.pop("now")
    with unittest.mock.patch.object(chat_template_utils, "datetime") as clock:
        clock.now.return_value = datetime.datetime.fromtimestamp(now)
        return tokenizer.apply_chat_template(
            data.pop("messages"), chat_template=template, tokenize=True,
            return_dict=False, **data)


def main():
    found, compared = {}, 0
    for name in chat_models.TOKENIZERS:
        tokenizer = chat_models.tokenizer_of(name)
        plain = load(tokenizer)
        aliased = load(aliased_tokenizer(tokenizer))
        for style, template in chat_models.templates():
            for case, data in chat_models.inputs():
                ids = expected(aliased, template, data)
                if ids is None:
                    continue
                # transformers refuses to speak of nothing.
                if case not in ("forged", "empty"):
                    assert ids == by_transformers(plain, template, data), (
                        name, style, case)
                    compared += 1
                found[f"{name} {style} {case}"] = digest(ids)
    path = os.path.join(chat_models.HERE, "expected-ids.json")
    with open(path, "w") as file:
        file.write("{\n" + ",\n".join(
            f"{json.dumps(key)}: {json.dumps(value)}"
            for key, value in found.items()) + "\n}\n")
    print(f"{len(found)} conversations, {compared} as apply_chat_template")


if __name__ == "__main__":
    main()
