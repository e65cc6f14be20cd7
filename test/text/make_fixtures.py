"""Writes Inputs/: small tokenizers and what the original library (PyPI
"tokenizers") makes of a list of texts with each. Not run by the test suite,
which needs no such library; run it again when a pipeline or a text is added:

    python3 -m venv VENV && VENV/bin/pip install tokenizers==0.23.3
    VENV/bin/python test/text/make_fixtures.py
"""
import json
import pathlib
import random

from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models,
                        normalizers, pre_tokenizers, processors, trainers)

HERE = pathlib.Path(__file__).parent / "Inputs"

TEXTS = [
    "", " ", "  ", "\n", "\n\n", "\t", "a", "Hello, world!",
    "It's 2024; don't WE'LL they've I'd 'S 'RE 'sſ",
    "Ünïcödé ñandú Straße ŒUVRE İstanbul ſs ﬁ ǅ",
    "Здравствуй, мир! Ёлка", "Γειά σου Κόσμε ΣΊΣΥΦΟΣ",
    "你好，世界！今天是２０２４年。漢字かなカナ", "안녕하세요 세계 각 가",
    "مرحبا بالعالم ١٢٣ ۔،", "שלום עולם", "नमस्ते दुनिया १२३ क्षत्रिय",
    "สวัสดีชาวโลก ๑๒๓", "ተማሪ ⴰⵣⵓⵍ ᏣᎳᎩ Ꭰ",
    "👨‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇩🇪 ❤️‍🔥 1️⃣",
    "def f(x):\n\treturn {**x, 'a': [1,2,3]}\r\n\n    # comment\n",
    "a  b   c    d\t\te\n\n\nf \n g\r\n\r\n h", "   leading", "trailing   ",
    " \u00a0\u2003\u3000x\u200b\u200d\ufeff", "\x00\x01\x02\x1f\x7f\x80\x85\x9f",
    "e\u0301 é a\u0323\u0307 \u0307\u0323 q\u0307\u0323 ậ 가 ㎏ ① ½ Ⅻ ²",
    "x" * 300, " " * 200 + "y", "ab" * 500, "=-" * 100, "1234567890" * 30,
    "<html><body>&amp;</body></html>", "$\\frac{a}{b}$ €100 £5 ¥",
    "𝓗𝓮𝓵𝓵𝓸 𐍈 𠜎 𞤀", "http://x.y/z?a=b&c=d#e",
    "C'est l'été; l’apostrophe", "\u2028\u2029\u0085end", "A\u030a\u0327",
    "\U0010ffff\ue000\ufffd\ufffe", "naïve café", "1,234,567.89 12 123 1234",
    "<s>begin</s> <mask> </mask>  <pad>tail <special>x",
    "x<mask>y <tag> <tag>z  word wordy aword",
]

BROKEN = [
    b"\x80", b"\xff\xfe", b"abc\xc3", b"\xe2\x82", b"\xe2\x82x", b"\xf0\x9f\x98",
    b"\xf0\x9fa\x98", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80",
    b"\xf0\x80\x80\x80", b"\xe0\x80\x80", b"\xe2\xe2\x82\xac", b"\xc3\xc3\xa9",
    b"\xfc\x80\x80\x80\x80\x80", b"ok \xf0\x9f\x91 \x8d end",
]

WORDS = (r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|"
         r"\s+(?!\S)|\s+")
GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
        r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN = GPT4.replace("{1,3}", "")
CASES = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*"
         r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"
         r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"


