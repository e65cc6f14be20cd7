"""Plans the memory of each pack in a folder and checks the plans and the code.

usage: plan_packs.py PACKS
"""
import os
import re
import subprocess
import sys


def run(*command, text=None):
    result = subprocess.run(command, input=text, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stderr}")
    return result.stdout


def main():
    packs = sorted(os.listdir(sys.argv[1]))
    appends = 0
    for pack in packs:
        built = run("sinter", "compile", os.path.join(sys.argv[1], pack), "--emit=mlir", "--features=x86-64-v3", "--quiet")
        planned = run("sinter-opt", "--sinter-tensor-stages", "--sinter-plan", "--sinter-check-plan", "-", text=built)
        for body, buffers, share, types in re.findall(
                r"sinter\.fused \{(.*?)\n *\} \{[^}]*sinter\.place = #sinter\.place<\[([^\]]*)\][^}]*share<(\w+)>[^}]*\} : ([^\n]*)", planned, re.S):
            ids = buffers.split(", ")
            caches = re.findall(r"tensor<|!sinter\.cache<", types)
            assert len(ids) == len(caches), (pack, buffers, types)
            for buffer, kind in zip(ids, caches):
                assert (buffer == "none") == (kind != "tensor<" or share == "replicated"), f"{pack}: a cache in buffer {buffer}"
            appends += body.count("sinter.append")
        lowered = run("sinter-opt", "--sinter-lower", "--sinter-to-llvm", "-", text=planned)
        for word in ["memcpy", "memmove", "memref.copy"]:
            assert word not in lowered, f"{pack}: {word} in lowered code"
    print(f"every plan is sound: {len(packs)} packs, {appends} appends in place")


main()
