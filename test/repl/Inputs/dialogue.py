"""A dialogue through a pipe: lines in, answers out; what a full context does; commands; lines of JSON.

usage: dialogue.py PROGRAM FOLDER   (PROGRAM: of words.py, with a context of 64 tokens, whose texts do not end)
"""
import json
import pathlib
import re
import subprocess
import sys

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
wrong = 0


def run(*arguments, input=None):
    if isinstance(input, str):
        input = input.encode()
    process = subprocess.run([program, *arguments], input=input, capture_output=True)
    process.stdout, process.stderr = process.stdout.decode(), process.stderr.decode()
    return process


def check(what, found, expected=True):
    global wrong
    if found != expected:
        wrong += 1
        print(f"{what}: expected {expected!r}, found {found!r}")


def chat(lines, *arguments):
    return run("--chat", "--temp", "0", "-n", "4", *arguments, input=lines)


def objects(lines, *arguments):
    process = chat("".join(json.dumps(line) + "\n" for line in lines), "--json-lines", *arguments)
    check("exit of --json-lines", process.returncode, 0)
    return [json.loads(line) for line in process.stdout.splitlines()]


def user(text):
    return {"role": "user", "content": text}


def saved(name):
    return json.loads((folder / name).read_text())


def lines():
    path = folder / "lines.json"
    process = chat(b"w5 w6\r\n\r\nw7 \xff\xc3(\n//w8\n/etc/passwd is a file\n" + f"/save {path}\n/nothing\n".encode())
    check("messages", [m["content"] for m in saved("lines.json") if m["role"] == "user"],
          ["w5 w6", "w7 \ufffd\ufffd(", "/w8", "/etc/passwd is a file"])
    check("answers", len(process.stdout.splitlines()), 4)
    check("what is cut says so", process.stderr.count("the answer was cut after 4 tokens; -n N allows more"), 4)
    check("the last was refused", ("unknown command '/nothing'" in process.stderr, process.returncode), (True, 1))
    before = path.read_text()
    process = chat(f"w5\n/save {path}\nw6\n")
    check("/save keeps what is there", (path.read_text(), "is there already" in process.stderr, process.returncode),
          (before, True, 0))
    process = chat(f"/save {program}\n/save /nowhere/x\n/save\n/clear all\n/regen\n/sytem x\n")
    for text in ["is there already", "cannot write '/nowhere/x': No such file", "/save needs a name: FILE",
                 "/clear stands alone", "/regen: nothing was said yet", "did you mean /system?"]:
        check(text, text in process.stderr)


def commands():
    path = folder / "commands.json"
    process = chat(f"w5\n/regen\n/clear\nw5\n/system w9\n/system\nw6\n/save {path}\n/exit\nw7\n")
    answers = process.stdout.splitlines()
    check("/regen and /clear begin anew", answers[:3], answers[:1] * 3)
    check("/system", "w9\n" in process.stderr)
    check("/exit", (len(answers), process.returncode), (4, 0))
    check("what is saved", saved("commands.json"),
          [{"role": "system", "content": "w9"}, user("w5"), {"role": "assistant", "content": answers[2]}, user("w6"),
           {"role": "assistant", "content": answers[3]}])
    check("the same without commands", chat("w5\nw6\n", "--system", "w9").returncode, 0)


