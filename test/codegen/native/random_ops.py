"""Random ops of random shapes: what verifiers accept compiles and is right.

usage: random_ops.py SINTER_OPT SINTER_OP_TEST SCRATCH COUNT [SEED [FEATURES]]

Makes COUNT functions of one op each. Most shapes fit, some are spoiled: a
dimension more, less, of another size, of 0, or dynamic. sinter-opt says which
functions verify; all of these are compiled and compared with the interpreter.
Spoiled ones that verify are legal too: that is what is tested.
"""
import os, random, re, subprocess, sys

FLOATS = ["f32", "f32", "f32", "bf16", "f16"]
BLOCKS = ["q8_0", "q4_0", "q4_1"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def size(self, most=40):
        return self.random.choice([1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, most])

    def spoil(self, shape):
        """The shape, or now and then one that is a little wrong."""
        shape = list(shape)
        if self.random.random() > 0.08:
            return shape
        at = self.random.randrange(len(shape))
        how = self.random.choice(["drop", "add", "size", "zero", "dynamic"])
        if how in ["size", "drop"] and shape[at] == "?":
            return shape  # as many sequences and tokens as a test feeds
        if how == "drop":
            del shape[at]
        elif how == "add":
            shape.insert(at, self.size())
        else:
            shape[at] = {"size": self.size(), "zero": 0, "dynamic": "?"}[how]
        return shape

    def type(self, shape, element="f32"):
        return "tensor<" + "".join(f"{dim}x" for dim in self.spoil(shape)) + element + ">"

    def tokens(self, features, element=None):
        """(batch, tokens, features...)."""
        return self.type(["?", "?"] + list(features), element or self.random.choice(FLOATS))

    def arg(self, name, type, attributes=""):
        self.args.append(f"%{name}: {type}" + (f" {{{attributes}}}" if attributes else ""))
        return "%" + name

    def weight(self, name, shape, element="f32"):
        """A param and its use."""
        type = "tensor<" + "".join(f"{dim}x" for dim in self.spoil(shape)) + element + ">"
        self.params.append(f"sinter.param @{name}{self.number} : {type}")
        self.body.append(f"%{name} = sinter.weight @{name}{self.number} : {type}")
        return type

    def matrix(self, name, rows, columns):
        """A weight whose columns may be blocks."""
        blocks = columns % 32 == 0 and self.random.random() < 0.5
        element = f"!sinter.block<{self.random.choice(BLOCKS)}>" if blocks else self.random.choice(FLOATS)
        return self.weight(name, [rows, columns], element)

    def heads(self):
        return self.random.choice([[self.size()], [self.size()], [3, self.size()], [2, 3, self.size()]])

    # Each makes the text of an op and gives its result's type.

    def unary(self):
        x = self.tokens(self.heads() if self.random.random() < 0.9 else [])
        self.arg("x", x)
        kind = self.random.choice("relu relu2 gelu gelu_tanh gelu_quick silu sigmoid tanh".split())
        return f"sinter.unary {kind} %x : {x}", x

    def binary(self):
        features = self.heads()
        x = self.tokens(features)
        element = re.search(r"\w+(?=>$)", x)[0]
        y = self.type(features[-1:], "f32") if self.random.random() < 0.4 else x
        self.arg("x", x), self.arg("z", y)
        return f"sinter.{self.random.choice(['add', 'sub', 'mul'])} %x, %z : {x}, {y}", x

    def simple(self):
        x = self.tokens(self.heads())
        self.arg("x", x)
        op = self.random.choice(["copy %x", "scale %x by 1.5", "soft_cap %x by 0.5", "clamp %x from -0.5 to 0.25", "log_softmax %x"])
        return f"sinter.{op} : {x}", x

    def scale_tokens(self):
        x, f = self.tokens(self.heads()), self.tokens([])
        self.arg("x", x), self.arg("f", f)
        return f"sinter.scale_tokens %x by %f : {x}, {f}", x

    def mix(self):
        parts, wanted, features = self.size(4), self.size(3), self.size()
        x, y = self.tokens([parts, features]), self.tokens([wanted, features])
        w = self.random.choice([f"tensor<{parts * wanted}xf32>", self.tokens([parts * wanted])])
        self.arg("x", x), self.arg("w", w)
        return f"sinter.mix %x by %w : {x}, {w} -> {y}", y

    def norm(self):
        features = self.heads()
        x = self.tokens(features)
        self.arg("x", x)
        layer = self.random.random() < 0.5
        op, types = "layer_norm %x" if layer else "rms_norm %x", x
        if self.random.random() < 0.7:
            types += ", " + self.weight("w", features[-1:], self.random.choice(FLOATS))
            op += ", %w"
        if layer and self.random.random() < 0.5:
            types += " bias " + self.weight("b", features[-1:])
            op += " bias %b"
        plus = " plus_one" if self.random.random() < 0.3 else ""
        return f"sinter.{op} eps 1.0e-5{plus} : {types}", x

    def embed(self):
        features = self.random.choice([32, 64, self.size()])
        table = self.matrix("w", 5 + self.size(), features)
        ids = self.type(["?", "?"], "i32")
        self.arg("i", ids)
        y = self.tokens([features])
        return f"sinter.embed %i, %w : {ids}, {table} -> {y}", y

    def linear(self):
        columns, rows = self.random.choice([32, 96, self.size()]), self.size()
        w = self.matrix("w", rows, columns)
        x, y = self.tokens([columns]), self.tokens([rows])
        self.arg("x", x)
        bias = ""
        if self.random.random() < 0.4:
            bias = f"bias %b : {self.weight('b', [rows])}, "
        return f"sinter.linear %x, %w {bias}: {x}, {w} -> {y}", y

    def quantize(self):
        features = self.heads()
        x, y = self.tokens(features), self.tokens(features)
        self.arg("x", x)
        return f"sinter.quantize %x : {x} -> {y}", y

    def reshape(self):
        a, b, c = self.size(8), self.size(5), self.size(5)
        element = self.random.choice(FLOATS)
        shapes = [[a * b * c], [a, b * c], [a * b, c], [a, b, c]]
        x = self.tokens(self.random.choice(shapes), element)
        y = self.tokens(self.random.choice(shapes), element)
        self.arg("x", x)
        return f"sinter.reshape %x : {x} -> {y}", y

    def slice(self):
        features, element = self.heads(), self.random.choice(FLOATS)
        last = self.random.randint(1, features[-1])
        x, y = self.tokens(features, element), self.tokens(features[:-1] + [last], element)
        self.arg("x", x)
        return f"sinter.slice %x at {self.random.randint(0, features[-1] - last)} : {x} -> {y}", y

    def concat(self):
        features, element = self.heads(), self.random.choice(FLOATS)
        types, total = [], 0
        for i in range(self.random.randint(1, 4)):
            last = self.size()
            total += last
            types.append(self.tokens(features[:-1] + [last], element))
            self.arg(f"x{i}", types[-1])
        y = self.tokens(features[:-1] + [total], element)
        names = ", ".join(f"%x{i}" for i in range(len(types)))
        return f"sinter.concat {names} : {', '.join(types)} -> {y}", y

    def last(self):
        features, element = self.heads(), self.random.choice(FLOATS)
        x = self.tokens(features, element)
        self.arg("x", x)
        if self.random.random() < 0.5:
            self.body.append("%n = arith.constant 1 : index")
            y = self.type(["?", self.random.choice([1, "?"])] + features, element)
        else:
            self.arg("n", "index", 'sinter.name = "last"')
            y = self.tokens(features, element)
        return f"sinter.last %x, %n : {x} -> {y}", y

    def pool(self):
        features, element = self.heads(), self.random.choice(FLOATS)
        x, y = self.tokens(features, element), self.type(["?", 1] + features, element)
        self.arg("x", x)
        mask, types = "", x
        if self.random.random() < 0.5:
            m = self.type(["?", "?"], "i32")
            self.arg("m", m, "sinter.below = 2")
            mask, types = " mask %m", f"{x}, {m}"
        return f"sinter.pool {self.random.choice(['first', 'last', 'mean', 'max', 'root_mean', 'weighted_mean'])} %x{mask} : {types} -> {y}", y

    def positions(self):
        ids = self.type(["?", "?"], "i32")
        self.arg("i", ids)
        return f"sinter.positions %past, %i offset {self.size()} : tensor<?xi32>, {ids} -> {ids}", ids

    def angles(self):
        pairs = self.size()
        ids, f, y = self.type(["?", "?"], "i32"), self.type([pairs]), self.tokens([pairs, 2])
        self.arg("i", ids), self.arg("f", f)
        return f"sinter.rope_angles %i, %f scale 1.5 : {ids}, {f} -> {y}", y

    def sinusoids(self):
        pairs = self.size()
        ids, f, y = self.type(["?", "?"], "i32"), self.type([pairs]), self.tokens([2 * pairs - self.random.choice([0, 0, 1])])
        self.arg("i", ids), self.arg("f", f)
        return f"sinter.sinusoids %i, %f {self.random.choice(['halves', 'neighbours'])} : {ids}, {f} -> {y}", y

    def factors(self):
        ids, y = self.type(["?", "?"], "i32"), self.tokens([])
        self.arg("i", ids)
        return f"sinter.position_factors %i {self.random.choice(['log_ratio', 'log_floor'])} 3 gain 0.5 : {ids} -> {y}", y

    def rope(self):
        pairs, offset = self.size(16), self.random.choice([0, 0, 3])
        features = offset + 2 * pairs + self.random.choice([0, 1, 5])
        x, a = self.tokens([self.size(4), features]), self.tokens([pairs, 2], "f32")
        self.arg("x", x), self.arg("a", a)
        return f"sinter.rope %x, %a {self.random.choice(['halves', 'neighbours'])} offset {offset} : {x}, {a}", x

    def route(self):
        experts = self.random.choice([2, 3, 6, 17])
        k = self.random.randint(1, experts)
        x, ids, w = self.tokens([experts], "f32"), self.tokens([k], "i32"), self.tokens([k])
        self.arg("x", x)
        tail = self.random.choice(["", " normalize", " factor 2.5"])
        score, near = self.random.choice([("softmax", ""), ("sigmoid", ""), ("successive", ""), ("successive", " within 0.3"), ("sqrt_softplus", "")])
        near += self.random.choice(["", " by_logits"])
        return f"sinter.route %x {score} top_k {k}{near}{tail} : {x} -> {ids}, {w}", (ids, w)

    def moe(self):
        experts, k = self.random.choice([1, 3, 5]), self.random.choice([1, 2])
        features, width = self.random.choice([32, self.size()]), self.random.choice([32, self.size()])
        x, ids, w = self.tokens([features]), self.tokens([k], "i32"), self.tokens([k], "f32")
        identities = self.random.choice([0, 0, 2])
        self.arg("x", x), self.arg("i", ids, f"sinter.below = {experts + identities}"), self.arg("p", w)
        up = self.weight("u", [experts, width, features], self.random.choice(FLOATS))
        down = self.weight("d", [experts, features, width], self.random.choice(FLOATS))
        gate = ""
        if self.random.random() < 0.5:
            gate = f"gate %g : {self.weight('g', [experts, width, features], self.random.choice(FLOATS))} "
        tail = self.random.choice(["", "limit 0.5 ", "weigh_input ", "beta 1.5 "]) + ("identities " if identities else "")
        return f"sinter.moe silu %x route %i, %p {gate}up %u : {up} down %d : {down} {tail}: {x}, {ids}, {w}", x

    def attention(self):
        kv, group, dim, value = self.size(3), self.size(3), self.size(20), self.size(20)
        q, k = self.tokens([kv * group, dim]), self.tokens([kv, dim])
        v = self.tokens([self.random.choice([d for d in range(1, kv + 1) if kv % d == 0]), value])
        y = self.tokens([kv * group, value])
        self.arg("q", q), self.arg("k", k), self.arg("v", v)
        terms = self.random.choice(["full", "causal", "causal soft_cap 2.0", "full chunk 3", "causal chunk 4"])
        if self.random.random() < 0.3:
            terms += f" slopes %s : {self.weight('s', [kv * group])}"
        if self.random.random() < 0.3:
            terms += f" sinks %t : {self.weight('t', [kv * group])}"
        return f"sinter.attention %q, %k, %v scale 0.3 {terms} : {q}, {k}, {v} -> {y}", y

    KINDS = [unary, binary, simple, scale_tokens, mix, norm, embed, linear, linear, quantize, reshape, slice, concat, last,
             pool, positions, angles, sinusoids, factors, rope, route, moe, attention]

    def make(self, number):
        self.number, self.args, self.params, self.body = number, [], [], []
        text, types = self.KINDS[number % len(self.KINDS)](self)
        self.arg("past", "tensor<?xi32>", 'sinter.name = "past", sinter.past')
        types = types if isinstance(types, tuple) else (types,)
        results = ", ".join(f"%y#{i}" for i in range(len(types))) if len(types) > 1 else "%y"
        name = "%y:" + str(len(types)) if len(types) > 1 else "%y"
        narrow = " attributes {sinter.tolerance = 3.0e-2 : f64}" if "16" in text + "".join(self.params) else ""
        lines = self.params + [f"func.func @op{number}({', '.join(self.args)}) -> ({', '.join(types)}){narrow} {{"]
        lines += ["  " + line for line in self.body + [f"{name} = {text}"]]
        lines += [f"  return {results} : {', '.join(types)}", "}"]
        return "\n".join(lines) + "\n"


def verified(sinter_opt, scratch, functions):
    path = os.path.join(scratch, "all.mlir")
    open(path, "w").write("// -----\n".join(functions))
    run = subprocess.run([sinter_opt, path, "--split-input-file"], capture_output=True, text=True)
    wrong = [line for line in run.stderr.splitlines() if "error:" in line and "'sinter." not in line
             and "ranked tensor" not in line and "type" not in line]
    if wrong:
        sys.exit("\n".join(wrong[:5]))
    return [f for n, f in enumerate(functions) if f"func.func @op{n}(" in run.stdout]


def compare(tool, scratch, functions, features):
    path = os.path.join(scratch, "some.mlir")
    open(path, "w").write("".join(functions))
    run = subprocess.run([tool, path, "1x1x1", "1x7x3", "2x5x2", features], capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def main(sinter_opt, tool, scratch, count, seed="1", features="x86-64-v3"):
    os.makedirs(scratch, exist_ok=True)
    maker = Maker(int(seed))
    functions = [maker.make(n) for n in range(int(count))]
    good = verified(sinter_opt, scratch, functions)
    failures = 0
    if compare(tool, scratch, good, features)[0]:
        for function in good:
            code, text = compare(tool, scratch, [function], features)
            if code:
                failures += 1
                print(function, text[:600])
    print(f"{count} ops: {len(good)} verify, {failures} of these fail")
    return failures != 0 or len(good) < int(count) // 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
