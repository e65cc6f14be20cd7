"""Whether the --help of each tool has a page of text, about that tool.
usage: helps.py TOOL..."""
import subprocess
import sys

for tool in sys.argv[1:]:
    done = subprocess.run([tool, "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, (tool, done)
    assert tool in done.stdout and 4 < len(done.stdout.splitlines()) < 40, (tool, done.stdout)
print("all have their own")
