"""Reads assembly and fails when the inner loop of products spills a vector.

Prints that loop, for FileCheck: the one with most products, of those with an
instruction that the argument names, if any. The f32 sums of narrow vectors are
spilled around it, between blocks, by intent: there are too few registers.
"""
import re
import sys

PRODUCT = re.compile(r"\b(v?p?dpbusd|vdpbf16ps|tdpbf16ps|v?pmaddubsw|v?pmaddwd|v?fmadd\d+ps|v?mulps)\b")


def innermost_loops(lines):
    """By the comments of LLVM: loops may be laid out with their blocks apart."""
    blocks = [[]]
    for line in lines:
        if re.match(r"\.L\w+:|# %bb\.", line):
            blocks.append([])
        blocks[-1].append(line)
    for header in blocks:
        label = re.match(r"\.L(\w+):", header[0]) if header else None
        if not label or not any("Inner Loop Header" in line for line in header):
            continue
        inside = re.compile(rf"in Loop: Header={label[1]} ")
        of = [block for block in blocks if block is header or any(map(inside.search, block))]
        yield [line for block in of for line in block]


def products(loop):
    return sum(bool(PRODUCT.search(line)) for line in loop)


text = sys.stdin.read().splitlines()
named = sys.argv[1] if sys.argv[1:] else ""
loops = [loop for loop in innermost_loops(text) if products(loop) >= 2 and named in "".join(loop)]
if not loops:
    sys.exit("no loop of products found")
most = max(loops, key=products)
spilled = [line for line in most if re.search(r"mm\d.*(Spill|Reload)", line)]
print("\n".join(most))
if spilled:
    sys.exit("vectors are spilled in the inner loop:\n" + "\n".join(spilled))