def full():
    """Answers after turns went are those of the conversation that is left."""
    words = [" ".join(f"w{20 + 9 * turn + i}" for i in range(9)) for turn in range(12)]
    found = objects([user(text) for text in words], "--system", "w9 w10")
    check("answers", len(found), 12)
    check("turns went", sum(answer.get("left_out_messages", 0) for answer in found) >= 12)
    kept = []  # what the conversation should be
    for text, answer in zip(words, found):
        kept = kept[answer.get("left_out_messages", 0):] + [user(text)]
        if answer.get("left_out_messages"):
            # What the system said was not computed again, all else was.
            check("what stays in the caches", answer["cached_tokens"], len("w12 w9 w10 w11".split()))
        alone = objects([[{"role": "system", "content": "w9 w10"}, *kept]])[0]
        check(f"an answer with {len(kept)} messages", answer["text"], alone["text"])
        kept.append({"role": "assistant", "content": answer["text"]})
    process = chat("".join(text + "\n" for text in words))
    check("a note", bool(re.search(r"the context is full: the oldest \d+ messages were left out", process.stderr)))
    process = chat("w5\n" + "w6 " * 90 + "\nw7\n")
    check("too long a message", ("tokens with all that cannot be left out, the context has 64" in process.stderr,
                                 len(process.stdout.splitlines()), process.returncode), (True, 2, 0))
    check("nothing of it stays", process.stdout, chat("w5\nw7\n").stdout)
    process = chat("w5 " * 50 + "\n", "-n", "40")
    check("cut by the context", "the context is full" in process.stderr)
    process = run("-p", "w5 " * 60, "--temp", "0")
    check("-p cut by the context", "the context is full" in process.stderr)
    # Calls of tools stay beside their results: turns begin with users alone.
    tools = [user("w5 " * 12), {"role": "assistant", "content": "w6 " * 12}, {"role": "tool", "content": "w7 " * 12},
             {"role": "assistant", "content": "w8 " * 12}, user("w9 " * 12)]
    check("a turn with tools", objects([tools])[0]["left_out_messages"], 4)


def scripts():
    found = objects([user("w5"), {"text": "w6"}, {"role": "system"}, 7, [], [{"role": "assistant", "content": "w1"}],
                     {"role": "user", "content": 3}, {"messages": [user("w5")], "tools": []}, user("w6 " * 90),
                     user("w6")])
    check("answers and errors", ["error" in answer for answer in found],
          [False, False, True, True, True, True, False, True, False])
    check("a conversation begins anew, an error changes nothing",
          [found[i]["text"] for i in (6, 8)], [found[i]["text"] for i in (0, 1)])
    check("counts", {key: found[1][key] for key in ("finish_reason", "prompt_tokens", "cached_tokens",
                                                    "completion_tokens")},
          {"finish_reason": "length", "prompt_tokens": 10, "cached_tokens": 6, "completion_tokens": 4})
    process = chat("{\n", "--json-lines")
    check("no JSON", "invalid JSON" in json.loads(process.stdout)["error"])
    one = run("--chat", "--json-lines", "-p", "w5", "--temp", "0", "-n", "4")
    check("one answer", json.loads(one.stdout)["text"], found[0]["text"])
    process = run("--json-lines", "-p", "w5 " * 90)
    check("an error of -p", ("the context only 64" in json.loads(process.stdout)["error"], process.returncode),
          (True, 1))
    check("--json-lines alone", run("--json-lines").returncode, 2)


def stops():
    """What is printed is what comes before the stop text, wherever tokens end."""
    whole = run("-p", "w5 w6", "--temp", "0", "-n", "20").stdout.rstrip("\n")
    for begin in range(3, 40):
        for end in (begin + 1, begin + 4, begin + 9):
            stop = whole[begin:end]
            process = run("-p", "w5 w6", "--temp", "0", "-n", "20", "--stop", "never", "--stop", stop)
            check(f"--stop {stop!r}", process.stdout, whole[:whole.index(stop)] + "\n")
    answer = chat("w5\n").stdout.rstrip("\n")
    word = answer.split()[2]
    made = objects([user("w5"), user("w6")], "--stop", word)
    check("a chat's", (made[0]["text"], made[0]["finish_reason"], made[0]["stop_text"]),
          (answer[:answer.index(word)], "stop", word))
    kept = objects([[user("w5"), {"role": "assistant", "content": made[0]["text"]}, user("w6")]], "--stop", word)
    check("and goes on from there", made[1]["text"], kept[0]["text"])
    check("no text", run("-p", "x", "--stop", "").returncode, 2)


for test in (lines, commands, full, scripts, stops):
    test()
print("all as expected" if not wrong else f"{wrong} wrong")
sys.exit(bool(wrong))
