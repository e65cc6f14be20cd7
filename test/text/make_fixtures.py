"""Writes Inputs/: small tokenizers and what the original libraries (PyPI
"tokenizers", "sentencepiece", "tiktoken") make of a list of texts with each. Not run by
the test suite, which needs no such library; run it again when a pipeline or a
text is added:

    python3 -m venv VENV
    VENV/bin/pip install tokenizers==0.23.3 sentencepiece==0.2.3 tiktoken==0.14.0
    VENV/bin/python test/text/make_fixtures.py
"""
import base64
import io
import json
import pathlib
import random
import unicodedata

import sentencepiece
import tiktoken
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


def sentence_pieces(kind):
    """A SentencePiece model: its pieces as GGUF has them, and a function that
    gives a text's ids."""
    model = io.BytesIO()
    words = [word for text in TEXTS for word in text.split()
             if word.isprintable() and max(map(ord, word)) < 0x400] * 5
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(words), model_writer=model, model_type=kind,
        vocab_size=560 if kind == "bpe" else 400, byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        user_defined_symbols=["<tag>", "▁▁▁"] if kind == "bpe" else [],
        minloglevel=2)
    spm = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    kinds = [2 if spm.is_unknown(i) else 3 if spm.is_control(i) else
             6 if spm.is_byte(i) else
             4 if spm.id_to_piece(i) in ("<tag>", "▁▁▁") else 1
             for i in range(spm.vocab_size())]
    pieces = [[spm.id_to_piece(i), spm.get_score(i), kinds[i]]
              for i in range(spm.vocab_size())]
    return {"model": "llama" if kind == "bpe" else "t5", "pieces": pieces}, spm


def write_sentence_pieces(name, kind):
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    tree, spm = sentence_pieces(kind)
    (folder / "pieces.json").write_text(
        json.dumps(tree, ensure_ascii=False, separators=(",", ":")) + "\n")
    with (folder / "expected.jsonl").open("w") as out:
        for text in TEXTS:
            if "\0" in text or not text:  # which SentencePiece reads its own way
                continue
            ids = spm.encode(text)
            case = {"hex": text.encode().hex(), "parsed": ids,
                    "text": spm.decode(ids)}
            if "<s>" not in text:
                out.write(json.dumps(case, separators=(",", ":")) + "\n")


def write_model_file(name, kind):
    """A tokenizer.model as SentencePiece writes it: normalization of its own,
    roles and added tokens in a file beside it."""
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    words = [word for text in TEXTS for word in text.split()
             if word.isprintable() and max(map(ord, word)) < 0x400] * 5
    rules = folder / "rules.tsv"
    rules.write_text("17F\t73\nFB01\t66 69\nA0\t20\n3000\t20\n2003\t20\n"
                     "9\t20\n")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(words), model_writer=model, model_type=kind,
        vocab_size=560 if kind == "bpe" else 400, byte_fallback=True,
        normalization_rule_tsv=str(rules), remove_extra_whitespaces=True,
        user_defined_symbols=["<tag>"], pad_id=3, minloglevel=2)
    rules.unlink()
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    spm = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    size = spm.vocab_size()
    (folder / "config.json").write_text("{}\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "add_bos_token": True, "add_eos_token": True, "bos_token": "<s>",
        "eos_token": {"content": "</s>"}, "chat_template": "{{ messages }}",
        "added_tokens_decoder": {
            "1": {"content": "<s>", "special": True},
            str(size + 1): {"content": "<turn>", "special": True}}}) + "\n")
    with (folder / "expected.jsonl").open("w") as out:
        for text in TEXTS:
            if "\0" in text or not text or "<s>" in text:
                continue
            ids = spm.encode(text)
            out.write(json.dumps({"hex": text.encode().hex(),
                                  "parsed": [1, *ids, 2],
                                  "text": spm.decode(ids)},
                                 separators=(",", ":")) + "\n")


def write_ranks(name):
    """A file of ranks, as Qwen's: patterns and special tokens are elsewhere."""
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    tree = json.loads(byte_level(split(QWEN)).to_str())
    alphabet = bytes_of_alphabet()
    tokens = sorted(tree["model"]["vocab"].items(), key=lambda item: item[1])
    tokens = [bytes(alphabet[c] for c in text) for text, _ in tokens
              if text not in ("<unk>", "<s>", "</s>")]
    ranks = {token: rank for rank, token in enumerate(tokens)}
    (folder / "qwen.tiktoken").write_text("".join(
        f"{base64.b64encode(token).decode()} {rank}\n"
        for token, rank in ranks.items()))
    (folder / "config.json").write_text("{}\n")
    encoding = tiktoken.Encoding(
        name, pat_str=QWEN, mergeable_ranks=ranks,
        special_tokens={"<|endoftext|>": len(ranks),
                        "<|im_start|>": len(ranks) + 1,
                        "<|extra_204|>": len(ranks) + 207})
    texts = TEXTS + ["<|im_start|>user<|extra_204|>a"]
    with (folder / "expected.jsonl").open("w") as out:
        for data in [text.encode() for text in texts] + BROKEN:
            text = unicodedata.normalize(
                "NFC", data.decode("utf-8", errors="replace"))
            ids = encoding.encode(text, allowed_special="all")
            case = {"hex": data.hex(), "parsed": ids,
                    "text": encoding.decode(
                        [i for i in ids if i < len(ranks)])}
            plain = encoding.encode(text, disallowed_special=())
            if plain != ids:
                case["plain"] = plain
            out.write(json.dumps(case, separators=(",", ":")) + "\n")


def bytes_of_alphabet():
    printable = [*range(0x21, 0x7f), *range(0xa1, 0xad), *range(0xae, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(0x100 + i): byte for i, byte in enumerate(others)}


def main():
    write_model_file("model-pairs", "bpe")
    write_model_file("model-unigram", "unigram")
    write_ranks("ranks")
    write_sentence_pieces("scored", "bpe")
    write_sentence_pieces("unigram", "unigram")
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
