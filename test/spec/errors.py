"""Changes a good spec or configuration and compares what sinter-import says.

usage: errors.py SINTER_IMPORT SPEC CONFIG SCRATCH

Each case is (what to replace, with what, lines that must appear on stderr). A
line is matched at its end, so that the path before "spec.yaml" does not count;
one with "~" before it anywhere; a number is how many errors there are.
"""
import os, subprocess, sys

SPEC_CASES = [
    # Keys: the nearest is named.
    ("head_dim: head_dim", "head_dims: head_dim",
     ['spec.yaml:32:11: error: attention needs "head_dim"',
      'spec.yaml:33:11: error: attention has no key "head_dims"; did you mean "head_dim"?']),
    ("final_norm: true", "finalnorm: true",
     ['spec.yaml:39:3: error: model has no key "finalnorm"; did you mean "final_norm"?']),
    ("weights:", "wieghts:", ['error: a spec needs "weights"',
                              'error: a spec has no key "wieghts"; did you mean "weights"?']),
    ("gated: true }", "gated: true, gated: false }",
     ['error: key "gated" stands here a second time', 'note: the first is here']),
    # Names and words.
    ("width: { hf: [nothing, ffn] }", "widht: { hf: [nothing, ffn] }",
     ['error: nothing is called "width"; did you mean "widht"?']),
    ("mask: causal", "mask: casual", ['spec.yaml:34:17: error: nothing is called "casual"; did you mean "causal"?']),
    # A value is the configuration's, whatever the spec calls it.
    ("{ plain: plain, linear: linear }", "{ plain: spiral, linear: linear }",
     [1, '~config.json:', '~error: "rope.type" is "plain": kind must be one of plain, ',
      'note: "kind" is "spiral" for "plain", bound to "rope.type" here']),
    ("mask: causal", "mask: rmsnorm",
     ['spec.yaml:34:17: error: nothing is called "rmsnorm"; the words here are causal, full, prefix']),
    # Parts.
    ("model:", "parts: [1]\nmodel:", ['error: expected mappings with names, found a list']),
    ("model:", "parts: { one: 1 }\nmodel:", ['error: a part is a mapping, found a value']),
    ("model:", "parts: { heads: {} }\nmodel:",
     ['error: "heads" is not a new name: names are letters, digits and _, and stand once in config and parts']),
    ("  final_norm: true\n  head: { tied: true }\n",
     "  final_norm: last\n  head: { tied: true }\nparts: { last: { epz: 1 } }\n",
     ['error: final_norm has no key "epz"; did you mean "eps"?']),
    ("  head: { tied: true }\n", "  head:\nparts: { head: { tied: true } }\n", None),
    ("  head: { tied: true }\n", "  head:\nparts: { heed: { tied: true } }\n",
     ['error: this needs the weight "head", for which there is no rule']),
    ("final_norm: true", "final_norm: true\n  qqqqqqqq: 1", ['~error: model has no key "qqqqqqqq"; its keys are kind, ']),
    ("heads: heads\n", "heads: 1e400\n", ['error: "1e400" does not fit a float']),
    ("heads: heads\n", "heads: heads\n          soft_cap: 1e39\n",
     ['error: soft_cap must be a number within f32, found 1e+39']),
    ("heads: heads\n", "heads: heads\n          soft_cap: -1e39\n",
     ['error: soft_cap must be a number within f32, found -1e+39']),
    ("  missing: {", "  full: 1\n  missing: {", None),
    ("  missing: {", "  causal: 1\n  missing: {",
     ['error: "causal" is one of the words for this key, and bound in "config" too; rename that']),
    ("mask: causal", "mask: activation",
     ['config.json:2:29: error: "act" is "silu": mask must be one of causal, full, prefix, found "silu"',
      'spec.yaml:34:17: note: the spec has it here',
      'spec.yaml:11:3: note: "activation" is "silu", bound to "act" here']),
    ("heads: heads\n", "heads: hidden / 0\n", ['error: "hidden_size" is 32: division by zero']),
    ("heads: heads\n", "heads: hidden / 5\n", ['error: "hidden_size" is 32: heads must be an int of at least 1, found 6.4',
                                             'note: "hidden" is 32, bound to "hidden_size" here']),
    ("heads: heads\n", "heads: act_name\n", ['error: nothing is called "act_name"']),
    ("heads: heads\n", "heads: activation\n", ['error: "act" is "silu": heads must be an int of at least 1, found "silu"']),
    ("heads: heads\n", "heads: big + 1\n", ['error: "big" is 9223372036854775807: the result of "+" does not fit 64 bits']),
    ("heads: heads\n", "heads: big\n", ['error: "big" is 9223372036854775807: heads is too large: 9223372036854775807, more than 16384']),
    ("heads: heads\n", "heads: heads +\n", ['error: expected a value before the end of the expression']),
    ("heads: heads\n", "heads: heads ? 1\n", ['error: "?" is not a part of the expression language; a choice reads '
                                            '"a if condition else b"']),
    ("heads: heads\n", "heads: layer_types[9]\n", ['config.json:2:44: error: "layer_types" is ["full", "sliding", "full", "sliding"]: element 9 of a list of 4',
                                                 'note: "layer_types" is ["full", "sliding", "full", "sliding"], '
                                                 'bound to "layer_types" here']),
    ("heads: heads\n", "heads: sqrt(layer_types)\n", ['error: "layer_types" is ["full", "sliding", "full", "sliding"]: "sqrt" needs a number, not ["full", "sliding", "full", '
                                                    '"sliding"] (list)']),
    ("heads: heads\n", "heads: squirt(4)\n", ['error: no function is called "squirt"; did you mean "sqrt"?']),
    ("heads: heads\n", "heads: 1 if heads else 2\n", ['error: "num_heads" is 4: expected true or false, found 4 (int)']),
    ("heads: heads\n", "heads: [1\n", ['error: expected "," or "]"; quote a value that has one of []{}, in it']),
    ("heads: heads\n", "heads: " + "(" * 100 + "1" + ")" * 100 + "\n", ['error: nested deeper than 64']),
    ("heads: heads\n", "heads: " + "1+" * 3000 + "1\n", ['error: an expression has at most 4096 characters']),
    ("head_dim: hidden / heads", "head_dim: head_dim + 1", ['error: "head_dim" is bound in terms of itself',
                                                            'note: it is bound here']),
    ("heads: heads\n", "heads: heads\n          kv_heads: 3\n", ['error: kv_heads (3) must divide heads (4)']),
    ("dims: head_dim", "dims: 7", ["error: dims (7) must be even and fit the head's 8 features"]),
    ("repeat: layers", "repeat: 100000", ['error: repeat is too large: 100000, more than 4096']),
    ("      - norm: pre\n        ffn: { width, activation, gated: true }", "      - norm: pre",
     ['error: a step needs one of attention, cross_attention, ffn, moe, of_tokens and recall, or a norm after them, '
      'an output_gain or something to remember']),
    ("        ffn: {", "        attention: { heads: 4, head_dim: 8, mask: causal }\n        ffn: {",
     ['error: two parts of a layer are called "attention"; give one a "name"']),
    # Requirements and configuration keys.
    ("hf: hidden_size", "hf: hiden_size", ['config.json: error: missing key "hiden_size"',
                                           'spec.yaml:4:3: note: "hidden" is bound here, without a default']),
    ("hidden % heads == 0", "hidden % heads == 1", ['config.json:1:24: error: "hidden_size" is 32, "num_heads" is 4: hidden (32) is not a multiple of heads',
                                                    'spec.yaml:20:13: note: the spec has it here',
                                                    'note: "heads" is 4, bound to "num_heads" here']),
    ("hidden % heads == 0", "hidden", ['error: a requirement is true or false, not 32']),
    ("factor: { hf: rope.factor, default: 1 }", "factor: 1", None),
    ("choices: { silu: silu,", "choices: { relu: silu,",
     ['config.json:2:29: error: key "act" is "silu", which the spec does not know; did you mean "relu"?',
      'note: it knows "relu", "gelu_new"']),
    # Weights.
    ('  norm: { hf: norm.weight }\n', '', ['error: this needs the weight "norm", for which there is no rule']),
    # YAML.
    ("complete: rope", "complete: &a rope", ['error: anchors and aliases are not a part of the spec language; bind a '
                                             'name in "config" instead']),
    ("complete: rope", "complete: *a", ['error: anchors and aliases are not a part of the spec language; bind a name '
                                        'in "config" instead']),
    ("complete: rope", "complete:\trope", ['error: a tab; indent with spaces']),
    ("complete: rope", "complete: !!str rope", ['error: a value cannot begin with "!"; quote it']),
    ("complete: rope", "complete: " + "[" * 40 + "]" * 40, ['error: nested deeper than 32']),
    ("complete: rope", "complete: " + "{a: " * 40 + "1" + "}" * 40, ['error: nested deeper than 32']),
    ("complete: rope", "complete:\n" + "\n".join("  " * d + " a:" for d in range(40)), ['error: nested deeper than 32']),
    ("complete: rope", "complete: " + "- " * 100, ['error: a value cannot begin with "-"; quote it']),
    ('"layers.{i}.down.weight" }', '"layers.{i}.down.weight }', ['error: this quote is never closed']),
    ('"layers.{i}.down.weight" }', '"layers.{i}.down.weight"', ['error: this "{" is never closed']),
    ("complete: rope", "complete: [" + "a, " * 70000 + "a]", ['error: a spec has at most 65536 nodes']),
    ("complete: rope", "complete: " + "a" * 2000000, ['~error: ']),
    ("complete: rope", "complete: \udcff\udcfe", ['error: bytes that are not valid UTF-8']),
    ("complete: rope", "complete: rope\n   more: 1", ['error: this line is indented more than the keys above it']),
    ("complete: rope", "complete: rope\n---\na: 1", ['error: a file holds one spec']),
]

