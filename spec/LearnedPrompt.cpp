//===- LearnedPrompt.cpp - Tokens that were learned beside a model --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/LearnedPrompt.h"

#include "formats/Safetensors.h"
#include "formats/Text.h"

#include <cmath>
#include <map>
#include <string_view>

using namespace sinter;

static Failure wrong(const std::string &file, const std::string &what) {
  return Failure(file + ": error: " + what);
}

bool LearnedPrompt::isKind(const std::string &peftType) {
  return peftType == "PROMPT_TUNING" || peftType == "P_TUNING" ||
         peftType == "PREFIX_TUNING";
}

namespace {

/// The tensors of a file, by their last names ("transform.0.weight").
class PromptReader {
public:
  PromptReader(const std::string &file) : file(file) {}

  Failure open();
  /// (tokens, width) of learned rows, after the network that they go through.
  Result<std::vector<float>> read(int64_t tokens, int64_t &width);

private:
  /// The tensor whose name ends so, which then is claimed; null: none.
  const StoredTensor *take(const std::string &ending);
  Failure applyLinear(const std::string &name, std::vector<float> &rows,
                      int64_t &width);

  const std::string &file;
  std::map<std::string, StoredTensor> tensors;
};

} // namespace

Failure PromptReader::open() {
  Result<Safetensors> read = readSafetensors(file);
  if (!read)
    return read.failure();
  for (StoredTensor &tensor : read->tensors)
    if (!isRealType(tensor.type) || tensor.shape.empty() ||
        tensor.shape.size() > 2 || tensor.count == 0)
      return wrong(file, "tensor " + quote(tensor.name) + ", " +
                             describe(tensor.type, tensor.shape) +
                             ", is no part of learned tokens");
    else
      tensors.emplace(tensor.name, tensor);
  return Failure::none();
}

const StoredTensor *PromptReader::take(const std::string &ending) {
  for (auto &[name, tensor] : tensors)
    if (name == ending || name.ends_with("." + ending))
      return &tensor;
  return nullptr;
}

/// rows = rows W^T + b, if there is a linear of that name.
Failure PromptReader::applyLinear(const std::string &name,
                                  std::vector<float> &rows, int64_t &width) {
  const StoredTensor *weight = take(name + ".weight");
  const StoredTensor *bias = take(name + ".bias");
  if (!weight || !bias || weight->shape.size() != 2 ||
      weight->shape[1] != width || bias->shape != std::vector{weight->shape[0]})
    return wrong(file, "expected " + quote(name + ".weight") + " of " +
                           std::to_string(width) +
                           " columns and a bias of as many rows");
  Result<std::vector<float>> w = weight->readAsF32(), b = bias->readAsF32();
  if (!w)
    return w.failure();
  if (!b)
    return b.failure();
  size_t in = size_t(width), out = b->size();
  std::vector<float> results(rows.size() / in * out);
  for (size_t at = 0; at < results.size(); ++at) {
    double sum = double((*b)[at % out]);
    for (size_t i = 0; i < in; ++i)
      sum += double(rows[at / out * in + i]) * double((*w)[at % out * in + i]);
    results[at] = float(sum);
  }
  rows = std::move(results);
  width = int64_t(out);
  tensors.erase(weight->name);
  tensors.erase(bias->name);
  return Failure::none();
}

Result<std::vector<float>> PromptReader::read(int64_t tokens, int64_t &width) {
  const StoredTensor *table = take("prompt_embeddings");
  if (!table)
    table = take("embedding.weight");
  if (!table || table->shape.size() != 2 || table->shape[0] != tokens)
    return wrong(
        file,
        "expected \"prompt_embeddings\" of " + std::to_string(tokens) +
            " rows (num_virtual_tokens)" +
            (table ? ", found " + describe(table->type, table->shape) : ""));
  width = table->shape[1];
  Result<std::vector<float>> rows = table->readAsF32();
  if (!rows)
    return rows;
  tensors.erase(table->name);
  // What training goes through: linears with a function between them.
  struct Network {
    std::string name;
    bool isTanh;
  };
  for (const Network &network :
       {Network{"transform", true}, {"trans", true}, {"mlp_head", false}})
    for (int at = 0; take(network.name + "." + std::to_string(at) + ".weight");
         at += 2) {
      for (float &x : *rows)
        if (at)
          x = network.isTanh ? std::tanh(x) : std::max(x, 0.0f);
      if (Failure failure = applyLinear(network.name + "." + std::to_string(at),
                                        *rows, width))
        return failure;
    }
  if (!tensors.empty())
    return wrong(file, "tensor " + quote(tensors.begin()->first) +
                           " is no part of learned tokens that is known");
  return rows;
}

Result<LearnedPrompt> LearnedPrompt::read(const nlohmann::json &config,
                                          const std::string &configFile,
                                          const std::string &tensorFile) {
  LearnedPrompt prompt;
  auto number = [&](const char *key, int64_t &to) {
    auto value = config.find(key);
    if (value == config.end() || !value->is_number_integer() || *value < 1 ||
        *value > 1 << 20)
      return wrong(configFile,
                   std::string(key) + " must be an int of at least 1");
    to = value->get<int64_t>();
    return Failure::none();
  };
  prompt.states = config.at("peft_type") == "PREFIX_TUNING";
  if (Failure failure = number("num_virtual_tokens", prompt.tokens))
    return failure;
  if (prompt.states)
    if (Failure failure = number("num_layers", prompt.layers))
      return failure;
  if (auto towers = config.find("num_transformer_submodules");
      towers != config.end() && !towers->is_null() && *towers != 1)
    return wrong(configFile, "learned tokens are for models of one stack, but "
                             "num_transformer_submodules is " +
                                 towers->dump());
  PromptReader reader(tensorFile);
  if (Failure failure = reader.open())
    return failure;
  Result<std::vector<float>> rows = reader.read(prompt.tokens, prompt.width);
  if (!rows)
    return rows.failure();
  prompt.rows = std::move(*rows);
  return prompt;
}
