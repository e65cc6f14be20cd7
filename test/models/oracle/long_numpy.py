#!/usr/bin/env python3
"""Makes more packs of test/models/long, of families that transformers does not carry: numpy in f64, frequencies in f32.

  long_numpy.py PACKS OUT     PACKS: test/models/packs, whose weights are taken; OUT: test/models/long

Each model first has to agree with its short pack, which another implementation made. No keys are kept: every token is
computed anew from the whole text, or of its segment and the features that are remembered.
"""
import json
import math
import os
import sys

import numpy as np
from safetensors.numpy import load_file, save_file


def softmax(x):
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


def layer_norm(x, w, b, eps):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w + b


def rotate(x, positions, base):
    """x (tokens, heads, dim), halves; positions (tokens)."""
    dim = x.shape[-1]
    frequencies = (1 / base ** (np.arange(0, dim, 2, dtype=np.float32) / np.float32(dim))).astype(np.float32)
    angles = np.outer(positions.astype(np.float32), frequencies).astype(np.float32)[:, None]
    cos, sin = (np.concatenate([f(angles)] * 2, -1).astype(np.float64) for f in (np.cos, np.sin))
    return x * cos + np.concatenate([-x[..., dim // 2:], x[..., :dim // 2]], -1) * sin


def attend(q, k, v, seen, scale):
    scores = np.einsum("qhd,khd->hqk", q, k) * scale
    scores = np.where(seen, scores, -np.inf)
    return np.einsum("hqk,khd->qhd", softmax(scores), v).reshape(len(q), -1)


class Model:
    def __init__(self, folder):
        self.c = json.load(open(os.path.join(folder, "config.json")))
        self.w = {k: v.astype(np.float64) for k, v in load_file(os.path.join(folder, "model.safetensors")).items()}

    def generate(self, ids, golden, row, steps):
        self.start(ids, golden, row)
        prompt = last = self.forward(ids)
        ids, rows = list(ids), []
        for _ in range(steps):
            rows.append(last[-1])
            ids.append(int(last[-1].argmax()))
            last = self.forward(np.array(ids))
        return prompt, np.array(ids[-steps:]), np.array(rows)


class Qwen(Model):
    """The base is what the prompt's length chooses, the query grows with the logarithm of its position."""
    def start(self, ids, golden, row):
        c, self.trained = self.c, self.c["seq_length"]
        alpha = max(2 ** math.ceil(math.log2(len(ids) / self.trained) + 1) - 1, 1)
        dim = c["kv_channels"]
        self.base = c["rotary_emb_base"] * alpha ** (dim / (dim - 2))

    def norm(self, x, w):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.c["layer_norm_epsilon"]) * w

    def forward(self, ids):
        w, c, n = self.w, self.c, len(ids)
        x, at = w["transformer.wte.weight"][ids], np.arange(n)
        factors = np.array([max(1, math.log(i) / math.log(self.trained)) for i in range(1, n + 1)])[:, None, None]
        for i in range(c["num_hidden_layers"]):
            p = f"transformer.h.{i}."
            y = self.norm(x, w[p + "ln_1.weight"]) @ w[p + "attn.c_attn.weight"].T + w[p + "attn.c_attn.bias"]
            q, k, v = (t.reshape(n, -1, c["kv_channels"]) for t in np.split(y, 3, -1))
            q, k = rotate(q, at, self.base) * factors, rotate(k, at, self.base)
            x = x + attend(q, k, v, at <= at[:, None], c["kv_channels"] ** -0.5) @ w[p + "attn.c_proj.weight"].T
            y = self.norm(x, w[p + "ln_2.weight"])
            gate = y @ w[p + "mlp.w2.weight"].T
            x = x + (y @ w[p + "mlp.w1.weight"].T * gate / (1 + np.exp(-gate))) @ w[p + "mlp.c_proj.weight"].T
        return self.norm(x, w["transformer.ln_f.weight"]) @ w["lm_head.weight"].T


class ChatGlm(Model):
    """All see the prefix; positions of a generated token are its blank's, and those within the filling go on."""
    def start(self, ids, golden, row):
        self.positions, self.prefix = golden["position_ids"][row], int(golden["prefix_length"][row])

    def forward(self, ids):
        w, c, n = self.w, self.c, len(ids)
        more = np.arange(1, n - self.positions.shape[1] + 1)
        first, second = (np.concatenate([p, p[-1] + step * more]) for p, step in zip(self.positions, (0, 1)))
        dim = c["hidden_size"] // c["num_attention_heads"]
        x, at, alpha = w["transformer.word_embeddings.weight"][ids], np.arange(n), (2 * c["num_layers"]) ** 0.5
        seen = (at <= at[:, None]) | (at < self.prefix)
        for i in range(c["num_layers"]):
            linear = lambda x, name: x @ w[p + name + ".weight"].T + w[p + name + ".bias"]
            normed = lambda x, name: layer_norm(x, w[p + name + ".weight"], w[p + name + ".bias"], c["layernorm_epsilon"])
            p = f"transformer.layers.{i}."
            x = normed(x, "input_layernorm")
            q, k, v = np.split(linear(x, "attention.query_key_value").reshape(n, -1, 3 * dim), 3, -1)
            q, k = (np.concatenate([rotate(t[..., :dim // 2], first, 1e4), rotate(t[..., dim // 2:], second, 1e4)], -1)
                    for t in (q, k))
            x = x * alpha + linear(attend(q, k, v, seen, dim ** -0.5), "attention.dense")
            x = normed(x, "post_attention_layernorm")
            y = linear(x, "mlp.dense_h_to_4h")
            y = 0.5 * y * (1 + np.tanh((2 / np.pi) ** 0.5 * (y + 0.044715 * y ** 3)))
            x = x * alpha + linear(y, "mlp.dense_4h_to_h")
        x = layer_norm(x, w["transformer.final_layernorm.weight"], w["transformer.final_layernorm.bias"], c["layernorm_epsilon"])
        return x @ w["lm_head.weight"].T


class TransformerXl(Model):
    """Segments with the features of the last tokens before them, at first zeros."""
    def segment(self, ids):
        w, c, n = self.w, self.c, len(ids)
        m, dim = c["mem_len"], c["d_head"]
        inverse = (1 / 10000 ** (np.arange(0, c["d_model"], 2, dtype=np.float32) / c["d_model"])).astype(np.float32)
        x = w["transformer.word_emb.emb_layers.0.weight"][ids] * c["d_model"] ** 0.5
        away = (m + np.arange(n))[:, None] - np.arange(m + n)
        angles = np.arange(m + n, dtype=np.float32)[:, None] * inverse
        sinusoids = np.concatenate([np.sin(angles), np.cos(angles)], -1).astype(np.float64)
        remembered = []
        for i in range(c["n_layer"]):
            p = f"transformer.layers.{i}."
            all_x = np.concatenate([self.memory[i], x])
            remembered.append(all_x[-m:])
            q, k, v = (t.reshape(m + n, -1, dim) for t in np.split(all_x @ w[p + "dec_attn.qkv_net.weight"].T, 3, -1))
            r = (sinusoids @ w[p + "dec_attn.r_net.weight"].T).reshape(m + n, -1, dim)
            q = q[m:]
            by_distance = np.einsum("qhd,rhd->hqr", q + w[p + "dec_attn.r_r_bias"], r)
            scores = np.einsum("qhd,khd->hqk", q + w[p + "dec_attn.r_w_bias"], k)
            scores += np.take_along_axis(by_distance, np.broadcast_to(np.maximum(away, 0), scores.shape), -1)
            scores = np.where(away >= 0, scores * dim ** -0.5, -np.inf)
            y = np.einsum("hqk,khd->qhd", softmax(scores), v).reshape(n, -1) @ w[p + "dec_attn.o_net.weight"].T
            normed = lambda x, name: layer_norm(x, w[p + name + ".weight"], w[p + name + ".bias"], c["layer_norm_epsilon"])
            x = normed(x + y, "dec_attn.layer_norm")
            y = np.maximum(x @ w[p + "pos_ff.CoreNet.0.weight"].T + w[p + "pos_ff.CoreNet.0.bias"], 0)
            x = normed(x + y @ w[p + "pos_ff.CoreNet.3.weight"].T + w[p + "pos_ff.CoreNet.3.bias"], "pos_ff.layer_norm")
        self.memory = remembered
        y = x @ w["transformer.word_emb.emb_layers.0.weight"].T + w["crit.out_layers.0.bias"]
        y = y - y.max(-1, keepdims=True)
        return y - np.log(np.exp(y).sum(-1, keepdims=True))

    def generate(self, ids, golden, row, steps):
        size = int(golden["segment_length"][0])
        self.memory = [np.zeros((self.c["mem_len"], self.c["d_model"]))] * self.c["n_layer"]
        prompt = np.concatenate([self.segment(ids[i:i + size]) for i in range(0, len(ids), size)])
        last, tokens, rows = prompt, [], []
        for _ in range(steps):
            rows.append(last[-1])
            tokens.append(int(last[-1].argmax()))
            last = self.segment(np.array(tokens[-1:]))
        return prompt, np.array(tokens), np.array(rows)


def make(name, source, model, changes, length, packs, target, steps):
    """length: tokens of the prompt, None: the short pack's own, with what else is an input there."""
    folder = os.path.join(packs, source)
    golden, about = load_file(os.path.join(folder, "golden.safetensors")), json.load(open(os.path.join(folder, "golden.json")))
    m = model(folder)
    prompt, tokens, rows = m.generate(golden["input_ids"][0], golden, 0, golden["generated"].shape[1])
    error = max(abs(prompt - golden["logits"][0]).max(), abs(rows - golden["generated_logits"][0]).max())
    print(name, "differs from the short pack by", error)
    assert error < about["atol"] and (tokens == golden["generated"][0]).all()
    m.c.update(changes)
    for seed in range(100):
        chance = np.random.default_rng(seed)
        ids = chance.integers(3, m.c["vocab_size"], length) if length else golden["input_ids"][seed % 2]
        prompt, tokens, rows = m.generate(ids, golden, seed % 2, steps)
        best = np.sort(rows, -1)
        margin = float((best[:, -1] - best[:, -2]).min())
        print(name, "seed", seed, "margin", margin, "tokens", len(set(tokens)))
        if margin > 20 * about["atol"] or not length:
            break
    out = os.path.join(target, name)
    os.makedirs(out, exist_ok=True)
    json.dump(m.c, open(os.path.join(out, "config.json"), "w"), indent=1)
    link = os.path.join(out, "model.safetensors")
    if not os.path.lexists(link):
        os.symlink(os.path.join("..", "..", "packs", source, "model.safetensors"), link)
    row = seed % 2
    kept = {k: golden[k][row:row + 1] for k in ("position_ids", "prefix_length") if k in golden and not length}
    kept.update({k: golden[k] for k in ("segment_length",) if k in golden})
    kept = {k: np.ascontiguousarray(v) for k, v in kept.items()}
    save_file({"input_ids": ids[None].astype(np.int64), "logits": prompt[None].astype(np.float32), "generated": tokens[None].astype(np.int64),
               "generated_logits": rows[None].astype(np.float32), **kept}, os.path.join(out, "golden.safetensors"))
    json.dump({"name": name, "made_by": "test/models/oracle/long_numpy.py", "weights": source, "changes": changes, "seed": seed,
               "atol": about["atol"], "greedy_min_margin": margin}, open(os.path.join(out, "golden.json"), "w"), indent=1)


if __name__ == "__main__":
    packs, target = sys.argv[1:]
    make("transfo_xl_segments", "transfo_xl", TransformerXl, {"mem_len": 11}, 250, packs, target, 100)
    make("qwen_beyond_training", "qwen1", Qwen, {"max_position_embeddings": 512}, 40, packs, target, 150)
    make("chatglm_prefix", "chatglm1", ChatGlm, {"max_sequence_length": 512}, None, packs, target, 150)
