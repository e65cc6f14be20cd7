"""Copies a file of tensors without some of them.

usage: without.py FROM TO NAME...
"""
import sys

import tensors

source, target, *names = sys.argv[1:]
held = tensors.read(source)
tensors.write(target, {name: tensor for name, tensor in held.items() if name not in names})
