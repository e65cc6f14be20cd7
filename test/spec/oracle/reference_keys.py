"""Writes which keys of config.json the reference implementation reads, for the families of models/.

usage: reference_keys.py MODELS > test/spec/Inputs/reference-keys.txt
needs: transformers==5.24.0 torch==2.15.0 (CPU)

A line has a model_type, a key, and the default that the reference's configuration class gives it. Listed are
- attributes of the configuration that code of the modeling file reads, or the shared code of masks, rotary
  positions and heads that it imports;
- attributes and further keys that the configuration class reads itself, to compute others;
- keys of rope_parameters that the modeling file reads by name;
- "=NAME" in place of a default: other names for these (attribute_map).
Families whose code is not in transformers have no lines.
"""
import ast, importlib, inspect, json, pathlib, re, sys

import transformers
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

SHARED = ["masking_utils", "modeling_layers"]


def of_config(node):
    """Whether an expression is a configuration by its name: config, self.config, self.text_config."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name == "config" or name.endswith("_config")


def reads(tree, holds):
    """Attributes that code reads from what `holds` says is a configuration."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and holds(node.value):
            found.add(node.attr)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr") \
                and len(node.args) > 1 and holds(node.args[0]) and isinstance(node.args[1], ast.Constant):
            found.add(node.args[1].value)
    return found


def rotary_reads(tree):
    """Keys of rope_parameters that code reads: rope_parameters["X"], rope_parameters.get("X")."""
    found = set()
    for node in ast.walk(tree):
        base, key = None, None
        if isinstance(node, ast.Subscript):
            base, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            base, key = node.func.value, node.args[0]
        name = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
        if name.startswith("rope_param") and isinstance(key, ast.Constant) and isinstance(key.value, str):
            found.add(key.value)
    return found - {"rope_type"}


def parse(module):
    return ast.parse(inspect.getsource(module))


def own_keys(kind):
    """What the methods of a configuration class read: of itself, and of the keys it is given."""
    found = set()
    for base in kind.__mro__:
        if not base.__module__.startswith("transformers.models"):
            continue
        tree = ast.parse("class " + inspect.getsource(base).split("class ", 1)[1])
        for node in tree.body[0].body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("validate") and node.name != "to_dict":
                found |= reads(node, lambda value: isinstance(value, ast.Name) and value.id == "self")
                for call in ast.walk(node):
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) \
                            and call.func.attr in ("pop", "get") and isinstance(call.func.value, ast.Name) \
                            and call.func.value.id == "kwargs" and isinstance(call.args[0], ast.Constant):
                        found.add(call.args[0].value)
    return found


def keys_of(model_type):
    """{key: default} of one family."""
    kind = CONFIG_MAPPING[model_type]
    config = kind()
    name = kind.__module__.replace(".configuration_", ".modeling_")
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError:
        print(f"{model_type}: no {name}", file=sys.stderr)
        return {}
    tree = parse(module)
    read = reads(tree, of_config)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in SHARED:
            read |= reads(parse(importlib.import_module("transformers." + node.module)), of_config)
    known = set(vars(config)) | set(config.to_dict()) | set(getattr(kind, "__dataclass_fields__", {}))
    aliases = dict(getattr(kind, "attribute_map", {}))
    read = {aliases.get(key, key) for key in read}
    if "_tied_weights_keys" in inspect.getsource(module):
        read.add("tie_word_embeddings")
    own = own_keys(kind)
    result = {}
    for key in sorted((read & known) | own):
        try:
            value = getattr(config, key, None)
        except Exception:  # differs by layer
            value = vars(config).get(key)
        if key.startswith("_") or key == "default_theta" or callable(value):
            continue
        try:
            result[key] = json.dumps(value)
        except TypeError:
            continue
    for key in rotary_reads(tree):
        result["rope_parameters." + key] = json.dumps((getattr(config, "rope_parameters", None) or {}).get(key))
    for alias, key in aliases.items():
        if key in result:
            result[alias] = "=" + key
    return result


def main(models):
    families = set()
    for path in pathlib.Path(models).glob("*.yaml"):
        text = path.read_text()
        if "\nwithin:" not in text and (found := re.search(r"model_type: \[([^\]]*)\]", text)):
            families |= {word.strip() for word in found.group(1).split(",")}
    print(f"# by test/spec/oracle/reference_keys.py of transformers {transformers.__version__}")
    for family in sorted(families):
        if family in CONFIG_MAPPING:
            for key, default in keys_of(family).items():
                default = default if len(default) <= 60 else default[:57] + "..."
                print(family, key, default)


main(*sys.argv[1:])