def byte_level(*splits, normalizer=None, ignore_merges=False):
    """A byte-level BPE tokenizer whose text is split by `splits`."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [*splits, pre_tokenizers.ByteLevel(add_prefix_space=False,
                                           use_regex=not splits)])
    tokenizer.decoder = decoders.ByteLevel()
    train(tokenizer, pre_tokenizers.ByteLevel.alphabet())
    return tokenizer


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(Regex(pattern), behavior, invert)


def train(tokenizer, alphabet):
    trainer = trainers.BpeTrainer(
        vocab_size=640, initial_alphabet=alphabet, show_progress=False,
        special_tokens=["<unk>", "<s>", "</s>"])
    tokenizer.train_from_iterator(TEXTS * 2, trainer)


def pieces():
    """BPE over characters with byte fallback, as SentencePiece's models."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    train(tokenizer, sorted(set("abcdefghijklmnopqrstuvwxyz▁ ,.'")))
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0)])
    tree = json.loads(tokenizer.to_str())
    keep = [t for t in tree["model"]["vocab"] if len(t) < 2 and ord(t) > 0x2fff]
    vocab = [t for t in tree["model"]["vocab"] if t not in keep]
    vocab = vocab[:3] + [f"<0x{b:02X}>" for b in range(256)] + vocab[3:]
    tree["model"]["vocab"] = {t: i for i, t in enumerate(vocab)}
    tree["model"]["merges"] = [
        pair for pair in tree["model"]["merges"]
        if all(t in tree["model"]["vocab"] for t in [*pair, "".join(pair)])]
    tree["model"]["byte_fallback"] = True
    tokenizer = Tokenizer.from_str(json.dumps(tree))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def metaspace(scheme):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Metaspace(prepend_scheme=scheme),
        pre_tokenizers.Punctuation("merged_with_previous"),
        pre_tokenizers.Digits(individual_digits=False)])
    tokenizer.decoder = decoders.Metaspace(prepend_scheme=scheme)
    train(tokenizer, ["▁"])
    return tokenizer


def with_added(tokenizer):
    """Added tokens of every kind; texts in TEXTS contain them."""
    tokenizer.add_special_tokens(
        [AddedToken("<mask>", lstrip=True, rstrip=True),
         AddedToken("<pad>", rstrip=True), "<special>"])
    tokenizer.add_tokens([AddedToken("<tag>", lstrip=True),
                          AddedToken("word", single_word=True),
                          AddedToken("café", normalized=True)])
    return tokenizer


TOKENIZERS = {
    "words": lambda: byte_level(),
    "digits": lambda: byte_level(
        pre_tokenizers.Digits(individual_digits=True), split(WORDS)),
    "three-digits": lambda: with_added(
        byte_level(split(GPT4), ignore_merges=True)),
    "composed": lambda: byte_level(split(QWEN), normalizer=normalizers.NFC()),
    "by-case": lambda: byte_level(split(CASES)),
    "nested-class": lambda: byte_level(split(BLOOM)),
    "removed": lambda: byte_level(split(r"\w+|[^\w\s]++", "removed", True),
                                  normalizer=normalizers.Sequence(
                                      [normalizers.NFKD(),
                                       normalizers.Strip()])),
    "pieces": lambda: with_added(pieces()),
    "first-space": lambda: with_added(metaspace("first")),
}


def expectations(tokenizer):
    rng = random.Random(7)
    mixed = [" ".join(rng.sample(TEXTS, 3))[:200] for _ in range(20)]
    for data in [t.encode() for t in TEXTS + mixed] + BROKEN:
        text = data.decode("utf-8", errors="replace")
        case = {"hex": data.hex()}
        for key, special in [("plain", False), ("parsed", True)]:
            tokenizer.encode_special_tokens = not special
            case[key] = tokenizer.encode(text).ids
        if case["plain"] == case["parsed"]:
            del case["plain"]
        ids = case["parsed"]
        case["text"] = tokenizer.decode(ids, skip_special_tokens=True)
        if case["text"] == text:
            del case["text"]
        yield case


def main():
    for name, make in TOKENIZERS.items():
        folder = HERE / name
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer = make()
        tree = json.loads(tokenizer.to_str())
        (folder / "tokenizer.json").write_text(
            json.dumps(tree, ensure_ascii=False, separators=(",", ":")) + "\n")
        lines = [json.dumps(case, ensure_ascii=True, separators=(",", ":"))
                 for case in expectations(tokenizer)]
        (folder / "expected.jsonl").write_text("\n".join(lines) + "\n")
        (folder / "config.json").write_text("{}\n")


if __name__ == "__main__":
    main()
