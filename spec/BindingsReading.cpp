//===- BindingsReading.cpp - The section `config` of a spec ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Bindings.h"

#include "spec/Fields.h"

using namespace sinter;

std::optional<Expr> Bindings::parse(const YamlNode &node) {
  return parseExpression(node, diagnostics);
}

void Bindings::readKeys(const YamlNode &node, std::vector<std::string> &keys) {
  readTexts(node, "a key of the checkpoint", keys, diagnostics);
}

void Bindings::readDefault(const YamlNode &node, Binding &binding) {
  if (!node.isMap()) {
    binding.otherwise = parse(node);
    return;
  }
  // Formats may differ in what a missing key means.
  for (const YamlEntry &entry : node.entries) {
    if (entry.key != "hf" && entry.key != "gguf")
      diagnostics.error(entry.keyLoc, "a default is an expression, or one for "
                                      "each of \"hf\" and \"gguf\"");
    else if (entry.key == nameOf(formatKind))
      binding.otherwise = parse(entry.value);
  }
}

/// What configurations on hubs call activations, and our words for them.
static const std::pair<const char *, const char *> activationNames[] = {
    {"elu", "elu"},
    {"gelu", "gelu"},
    {"gelu_accurate", "gelu_tanh"},
    {"gelu_fast", "gelu_tanh"},
    {"gelu_new", "gelu_tanh"},
    {"gelu_python", "gelu"},
    {"gelu_python_tanh", "gelu_tanh"},
    {"gelu_pytorch_tanh", "gelu_tanh"},
    {"hardswish", "hard_swish"},
    {"leaky_relu", "leaky_relu"},
    {"linear", "identity"},
    {"mish", "mish"},
    {"quick_gelu", "gelu_quick"},
    {"relu", "relu"},
    {"relu2", "relu2"},
    {"relu6", "relu6"},
    {"sigmoid", "sigmoid"},
    {"silu", "silu"},
    {"swish", "silu"},
    {"tanh", "tanh"}};

void Bindings::readChoices(const YamlNode &node, Binding &binding) {
  binding.hasChoices = true;
  if (node.isScalar() && node.text == "activations") {
    for (const auto &[theirs, ours] : activationNames)
      binding.choices.push_back({theirs, SpecValue(std::string(ours))});
    return;
  }
  if (!node.isMap()) {
    diagnostics.error(node.loc, "choices map the checkpoint's words to ours: "
                                "expected a mapping or \"activations\", "
                                "found " +
                                    node.describe());
    return;
  }
  for (const YamlEntry &entry : node.entries) {
    bool ok = true;
    nlohmann::json json = nlohmann::json::parse(entry.value.text, nullptr,
                                                /*allow_exceptions=*/false);
    SpecValue value(entry.value.text);
    if (entry.value.isNull() || entry.value.text == "none")
      value = SpecValue();
    else if (!entry.value.quoted && !json.is_discarded() &&
             !json.is_structured())
      value = SpecValue::fromJson(json, ok);
    if (!entry.value.isScalar() && !entry.value.isNull())
      diagnostics.error(entry.value.loc, "a choice is a word or a number");
    binding.choices.push_back({entry.key, value});
  }
}

void Bindings::readField(const YamlEntry &field, Binding &binding) {
  if (field.key == "hf" || field.key == "gguf") {
    std::vector<std::string> keys;
    readKeys(field.value, keys);
    if (field.key == nameOf(formatKind))
      binding.keys = std::move(keys);
  } else if (field.key == "default") {
    readDefault(field.value, binding);
  } else if (field.key == "missing") {
    std::optional<Expr> value = parse(field.value);
    if (formatKind == CheckpointKind::HuggingFace)
      binding.missing = std::move(value);
  } else if (field.key == "choices") {
    readChoices(field.value, binding);
  } else {
    diagnostics.error(field.keyLoc,
                      "a binding has no key \"" + field.key + "\"" +
                          didYouMean(field.key, {"hf", "gguf", "default",
                                                 "missing", "choices"}));
  }
}

void Bindings::readBinding(const YamlEntry &entry) {
  Binding binding;
  binding.name = entry.key;
  binding.loc = entry.keyLoc;
  if (!isName(entry.key))
    diagnostics.error(entry.keyLoc, "\"" + entry.key +
                                        "\" cannot be a name; names are "
                                        "letters, digits and \"_\"");
  for (const char *taken : {"format", "arch", "i"})
    if (entry.key == taken)
      diagnostics.error(entry.keyLoc,
                        "\"" + entry.key + "\" has a meaning of its own");
  if (!entry.value.isMap())
    binding.otherwise = parse(entry.value);
  for (const YamlEntry &field : entry.value.entries)
    readField(field, binding);
  for (const std::string &key : binding.keys) {
    knownKeys.insert(fill(key));
    binding.patterns.push_back(fill(key));
  }
  bindings.push_back(std::move(binding));
}

void Bindings::read(const YamlNode &section) {
  if (!section.isMap())
    return diagnostics.error(section.loc,
                             "expected a mapping of names to the checkpoint's "
                             "keys, found " +
                                 section.describe());
  for (const YamlEntry &entry : section.entries)
    readBinding(entry);
}
