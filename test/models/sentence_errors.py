"""Prints what the compiler says of checkpoints of sentence-transformers that it cannot read.

usage: sentence_errors.py FOLDER SCRATCH
"""
import pathlib
import subprocess
import sys

import sentences

KINDS = "sentence_transformers.models."


def modules(*kinds):
    return [{"idx": i, "name": str(i), "path": f"{i}_{kind.split('.')[-1]}" if i else "", "type": kind}
            for i, kind in enumerate(kinds)]


TRANSFORMER, POOLING, DENSE = KINDS + "Transformer", KINDS + "Pooling", KINDS + "Dense"
PLAIN = {"modules.json": modules(TRANSFORMER, POOLING), "1_Pooling/config.json": {"word_embedding_dimension": 16}}
LINEAR = {"in_features": 16, "out_features": 20, "bias": True, "activation_function": "torch.nn.modules.activation.Tanh"}
WITH_LINEAR = PLAIN | {"modules.json": modules(TRANSFORMER, POOLING, DENSE), "2_Dense/config.json": LINEAR}
WRONG = [
    PLAIN | {"modules.json": modules(TRANSFORMER, POOLING, KINDS + "LSTM")},
    PLAIN | {"modules.json": modules("custom_st.Transformer", POOLING)},
    PLAIN | {"modules.json": [{"type": TRANSFORMER, "path": "../elsewhere"}]},
    PLAIN | {"modules.json": modules(TRANSFORMER)},
    PLAIN | {"1_Pooling/config.json": {"word_embedding_dimension": 16, "pooling_mode_median": True}},
    PLAIN | {"1_Pooling/config.json": {"embedding_dimension": 16, "pooling_mode": "median"}},
    PLAIN | {"1_Pooling/config.json": {"word_embedding_dimension": 17}},
    WITH_LINEAR | {"2_Dense/config.json": LINEAR | {"activation_function": "torch.nn.modules.activation.Softsign"}},
    WITH_LINEAR | {"2_Dense/config.json": LINEAR | {"in_features": 20}},
    WITH_LINEAR | {"2_Dense/config.json": LINEAR | {"use_residual": True}},
    PLAIN | {"sentence_bert_config.json": {"modality_config": {"message": {"method": "forward"}}}},
    PLAIN | {"sentence_bert_config.json": {"modality_config": {"text": {"method": 5}}}},
    PLAIN | {"sentence_bert_config.json": {"do_lower_case": True},
             "tokenizer.json": {"model": {"type": "WordPiece", "vocab": {"a": 0}}, "normalizer": {"type": 5}}},
    PLAIN | {"config_sentence_transformers.json": {"prompts": {}, "default_prompt_name": "none"}},
]

folder, scratch = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
for number, files in enumerate(WRONG):
    sentences.make(folder, {"files": files}, scratch / str(number))
    done = subprocess.run(["sinter", "compile", scratch / str(number), "-o", scratch / "program", "--quiet"],
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1, done
    print(done.stderr, end="", flush=True)
