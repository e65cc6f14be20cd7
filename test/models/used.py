"""Programs as people use them, against the same programs given tensors.

usage: used.py answers|embeds|chats|lengths|golden PROGRAM FOLDER SCRATCH [OPTION...]   (FOLDER: what words.py wrote)
"""
import json
import pathlib
import random
import re
import subprocess
import sys

import tensors

what, program, folder, scratch, *options = sys.argv[1:]
config = json.loads(pathlib.Path(folder, "config.json").read_text())
size = config.get("vocab_size") or config["padded_vocab_size"]
chance = random.Random(1)
wrong = compared = 0


def run(*arguments, **more):
    return subprocess.run([program, *options, *arguments], capture_output=True, text=True, **more)


def said(process):
    if process.returncode:
        raise SystemExit(f"{process.args[1:]}: exit {process.returncode}: {process.stderr}")
    return [int(word) for word in re.findall(r"\bw(\d+)\b", process.stdout)]


def words(ids):
    return " ".join(f"w{token}" for token in ids)


def given(inputs, *arguments):
    tensors.write(f"{scratch}.in", {name: ("I64", [1, len(ids)], ids) for name, ids in inputs.items()})
    process = run("--input", f"{scratch}.in", "--output", f"{scratch}.out", *arguments)
    if process.returncode:
        raise SystemExit(f"{inputs}: exit {process.returncode}: {process.stderr}")
    return tensors.read(f"{scratch}.out")


def same(case, expected, found):
    global wrong, compared
    compared += 1
    if expected != found:
        wrong += 1
        print(f"{case}: expected {expected}, found {found}")


def tokens(count):
    return [chance.randrange(20, size) for _ in range(count)]


def answers():
    """An encoder-decoder answers a prompt of any length, down to one token."""
    for count in [1, 2, 7, 16, 33, 64]:
        prompt = tokens(count)
        expected = list(given({"input_ids": prompt, "decoder_input_ids": [config["decoder_start_token_id"]]},
                              "--generate", "9")["generated"][2])
        found = said(run("-p", words(prompt), "-n", "9", "--temp", "0"))
        # Special tokens are not shown, and the last of a text ends it.
        shown = [token for token in expected if f"w{token}" in words(found)]
        same(f"{count} tokens", expected[:len(found)] if found else shown, found)


def embeds():
    for count in [1, 2, 7, 32]:
        prompt = tokens(count)
        expected = given({"input_ids": prompt}, "--embed")["embedding"][2]
        process = run("--embed", "-p", words(prompt))
        same(f"{count} tokens", [f"{number:.7g}" for number in expected], process.stdout.split())


def chats():
    """What is said in turns is what the same text gets at once: after every
    answer the caches go on, or are fed again where a ring has lost a place."""
    turns = [tokens(count) for count in (3, 40, 1, 120, 7, 2)]
    heard = run("--chat", "--temp", "0", "-n", "12", input="".join(words(turn) + "\n" for turn in turns))
    replies = [[int(word) for word in re.findall(r"\bw(\d+)\b", line)] for line in heard.stdout.splitlines()]
    replies = [reply for reply in replies if reply]
    if heard.returncode or len(replies) != len(turns):
        raise SystemExit(f"exit {heard.returncode}, {len(replies)} answers: {heard.stdout} {heard.stderr}")
    text = ""
    for number, (turn, reply) in enumerate(zip(turns, replies)):
        text += f"w11 {words(turn)} w12 "
        same(f"turn {number}", said(run("-p", text, "-n", "12", "--temp", "0")), reply)
        text += words(reply) + " "


def lengths():
    """SCRATCH.in: an encoder's text much longer than the decoder's, two of them."""
    mask = [1] * 61 + [1] * 37 + [0] * 24
    tensors.write(f"{scratch}.in", {
        "input_ids": ("I64", [2, 61], tokens(122)), "attention_mask": ("I64", [2, 61], mask),
        "decoder_input_ids": ("I64", [2, 3], tokens(6))})


def golden():
    """SCRATCH.golden: SCRATCH.in with what came of it."""
    tensors.write(f"{scratch}.golden", tensors.read(f"{scratch}.in") | tensors.read(f"{scratch}.out"))


{"answers": answers, "embeds": embeds, "chats": chats, "lengths": lengths, "golden": golden}[what]()
print(f"{compared} {what} compared, {wrong} wrong")
sys.exit(bool(wrong))
