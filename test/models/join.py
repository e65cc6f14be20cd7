"""usage: join.py IN OUT: adds the tensors of IN to those of OUT, which then says what IN must give."""
import sys

import tensors

tensors.write(sys.argv[2], tensors.read(sys.argv[1]) | tensors.read(sys.argv[2]))
