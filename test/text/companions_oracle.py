"""Writes Inputs/companions: what PyPI's "transformers" makes of tokens that the
files beside a tokenizer.json name, in many mixtures of these files. Not run by
the test suite, which needs no such library:

    python3 -m venv VENV
    VENV/bin/pip install transformers==5.24.0 tokenizers==0.23.3
    VENV/bin/python test/text/companions_oracle.py

Other seeds and more cases for a look at the difference (companions.py prints
it): companions_oracle.py FOLDER SEED COUNT.

A token list of both tokenizer_config.json and special_tokens_map.json is left
out: version 5 forgets the second, version 4 joins them as Sinter does.
"""
import json
import os
import pathlib
import random
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

HERE = pathlib.Path(__file__).parent / "Inputs" / "companions"
ROLES = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
         "cls_token", "mask_token"]
NAMES = ["<|x|>", "<|y|>", "<|im_end|>", "<z>", "[NEW]", "\n", "  ", "hello",
         "<mask>", "<|Up|>", "ab", "<s>", "</s>", "<|x|><|y|>"]
TEXTS = NAMES + [" ", "  ", "\n", " \n", "a", "b", "hello", "ab", "X", "é",
                 "<", "_", " hello", "hellox", "\u3000", "\t"]


def added(id, text, special=True, **flags):
    return {"id": id, "content": text, "single_word": False, "lstrip": False,
            "rstrip": False, "normalized": not special, "special": special,
            **flags}


def whole(model, added_tokens, **steps):
    steps = {key: steps.get(key) for key in
             ("normalizer", "pre_tokenizer", "post_processor", "decoder")}
    return {"version": "1.0", "truncation": None, "padding": None,
            "added_tokens": added_tokens, **steps, "model": model}


def pairs(vocab, merges, **more):
    return {"type": "BPE", "dropout": None, "unk_token": None,
            "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": vocab, "merges": merges, **more}


def by_bytes(**steps):
    from tokenizers.pre_tokenizers import ByteLevel
    tokens = ["<unk>", "<s>", "</s>", *sorted(ByteLevel.alphabet()), "he", "ll",
              "hell", "hello", "Ġa", "ab"]
    level = {"type": "ByteLevel", "add_prefix_space": False,
             "trim_offsets": True, "use_regex": True}
    return whole(pairs({t: i for i, t in enumerate(tokens)},
                       [["h", "e"], ["l", "l"], ["he", "ll"], ["hell", "o"],
                        ["Ġ", "a"], ["a", "b"]]),
                 [added(i, t) for i, t in enumerate(tokens[:3])],
                 pre_tokenizer=level, decoder=level, **steps)


PIECES = ["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256)), "▁",
          *"abcdefghlotx<>|_im[]MASK", "he", "ll", "hell", "hello", "▁hello",
          "▁a", "▁b", "ab"]


def by_pieces(**steps):
    decoders = [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"}, {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0}]
    return whole(pairs({t: i for i, t in enumerate(PIECES)},
                       [["h", "e"], ["l", "l"], ["he", "ll"], ["hell", "o"],
                        ["▁", "hello"], ["▁", "a"], ["▁", "b"], ["a", "b"]],
                       unk_token="<unk>", fuse_unk=True, byte_fallback=True),
                 [added(i, t) for i, t in enumerate(PIECES[:3])],
                 decoder={"type": "Sequence", "decoders": decoders}, **steps)


def metaspace(scheme, split):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme,
            "split": split}


def by_score():
    vocab = [[t, -(len(PIECES) - i) / 10] for i, t in enumerate(PIECES)]
    return whole({"type": "Unigram", "unk_id": 0, "vocab": vocab,
                  "byte_fallback": False},
                 [added(i, t) for i, t in enumerate(PIECES[:3])],
                 pre_tokenizer=metaspace("always", True),
                 decoder=metaspace("always", True))


def by_words():
    letters = "abcdefghijklmnopqrstuvwxyz"
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters,
              *"<>|_[]/!", *("##" + c for c in letters), "hello", "##llo"]
    return whole({"type": "WordPiece", "unk_token": "[UNK]",
                  "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100,
                  "vocab": {t: i for i, t in enumerate(tokens)}},
                 [added(i, t) for i, t in enumerate(tokens[:5])],
                 normalizer={"type": "BertNormalizer", "clean_text": True,
                             "handle_chinese_chars": True,
                             "strip_accents": None, "lowercase": True},
                 pre_tokenizer={"type": "BertPreTokenizer"},
                 decoder={"type": "WordPiece", "prefix": "##",
                          "cleanup": True})


