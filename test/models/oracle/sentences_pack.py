"""Makes the folders of test/models/sentences: checkpoints of sentence-transformers, and what it makes of a few texts.

Needs sentence-transformers 6.2.0, transformers 5.24.0, torch 2.15.0, tokenizers 0.23:
  python3 test/models/oracle/sentences_pack.py
"""
import json
import pathlib
import shutil
import sys
import tempfile

import numpy as np
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel, Qwen3Config, Qwen3Model, T5Config, T5EncoderModel

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))
import sentences  # noqa: E402

OUT = HERE / "sentences"
TEXTS = ["", "a", "The cat sat on the mat .", "A dog ran", "the Mat ran on a cat , and the dog sat . the end",
         "on the mat on the mat on the mat on the mat on the mat", "End .", "cat dog", "and so it goes ; the end ."]
WORDS = "the cat sat on mat a dog ran and so it goes end The A Mat End . , ; : query passage".split()
TYPES = "sentence_transformers.models."


def word_tokenizer(marks):
    pad, unknown, begin, end, mask = marks
    vocab = {word: i for i, word in enumerate([*marks, *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token=unknown))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        f"{begin} $A {end}", f"{begin} $A {end} $B {end}", [(begin, vocab[begin]), (end, vocab[end])])
    tokenizer.add_special_tokens(list(marks))
    return tokenizer, {"pad_token": pad, "unk_token": unknown, "cls_token": begin, "sep_token": end, "mask_token": mask}


def byte_tokenizer(eos):
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate([*alphabet, eos])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([eos])
    tokenizer.post_processor = processors.TemplateProcessing(f"$A {eos}", special_tokens=[(eos, tokenizer.token_to_id(eos))])
    return tokenizer, {"pad_token": eos, "eos_token": eos, "padding_side": "left"}


def write_base(name, model, tokenizer, marks, limit):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    torch.manual_seed(7)
    for parameter in model.parameters():
        parameter.data.normal_(0.3 if parameter.dim() < 2 else 0, 0.3)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": limit, **marks}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings) + "\n")
    for unused in ("generation_config.json",):
        (folder / unused).unlink(missing_ok=True)
    (folder / "texts.jsonl").write_text("".join(json.dumps(text) + "\n" for text in TEXTS))
    return folder


def write_tensors(folder, seed, **shapes):
    folder.mkdir(parents=True)
    torch.manual_seed(seed)
    save_file({name: torch.randn(*shape) * 0.4 for name, shape in shapes.items()}, folder / "model.safetensors")


def modules(*kinds, first=""):
    """modules.json: kinds by the number of their folder, "1_Pooling"."""
    rows = [("Transformer", first)] + [(kind.split("_")[1], kind) for kind in kinds]
    return [{"idx": i, "name": str(i), "path": path, "type": TYPES + kind} for i, (kind, path) in enumerate(rows)]


def pooling(*modes, width, **more):
    keys = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
    return {"word_embedding_dimension": width, **{f"pooling_mode_{key}": key in modes for key in keys}, **more}


def dense(width, outputs, activation, bias=True, **more):
    return {"in_features": width, "out_features": outputs, "bias": bias, "activation_function": activation, **more}


def variant(name, *kinds, files={}, options=((),), pool=None, within=""):
    made = {"modules.json": modules(*kinds, first=within)}
    if pool:
        made["1_Pooling/config.json"] = pool
    return {"name": name, "within": within, "files": made | files, "options": [list(o) for o in options]}


def encode_options(options):
    names = {"--prompt": "prompt", "--prompt-name": "prompt_name"}
    return {names[key]: value for key, value in zip(options[::2], options[1::2])}


def finish(folder, variants):
    """Adds what comes out to the variants, and writes them."""
    for each in variants:
        with tempfile.TemporaryDirectory() as scratch:
            to = pathlib.Path(scratch) / "model"
            sentences.make(folder, each, to)
            model = SentenceTransformer(str(to), device="cpu")
            each["runs"] = []
            for options in each.pop("options"):
                vectors = model.encode(TEXTS, batch_size=4, **encode_options(options))
                rows = [[float(f"{x:.7g}") for x in row] for row in np.asarray(vectors, np.float64)]
                each["runs"].append({"options": options, "vectors": rows})
    lines = ",\n".join(json.dumps(each) for each in variants)
    (folder / "variants.json").write_text(f"[\n{lines}\n]\n")


PROMPTS = {"config_sentence_transformers.json": {"prompts": {"query": "query : ", "passage": "passage : "},
                                                 "default_prompt_name": None, "similarity_fn_name": "cosine"}}


