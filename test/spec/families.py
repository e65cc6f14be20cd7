"""usage: families.py SINTER_IMPORT CONFIGS MODELS SCRATCH"""
import pathlib, re, subprocess, sys

# Read by the test of the packs of that family.
ELSEWHERE = {"llama", "tokenizers", "harmless-keys"}


def main(tool, configs, models, scratch):
    pathlib.Path(scratch).mkdir(parents=True, exist_ok=True)
    used = set()
    for config in sorted(pathlib.Path(configs).glob("*.json")):
        result = subprocess.run([tool, "--config", config, "--random-weights", "1", "--locations"],
                                capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"{config.stem}: {result.stderr}")
        kind = re.search(r'kind = "(\w+)"', result.stdout).group(1)
        forms = int(re.search(r"forms = (\d+)", result.stdout).group(1))
        used |= set(re.findall(r"(\w+)\.yaml\":\d", result.stdout))
        print(f"{config.stem}: {kind}, {forms} form{'s' * (forms != 1)}")
    # One that takes over another's model has its locations in that.
    own = {path.stem for path in pathlib.Path(models).glob("*.yaml") if "\nmodel:" in path.read_text()}
    unused = own - used - ELSEWHERE
    if unused:
        sys.exit(f"no configuration uses {sorted(unused)}")
    print("all specs are used")


main(*sys.argv[1:])
