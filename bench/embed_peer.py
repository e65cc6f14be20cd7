#!/usr/bin/env python3
"""What bench/embed measures Sinter against: torch and onnxruntime, as sentence-transformers uses them.

  embed_peer.py make FOLDER SENTENCES          draws a checkpoint of MiniLM's shape and sentences, exports FOLDER/model.onnx
  embed_peer.py torch|onnxruntime FOLDER THREADS

A peer answers each line of standard input with the seconds that FOLDER/sentences.txt took, and writes their vectors to
FOLDER/PEER.npy. It has all advantages that are to be had without other numbers: sentences in the order of their lengths,
of several sizes of batches the best for it, the exported graph optimized, f32.
"""
import json
import os
import random
import sys
import time
from pathlib import Path

SEED = 11
SIZES = (4, 8, 16, 32)  # texts of a batch


def pseudo_words(count, chance):
    """Words of syllables, the first ones the shortest, as in languages."""
    syllables = [c + v for c in "bcdfghjklmnprstvwz" for v in "aeiou"]
    words = dict.fromkeys("abcdefghijklmnopqrstuvwxyz")
    while len(words) < count:
        length = 1 + min(len(words) // 4000, 2)
        words["".join(chance.choice(syllables) for _ in range(length + chance.randrange(2)))] = None
    return list(words)


def draw_sentences(words, count, chance):
    """Lengths as in collections of sentences: most have 10 to 30 words, some many more; words as Zipf has them."""
    weights = [1 / (rank + 3) for rank in range(len(words))]
    for _ in range(count):
        length = max(3, min(120, round(chance.lognormvariate(2.9, 0.6))))
        yield " ".join(chance.choices(words, weights, k=length)) + "."


def make(folder, sentences):
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(SEED)
    words = pseudo_words(24000, chance)
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ","]
    pieces = marks + words + ["##" + word for word in words]
    vocab = {piece: i for i, piece in enumerate(pieces[:30522])}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", [("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.add_special_tokens(marks[:5])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "sentences.txt").write_text("".join(s + "\n" for s in draw_sentences(words, sentences, chance)))

    torch.manual_seed(SEED)
    config = BertConfig(vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12,
                        intermediate_size=1536, max_position_embeddings=512)
    config._attn_implementation = "eager"  # exports as products and a softmax
    model = BertModel(config, add_pooling_layer=False).eval()
    model.save_pretrained(folder)
    settings = {
        "modules.json": [{"idx": i, "name": str(i), "path": path, "type": "sentence_transformers.models." + kind}
                         for i, (path, kind) in enumerate([("", "Transformer"), ("1_Pooling", "Pooling"),
                                                           ("2_Normalize", "Normalize")])],
        "1_Pooling/config.json": {"word_embedding_dimension": 384, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": False},
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512}}
    (folder / "1_Pooling").mkdir(exist_ok=True)
    for name, content in settings.items():
        (folder / name).write_text(json.dumps(content))
    export(model, folder / "model.onnx")


def pooled(model, ids, mask):
    """The mean of the tokens that are no padding, of length 1."""
    import torch
    features = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weights = mask.unsqueeze(-1).to(features.dtype)
    mean = (features * weights).sum(1) / weights.sum(1)
    return torch.nn.functional.normalize(mean, p=2.0, dim=1)


def export(model, path):
    import torch

    class Embedder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask):
            return pooled(self.model, input_ids, attention_mask)

    ids = torch.ones(2, 9, dtype=torch.int64)
    mask = ids.clone()
    mask[1, 5:] = 0  # of a mask without zeros, none is exported
    axes = {0: torch.export.Dim("batch", min=1, max=4096), 1: torch.export.Dim("tokens", min=2, max=512)}
    torch.onnx.export(Embedder().eval(), (ids, mask), str(path), input_names=["input_ids", "attention_mask"],
                      output_names=["sentence"], dynamic_shapes={"input_ids": axes, "attention_mask": axes}, dynamo=True)


def optimized(path):
    """The graph with attention, gelu and norms fused by onnxruntime's own tool, if it can read it."""
    try:
        from onnxruntime.transformers import optimizer
        from onnxruntime.transformers.fusion_options import FusionOptions
        model = optimizer.optimize_model(str(path), "bert", num_heads=12, hidden_size=384, opt_level=1,
                                         optimization_options=FusionOptions("bert"))
        fused = path.with_name("optimized.onnx")
        model.save_model_to_file(str(fused))
        print("fused:", model.get_fused_operator_statistics(), file=sys.stderr)
        return fused
    except Exception as why:
        print(f"onnxruntime's tool fuses nothing: {why}", file=sys.stderr)
        return path


class Torch:
    def __init__(self, folder, threads):
        import torch
        from transformers import BertModel
        torch.set_num_threads(threads)
        self.torch = torch
        self.model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()

    def run(self, ids, mask):
        with self.torch.inference_mode():
            return pooled(self.model, self.torch.from_numpy(ids), self.torch.from_numpy(mask)).numpy()


class OnnxRuntime:
    def __init__(self, folder, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        sessions = [onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
                    for path in (folder / "model.onnx", optimized(folder / "model.onnx"))]
        self.session = min(sessions, key=self.probe)

    def probe(self, session):
        import numpy as np
        ids = np.ones((8, 24), np.int64)
        self.session = session
        self.run(ids, ids)
        begin = time.perf_counter()
        for _ in range(5):
            self.run(ids, ids)
        return time.perf_counter() - begin

    def run(self, ids, mask):
        return self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


def embed_all(peer, tokenizer, texts, size):
    """As SentenceTransformer.encode does it: the longest first, each batch padded to its longest."""
    import numpy as np
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    vectors = np.empty((len(texts), 384), np.float32)
    for at in range(0, len(order), size):
        chosen = order[at:at + size]
        encoded = tokenizer.encode_batch([texts[i] for i in chosen])
        ids = np.array([e.ids for e in encoded], np.int64)
        mask = np.array([e.attention_mask for e in encoded], np.int64)
        vectors[chosen] = peer.run(ids, mask)
    return vectors


def serve(name, folder, threads):
    answers, sys.stdout = sys.stdout, sys.stderr  # tools print what they think of a graph
    import numpy as np
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(256)
    texts = (folder / "sentences.txt").read_text().splitlines()
    peer = {"torch": Torch, "onnxruntime": OnnxRuntime}[name](folder, threads)

    def timed(texts, size):
        begin = time.perf_counter()
        vectors = embed_all(peer, tokenizer, texts, size)
        return time.perf_counter() - begin, vectors

    timed(texts[:64], 8)
    size = min(SIZES, key=lambda size: timed(texts[::5], size)[0])
    print(f"{name}: batches of {size}", file=sys.stderr)
    for _ in sys.stdin:
        seconds, vectors = timed(texts, size)
        np.save(folder / f"{name}.npy", vectors)
        print(seconds, file=answers, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        os.environ["RAYON_NUM_THREADS"] = sys.argv[3]
        serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