CONFIG_CASES = [
    ('"num_heads": 4', '"num_heads": NaN', ['error: key "num_heads" holds an object, or a number that is not finite or has more than 64 bits']),
    ('"type": "plain"', '"type": "spiral"', ['error: key "rope.type" is "spiral", which the spec does not know']),
    ('"type": "plain"', '"type": "plain", "twist": 2',
     ['error: key "rope.twist" could change the model\'s meaning, and the spec does not bind it in \"config\"']),
    ('"num_heads": 4', '"num_heads": "four"', ['error: "hidden_size" is 32, "num_heads" is "four": "%" needs numbers, not 32 (int) and "four" (string)']),
    ('"num_heads": 4', '"num_heads": {}', ['error: key "num_heads" holds an object, or a number that is not finite or has more than 64 bits']),
    ('"num_heads": 4', '"num_heads": 0', ['error: "hidden_size" is 32, "num_heads" is 0: division by zero']),
    ('"num_heads": 4', '"num_heads": -4', ['config.json:1:60: error: "num_heads" is -4: heads must be an int of at least 1, found -4',
                                         'spec.yaml:32:18: note: the spec has it here']),
    ('"num_heads": 4', '"num_heads": 4.0', None),
    # One error for a value, not another for each that is computed from it or compared with it.
    ('"hidden_size": 32', '"hidden_size": 268435456', [1, '~error: "hidden_size" is 268435456: hidden is too large: 268435456, more than 1048576']),
    ('"num_heads": 4', '"num_heads": -4', [1]),
    ('"num_layers": 4', '"num_layers": 5', ['error: "layer_types" is ["full", "sliding", "full", "sliding"]: element 4 of a list of 4']),
]


