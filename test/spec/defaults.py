"""Compares what a missing key means to specs with what it means to the reference implementation.

usage: defaults.py SINTER_IMPORT DEFAULTS SCRATCH [FAMILY...]

DEFAULTS is written by oracle/reference_defaults.py. The module of a configuration that says what the reference takes
for granted must be that of one that does not. Where a spec needs a key that the reference has a default for, it says so,
and the key is given.
"""
import concurrent.futures, json, os, pathlib, re, subprocess, sys


class Importer:
    def __init__(self, tool, config):
        self.tool, self.config = tool, pathlib.Path(config)

    def module(self, config):
        """The IR, or the errors."""
        self.config.write_text(json.dumps(config))
        done = subprocess.run([self.tool, "--config", self.config, "--random-weights", "1"], capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else done.stderr


def needed(said, meant):
    """The keys that an error says are missing."""
    keys = set(re.findall(r'"([\w.]+)"', "\n".join(line for line in said.splitlines() if "missing key" in line)))
    return {key for key in (each.split(".")[0] for each in keys) if key in meant}


def compare(importer, family, said, meant, required):
    """(problems, what the spec refuses of what the reference means); adds to the keys that are required."""
    given = {"model_type": family} | said
    whole = importer.module(given | meant)
    if "error: " in whole:
        return [], [f"{family}: what the reference takes for granted is refused: " + whole.split("error: ")[1].splitlines()[0]]
    while True:
        absent = importer.module(given | {key: meant[key] for key in required if key in meant})
        more = needed(absent, meant) - required
        if not more:
            break
        required |= more
    if absent == whole:
        return [], []
    problems = [f"{family}: differs, given {said} and {sorted(required)} {absent if 'error: ' in absent else ''}"]
    for key, value in meant.items():
        found = importer.module({k: v for k, v in (given | meant).items() if k != key})
        if found != whole and not needed(found, {key}):
            problems.append(f"{family}: a missing {key} is not {json.dumps(value)}")
    return problems, []


def main(tool, defaults, scratch, *families):
    pathlib.Path(scratch).mkdir(parents=True, exist_ok=True)
    tasks = {}
    for line in open(defaults):
        family, rest = line.split(" ", 1)
        if family != "#" and (not families or family in families):
            few, plain, sizes, then = map(json.loads, rest.split(" | "))
            tasks[family] = [(few, plain)] + [(sizes, {k: v for k, v in (plain | then).items() if k not in sizes})] * bool(sizes)

    def work(family):
        importer, required = Importer(tool, f"{scratch}/{family}.json"), set()
        return [compare(importer, family, *each, required) for each in tasks[family]], len(required)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(work, tasks))
    compared = [each for found, _ in results for each in found]
    for problems, refused in compared:
        print(*problems, *refused, sep="\n", end="\n" * bool(problems or refused))
    agree = sum(not problems for problems, _ in compared)
    print(f"{agree} of {len(compared)} agree; {sum(count for _, count in results)} keys are needed")


main(*sys.argv[1:])
