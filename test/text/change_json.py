"""Writes a JSON file with changes: change_json.py FROM TO CHANGE...

A change is KEY=VALUE, KEY+=VALUE (to a list or an object) or -KEY; values are
JSON, keys are those of the top.
"""
import json
import pathlib
import sys

source, target, *changes = sys.argv[1:]
tree = json.loads(pathlib.Path(source).read_text())
for change in changes:
    key, _, value = change.partition("=")
    if key.startswith("-"):
        tree.pop(key[1:], None)
    elif not key.endswith("+"):
        tree[key] = json.loads(value)
    elif isinstance(tree.setdefault(key[:-1], {}), list):
        tree[key[:-1]] += json.loads(value)
    else:
        tree[key[:-1]].update(json.loads(value))
pathlib.Path(target).write_text(json.dumps(tree))