def run(tool, spec, config):
    return subprocess.run([tool, "--spec", spec, "--config", config], capture_output=True, text=True, errors="replace")


def main(tool, spec_path, config_path, scratch):
    os.makedirs(scratch, exist_ok=True)
    spec, config = open(spec_path).read(), open(config_path).read()
    out_spec, out_config = os.path.join(scratch, "spec.yaml"), os.path.join(scratch, "config.json")
    failures = 0
    cases = [(s, config, s_old, lines) for s_old, s_new, lines in SPEC_CASES
             for s in [spec.replace(s_old, s_new, 1)]]
    cases += [(spec, c, c_old, lines) for c_old, c_new, lines in CONFIG_CASES
              for c in [config.replace(c_old, c_new, 1)]]
    cases.append((spec, config, "as it is", None))
    for new_spec, new_config, what, lines in cases:
        if what != "as it is" and (new_spec, new_config) == (spec, config):
            sys.exit(f"case changes nothing: {what!r}")
        open(out_spec, "w", errors="surrogateescape").write(new_spec)
        open(out_config, "w").write(new_config)
        result = run(tool, out_spec, out_config)
        problems = []
        if (result.returncode == 0) != (lines is None):
            problems.append(f"exit code {result.returncode}")
        for line in lines or []:
            if isinstance(line, int):
                if result.stderr.count("error: ") != line:
                    problems.append(f"not {line} errors")
                continue
            matches = (lambda f: line[1:] in f) if line[:1] == "~" else (lambda f: f.endswith(line))
            if not any(matches(found) for found in result.stderr.splitlines()):
                problems.append(f"no line ends with: {line}")
        if problems:
            failures += 1
            print(f"FAILED: {what!r}: {'; '.join(problems)}\n{result.stderr[:2000]}")
    print(f"{len(cases) - failures} of {len(cases)} cases as expected")
    return failures != 0


sys.exit(main(*sys.argv[1:]))
