#!/usr/bin/env python3
"""Writes runtime/chat/Unprintable.inc to standard output."""
import unicodedata

print(f"""// What Python's str.isprintable refuses from U+007F on: categories Other
// and Separator of Unicode {unicodedata.unidata_version} but the space. Made by
// test/chat/make-unprintable.py; do not edit.""")
begin, line = None, ""
for code in range(0x7F, 0x110001):
    bad = code < 0x110000 and not chr(code).isprintable()
    if bad and begin is None:
        begin = code
    if not bad and begin is not None:
        entry = "{0x%X, 0x%X}," % (begin, code - 1)
        begin = None
        if len(line) + len(entry) + 1 > 80:
            print(line)
            line = entry
        else:
            line = (line + " " + entry).strip()
print(line)
