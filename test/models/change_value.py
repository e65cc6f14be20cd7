"""Copies tensors of a file, with 1 added to one number of the first.

usage: change_value.py FILE OUTPUT INDEX NAME [NAME ...]
"""
import sys

import tensors

source, target, index, *names = sys.argv[1:]
values = tensors.read(source)
chosen = {name: values[name] for name in names}
chosen[names[0]][2][int(index)] += 1
tensors.write(target, chosen)
