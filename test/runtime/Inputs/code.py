"""Runs a command and succeeds when its exit code is the first argument."""

import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
if code != int(sys.argv[1]):
    print(f"exit code {code}, expected {sys.argv[1]}")
    sys.exit(1)
