"""Compares tokens that the interpreter generates with a program's.

usage: interpreted.py MODEL PROGRAM FOLDER

The program has float activations, as the interpreter has. SINTER_TEST_INTERPRETED tokens (4) are generated; 32 take some
minutes. A token must be equal where the interpreter's best logit is clear of the second, and all logits must be close.
"""
import json
import os
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(__file__), ".."))
import tensors

CLEAR, CLOSE = 0.02, 0.01


def main():
    model, program, folder = sys.argv[1:]
    count = int(os.environ.get("SINTER_TEST_INTERPRETED", "4"))
    source = os.path.join(folder, "in.safetensors")
    with open(os.path.join(os.path.dirname(__file__), "default-model-greedy.jsonl")) as lines:
        prompt = json.loads(next(lines))["prompt"]
    tensors.write(source, {"input_ids": ("I64", [1, len(prompt)], prompt)})
    results = []
    for name, command in [("interpreter", ["sinter", "interpret", model]), ("program", [program])]:
        target = os.path.join(folder, name + ".safetensors")
        begin = time.time()
        subprocess.run([*command, "--input", source, "--output", target, "--generate", str(count)], check=True)
        print(f"{name}: {time.time() - begin:.1f} s")
        results.append(tensors.read(target))
    expected, found = results
    for name in ["logits", "generated_logits"]:
        _, (_, rows, vocab), theirs = expected[name]
        ours = found[name][2]
        worst = 0
        for row in range(rows):
            begin, end = row * vocab, (row + 1) * vocab
            worst = max(worst, max(abs(a - b) for a, b in zip(theirs[begin:end], ours[begin:end])))
            if name == "generated_logits":
                second, best = sorted(theirs[begin:end])[-2:]
                if best - second > CLEAR and expected["generated"][2][row] != found["generated"][2][row]:
                    sys.exit(f"token {row}: {found['generated'][2][row]}, expected {expected['generated'][2][row]}")
                if expected["generated"][2][row] != found["generated"][2][row]:
                    print(f"a tie at token {row}: what follows differs")
                    count = row
                    break
        print(f"{name}: largest difference {worst:.2e}")
        if worst > CLOSE:
            sys.exit("too far apart")
    print(f"{count} tokens are equal")


main()
