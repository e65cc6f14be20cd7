"""usage: damage.py FILE OUT cut|flip N: cuts the last N bytes off, or changes the byte N before the end."""

import os
import sys

source, out, what, count = sys.argv[1:]
data = bytearray(open(source, "rb").read())
if what == "cut":
    del data[-int(count):]
else:
    data[-int(count)] ^= 1
with open(out, "wb") as file:
    file.write(data)
os.chmod(out, 0o755)
