"""Small models for tests of chats: a tokenizer of test/text with the control
tokens of the templates here, and one of the templates."""
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
TOKENIZERS = ["words", "composed", "first-space", "pieces"]
CONTROL = ["<|im_start|>", "<|im_end|>", "<|start_header_id|>",
           "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>", "<|python_tag|>",
           "<|system|>", "<|user|>", "<|assistant|>", "<|end|>",
           "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]",
           "[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]",
           "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"]
# Added tokens that are text: they are found wherever they stand.
ORDINARY = ["<think>", "</think>", "<tool_call>", "</tool_call>"]


def tokenizer_of(name):
    """tokenizer.json with the tokens above."""
    path = os.path.join(HERE, "..", "text", "Inputs", name, "tokenizer.json")
    with open(path) as file:
        made = json.load(file)
    added = made["added_tokens"]
    following = 1 + max([*made["model"]["vocab"].values()]
                        + [token["id"] for token in added])
    for number, text in enumerate(CONTROL + ORDINARY):
        added.append({"id": following + number, "content": text,
                      "single_word": False, "lstrip": False,
                      "rstrip": text == "<|assistant|>", "normalized": False,
                      "special": text in CONTROL})
    return made


def write_model(folder, tokenizer, template):
    """A folder that sinter-tokenize and transformers read."""
    os.makedirs(folder, exist_ok=True)
    config = {"tokenizer_class": "PreTrainedTokenizerFast",
              "bos_token": "<s>", "eos_token": "</s>",
              "chat_template": template}
    for name, content in [("config.json", {"model_type": "llama"}),
                          ("tokenizer.json", tokenizer),
                          ("tokenizer_config.json", config)]:
        with open(os.path.join(folder, name), "w") as file:
            json.dump(content, file)


def templates():
    for name in sorted(os.listdir(os.path.join(HERE, "templates"))):
        with open(os.path.join(HERE, "templates", name), newline="") as file:
            yield name.split(".")[0], file.read()


def inputs():
    for name in sorted(os.listdir(os.path.join(HERE, "inputs"))):
        with open(os.path.join(HERE, "inputs", name)) as file:
            yield name.split(".")[0], json.load(file)