def bert():
    width = 16
    tokenizer, marks = word_tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    config = BertConfig(vocab_size=32, hidden_size=width, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
                        max_position_embeddings=40)
    folder = write_base("bert", BertModel(config), tokenizer, marks, 40)
    write_tensors(folder / "2_Dense", 1, **{"linear.weight": (20, width), "linear.bias": (20,)})
    write_tensors(folder / "3_Dense", 2, **{"linear.weight": (12, 20)})
    write_tensors(folder / "4_Dense", 3, **{"linear.weight": (width, width), "linear.bias": (width,)})
    write_tensors(folder / "5_Dense", 4, **{"linear.weight": (9, width), "linear.bias": (9,), "residual.weight": (9, width)})
    write_tensors(folder / "6_LayerNorm", 5, **{"norm.weight": (width,), "norm.bias": (width,)})
    mean = pooling("mean_tokens", width=width)
    tanh, identity = "torch.nn.modules.activation.Tanh", "torch.nn.modules.linear.Identity"
    first = {"2_Dense/config.json": dense(width, 20, tanh)}
    named = ((), ("--prompt-name", "query"), ("--prompt-name", "passage"), ("--prompt", "the dog : "))
    variants = [variant(mode, "1_Pooling", pool=pooling(mode, width=width))
                for mode in ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens",
                             "lasttoken")]
    variants += [
        variant("side_by_side", "1_Pooling", pool=pooling("max_tokens", "cls_token", "lasttoken", "mean_tokens", width=width)),
        variant("by_name", "1_Pooling", "2_Normalize",
                pool={"embedding_dimension": width, "pooling_mode": ["weightedmean", "cls"], "include_prompt": True}),
        variant("normalized", "1_Pooling", "2_Normalize", pool=mean),
        variant("dense", "1_Pooling", "2_Dense", pool=mean, files=first),
        variant("two_dense", "1_Pooling", "2_Dense", "3_Dense", "4_Normalize", pool=mean, files={
            "2_Dense/config.json": dense(width, 20, identity),
            "3_Dense/config.json": dense(20, 12, identity, bias=False)}),
        variant("residual", "1_Pooling", "4_Dense", "5_Dense", pool=mean, files={
            "4_Dense/config.json": dense(width, width, "torch.nn.modules.activation.GELU", use_residual=True),
            "5_Dense/config.json": dense(width, 9, "torch.nn.modules.activation.ReLU", use_residual=True)}),
        variant("layer_norm", "1_Pooling", "6_LayerNorm", "7_Dropout", pool=mean, files={
            "6_LayerNorm/config.json": {"dimension": width}, "7_Dropout/config.json": {"dropout": 0.3}}),
        variant("tokens_first", "2_Dense", "1_Pooling", pool=pooling("max_tokens", width=20), files={
            "2_Dense/config.json": dense(width, 20, tanh, module_input_name="token_embeddings")}),
        variant("within", "1_Pooling", pool=mean, within="0_Transformer"),
        variant("cut", "1_Pooling", pool=mean,
                files={"sentence_bert_config.json": {"max_seq_length": 8, "do_lower_case": False}}),
        variant("lower_case", "1_Pooling", pool=mean,
                files={"sentence_bert_config.json": {"max_seq_length": 40, "do_lower_case": True}}),
        variant("prompts", "1_Pooling", pool=mean, files=PROMPTS, options=named),
        variant("default_prompt", "1_Pooling", pool=mean, options=((), ("--prompt-name", "query"), ("--prompt", "")), files={
            "config_sentence_transformers.json": {"prompts": {"query": "query : ", "passage": "passage : "},
                                                  "default_prompt_name": "passage"}}),
        variant("prompt_not_pooled", "1_Pooling", files=PROMPTS, options=named, pool=pooling(
            "mean_tokens", "weightedmean_tokens", "cls_token", "max_tokens", "lasttoken", "mean_sqrt_len_tokens",
            width=width, include_prompt=False)),
    ]
    finish(folder, variants)


def mpnet():
    tokenizer, marks = word_tokenizer(["<pad>", "[UNK]", "<s>", "</s>", "<mask>"])
    config = MPNetConfig(vocab_size=32, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
                         max_position_embeddings=44)
    folder = write_base("mpnet", MPNetModel(config), tokenizer, marks, 40)
    finish(folder, [variant("mean", "1_Pooling", "2_Normalize", pool=pooling("mean_tokens", width=16))])


def decoder():
    tokenizer, marks = byte_tokenizer("<|endoftext|>")
    config = Qwen3Config(vocab_size=257, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
                         head_dim=8, intermediate_size=24, max_position_embeddings=128, tie_word_embeddings=False)
    folder = write_base("decoder", Qwen3Model(config), tokenizer, marks, 128)
    named = ((), ("--prompt-name", "query"))
    finish(folder, [
        variant("last", "1_Pooling", "2_Normalize", pool=pooling("lasttoken", width=16), files=PROMPTS, options=named),
        variant("means", "1_Pooling", files=PROMPTS, options=named,
                pool=pooling("weightedmean_tokens", "mean_tokens", width=16, include_prompt=False))])


def t5():
    tokenizer, marks = word_tokenizer(["<pad>", "[UNK]", "<s>", "</s>", "<mask>"])
    config = T5Config(vocab_size=32, d_model=16, d_kv=8, num_layers=2, num_heads=2, d_ff=24, feed_forward_proj="gated-gelu")
    folder = write_base("t5", T5EncoderModel(config), tokenizer, marks, 60)
    write_tensors(folder / "2_Dense", 6, **{"linear.weight": (12, 16)})
    finish(folder, [variant("dense", "1_Pooling", "2_Dense", "3_Normalize", pool=pooling("mean_tokens", width=16), files={
        "2_Dense/config.json": dense(16, 12, "torch.nn.modules.linear.Identity", bias=False)})])


bert()
mpnet()
decoder()
t5()