def bases():
    prepend = [{"type": "Prepend", "prepend": "▁"},
               {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]
    return {
        "bytes": by_bytes(), "lower": by_bytes(normalizer={"type": "Lowercase"}),
        "always": by_pieces(normalizer={"type": "Sequence",
                                        "normalizers": prepend}),
        "first": by_pieces(pre_tokenizer=metaspace("first", False)),
        "unigram": by_score(), "words": by_words()}


class Case:
    """Random files beside the base tokenizer `base`."""

    def __init__(self, rng, base, tree):
        self.rng, self.base, self.tree = rng, base, tree
        vocab = tree["model"]["vocab"]
        self.vocab = vocab if isinstance(vocab, dict) else {
            entry[0]: i for i, entry in enumerate(vocab)}
        self.next = len(self.vocab)
        self.added = self.more_added()
        self.files = {"config.json": {"vocab_size": 400}}
        if rng.random() < .9:
            self.files["tokenizer_config.json"] = self.config()
        if rng.random() < .4:
            self.files["special_tokens_map.json"] = self.map()
        if rng.random() < .3:
            self.files["added_tokens.json"] = {
                text: self.next + i
                for i, text in enumerate(rng.sample(NAMES, rng.choice([1, 2])))}
        self.texts = ["".join(rng.choice(TEXTS)
                              for _ in range(rng.randint(1, 9)))
                      for _ in range(8)]

    def maybe(self, chance):
        return self.rng.random() < chance

    def flags(self, special):
        flags = {key: self.maybe(.25)
                 for key in ("lstrip", "rstrip", "single_word")}
        if self.maybe(.8):
            flags["normalized"] = self.maybe(.3)
        return {**flags, "special": special}

    def token(self, **tag):
        text = self.rng.choice(NAMES)
        if self.maybe(.6):
            return text
        flags = {"normalized": False, **self.flags(True), **tag}
        if not tag:
            del flags["special"]
        return {"content": text, **flags}

    def more_added(self):
        tokens = list(self.tree["added_tokens"])
        for _ in range(self.rng.choice([0, 0, 1, 2, 3])):
            text = self.rng.choice(NAMES)
            if any(token["content"] == text for token in tokens):
                continue
            special = self.maybe(.6)
            id = self.vocab.get(text, self.next)
            self.next += text not in self.vocab
            tokens.append({**added(id, text, special), **self.flags(special)})
        return tokens

    def decoder(self):
        entries = {}
        if self.maybe(.7):
            for token in self.added:
                entries[str(token["id"])] = {key: value for key, value in
                                             token.items() if key != "id"}
        id = self.next
        for _ in range(self.rng.choice([0, 1, 2])):
            id += self.rng.choice([0, 0, 0, 1, 3])
            entries[str(id)] = {"content": self.rng.choice(NAMES),
                                **self.flags(self.maybe(.5))}
            id += 1
        items = list(entries.items())
        if self.maybe(.3):
            self.rng.shuffle(items)
        return dict(items)

    def config(self):
        tag = {"__type": "AddedToken"}
        config = {"tokenizer_class": "PreTrainedTokenizerFast"}
        for role in self.rng.sample(ROLES, self.rng.choice([0, 1, 2, 3])):
            config[role] = self.token(**tag)
        for name, chance in (("image_token", .2), ("audio_token", .1)):
            if self.maybe(chance):
                config[name] = self.rng.choice(NAMES)
        if self.maybe(.25):
            key = self.rng.choice(["additional_special_tokens",
                                   "extra_special_tokens"])
            config[key] = [self.token(**tag)
                           for _ in range(self.rng.choice([0, 1, 2, 3]))]
        elif self.maybe(.25):
            names = ["video_token", "b_token", "a_token", "zz"]
            config["extra_special_tokens"] = {
                name: self.token(**tag)
                for name in self.rng.sample(names, self.rng.choice([1, 2]))}
        if self.maybe(.3):
            config["added_tokens_decoder"] = self.decoder()
        if self.maybe(.3):
            config["add_bos_token"] = self.maybe(.5)
        if self.maybe(.1):
            config["bos_token"] = None
        return config

    def map(self):
        roles = self.rng.sample(ROLES, self.rng.choice([0, 1, 2, 3]))
        files = {role: self.token() for role in roles}
        config = self.files.get("tokenizer_config.json", {})
        if self.maybe(.3) and not any(
                config.get(key) for key in ("additional_special_tokens",
                                            "extra_special_tokens")):
            files["additional_special_tokens"] = [
                self.rng.choice(NAMES) for _ in range(self.rng.choice([1, 2]))]
        return files

    def expect(self, folder):
        """What the original makes of it, or None if it refuses."""
        from transformers import AutoTokenizer
        tree = {**self.tree, "added_tokens": self.added}
        for name, value in {**self.files, "tokenizer.json": tree}.items():
            (folder / name).write_text(json.dumps(value))
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder)
        except Exception:
            return None
        def encode(plain):
            return [tokenizer.encode(text, add_special_tokens=False,
                                     split_special_tokens=plain)
                    for text in self.texts]

        return {"base": self.base, "added": self.added, "files": self.files,
                "texts": self.texts, "plain": encode(True),
                "parsed": encode(False),
                "roles": [tokenizer.bos_token_id, tokenizer.eos_token_id,
                          tokenizer.pad_token_id]}


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    seed, count = map(int, sys.argv[2:4] or (0, 70))
    folder.mkdir(parents=True, exist_ok=True)
    trees = bases()
    for name, tree in trees.items():
        (folder / (name + ".json")).write_text(
            json.dumps(tree, ensure_ascii=False, separators=(",", ":")) + "\n")
    with open(folder / "cases.jsonl", "w") as out:
        for number in range(count):
            rng = random.Random(seed * 1000003 + number)
            base = rng.choice(list(trees))
            case = Case(rng, base, trees[base])
            with tempfile.TemporaryDirectory() as scratch:
                result = case.expect(pathlib.Path(scratch))
            if result:
                out.write(json.dumps(result, ensure_ascii=False,
                                     separators=(",", ":")) + "\n")


main()
