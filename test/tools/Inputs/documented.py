"""documented.py FOLDER: looks for every option of every `sinter COMMAND --help` in
the folder's manual page and completions."""
import pathlib
import re
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])
manual = (folder / "sinter.1").read_text().replace("\\-", "-")
shells = {name: (folder / name).read_text() for name in ("bash", "zsh", "fish")}
usage = subprocess.run(["sinter", "--help"], capture_output=True, text=True).stdout
commands = re.findall(r"^  (\w+) ", usage, re.M)
options, missing = 0, 0
for command in commands:
    text = subprocess.run(["sinter", command, "--help"], capture_output=True, text=True).stdout
    begin = manual.index(f".SS sinter {command} ")
    section = manual[begin:manual.index(".S", begin + 3)]
    for name in re.findall(r"^  (-[-\w]+)", text, re.M):
        options += 1
        places = {
            "manual": f"\\fB{name}\\fR" in section,
            "bash": re.search(rf"{command}\) words=\".*{name} ", shells["bash"]),
            "zsh": f"'{name}" in shells["zsh"],
            "fish": re.search(rf"from {command}'.* -(l {name[2:]}|s {name[1:]}) ", shells["fish"]),
        }
        for place, found in places.items():
            if not found:
                print(f"{command} {name} is not in {place}")
                missing += 1
print(f"{options} options of {len(commands)} commands, {missing} missing")
