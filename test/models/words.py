"""Packs as models that read and write text, used as people use them.

usage: words.py PACK FOLDER [KEY=JSON...]  writes the pack with words w0, w1, ... for its tokens to FOLDER
"""
import json
import pathlib
import shutil
import sys

pack, folder = map(pathlib.Path, sys.argv[1:3])
folder.mkdir(parents=True, exist_ok=True)
for file in pack.iterdir():
    if not file.name.startswith("golden"):
        shutil.copy(file, folder)
config = json.loads((folder / "config.json").read_text())
config |= {key: json.loads(value) for key, value in (change.split("=", 1) for change in sys.argv[3:])}
for key in [key for key, value in config.items() if value == "absent"]:
    del config[key]
(folder / "config.json").write_text(json.dumps(config))
size = config.get("vocab_size") or config["padded_vocab_size"]
vocab = {f"w{i}": i for i in range(size)}
(folder / "tokenizer.json").write_text(json.dumps({
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
    "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "Removed", "invert": False},
    "post_processor": None, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": False},
    "model": {"type": "WordPiece", "vocab": vocab, "unk_token": "w3", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 9}}))
(folder / "tokenizer_config.json").write_text(json.dumps({
    "chat_template": "{% for m in messages %}{{ 'w11 ' if m.role == 'user' else 'w12 ' }}{{ m.content }} {% endfor %}"
                     "{% if add_generation_prompt %}w12 {% endif %}"}))
