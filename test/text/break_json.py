"""Writes folders with a tokenizer.json each in which one thing is wrong.
Arguments: a good tokenizer.json, the folder to write to."""
import copy
import json
import pathlib
import sys

good = json.loads(pathlib.Path(sys.argv[1]).read_text())


def write(name, change):
    folder = pathlib.Path(sys.argv[2]) / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    if change:
        tree = copy.deepcopy(good)
        change(tree)
        (folder / "tokenizer.json").write_text(json.dumps(tree))


write("normalizer", lambda t: t.update(normalizer={"type": "Nonsense"}))
write("pattern", lambda t: t.update(pre_tokenizer={
    "type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Isolated"}))
write("merge", lambda t: t["model"]["merges"].insert(0, ["a", "nothing"]))
write("id", lambda t: t["model"]["vocab"].update(huge=4000000000))
write("model", lambda t: t["model"].update(type="Guess"))
write("none", None)
