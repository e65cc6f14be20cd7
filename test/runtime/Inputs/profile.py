"""Prints what a profile (JSON) says that does not depend on the machine."""
import json
import sys

profile = json.load(open(sys.argv[1]))
good = True
for part in profile["parts"]:
    print(f"{part['name']}: {part['steps']} steps, {part['tokens']} tokens")
    for kernel in part["kernels"]:
        print(f"{kernel['name']}: {kernel['calls']} calls, {kernel['flops']} flops, {kernel['memory_bytes']} bytes")
    within = sum(k["seconds"] + k["wait_seconds"] for k in part["kernels"])
    good &= 0 < within <= 1.5 * part["seconds"]
print("times add up" if good else "times do not add up")
