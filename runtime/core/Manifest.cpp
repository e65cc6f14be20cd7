//===- Manifest.cpp - What a compiled model says of itself ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Manifest.h"
#include "formats/Json.h"

#include <algorithm>

namespace sinter {

using nlohmann::json;

static std::string text(const json &object, const char *key) {
  auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

static int64_t number(const json &object, const char *key) {
  auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_number_integer()
             ? found->get<int64_t>()
             : 0;
}

/// The compiler has checked the values.
static SamplingWishes readSampling(const json &object) {
  SamplingWishes wishes;
  auto take = [&](auto &wish, const char *key) {
    auto found = object.find(key);
    if (found != object.end() && found->is_number())
      wish = found->get<double>();
  };
  take(wishes.temperature, "temperature");
  take(wishes.topK, "top_k");
  take(wishes.topP, "top_p");
  take(wishes.minP, "min_p");
  take(wishes.repeatPenalty, "repetition_penalty");
  take(wishes.penaltyTokens, "penalty_tokens");
  return wishes;
}

static std::vector<EntryTensor> readTensors(const json &entry,
                                            const char *key) {
  std::vector<EntryTensor> tensors;
  if (!entry.is_object() || !entry.contains(key))
    return tensors;
  for (const json &item : entry[key]) {
    EntryTensor &tensor = tensors.emplace_back();
    tensor.name = text(item, "name");
    tensor.type = text(item, "type");
    if (!item.contains("shape"))
      continue;
    for (const json &size : item["shape"])
      tensor.shape.push_back(size.is_string() ? size.get<std::string>()
                                              : size.dump());
  }
  return tensors;
}

/// A size of a shape, 0 for those that differ by call.
static int64_t fixedSize(const std::string &size) {
  return size.find_first_not_of("0123456789") == std::string::npos
             ? std::atoll(size.c_str())
             : 0;
}

int64_t EntryTensor::features() const {
  int64_t product = 1;
  for (size_t i = 2; i < shape.size(); ++i)
    product *= fixedSize(shape[i]);
  return product;
}

static const EntryTensor *find(const std::vector<EntryTensor> &tensors,
                               std::string_view name) {
  for (const EntryTensor &tensor : tensors)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

const EntryTensor *EntryDescription::input(std::string_view name) const {
  return find(inputs, name);
}

const EntryTensor *EntryDescription::output(std::string_view name) const {
  return find(outputs, name);
}

bool EntryDescription::remembers() const {
  return std::any_of(inputs.begin(), inputs.end(),
                     [](const EntryTensor &input) { return input.isCache(); });
}

static EmbeddingRules readEmbedding(const json &rules) {
  EmbeddingRules result;
  for (const json &prompt : rules.value("prompts", json::array()))
    result.prompts.emplace_back(text(prompt, "name"), text(prompt, "text"));
  result.defaultPrompt = text(rules, "default");
  result.mostTokens = number(rules, "most_tokens");
  result.losesFirst = rules.value("loses_first", json()) == true;
  result.poolsPrompt = rules.value("pools_prompt", json()) != false;
  return result;
}

Result<Manifest> Manifest::parse(std::string_view source) {
  Result<json> tree = parseJson(source, "the program's manifest");
  if (!tree)
    return tree.failure();

  Manifest manifest;
  manifest.kind = text(*tree, "kind");
  manifest.name = text(*tree, "name");
  manifest.vocab = number(*tree, "vocab");
  manifest.context = number(*tree, "context");
  manifest.parameters = number(*tree, "parameters");
  manifest.tokenBytes = number(*tree, "token_bytes");
  manifest.start = number(*tree, "start");
  manifest.ring = number(*tree, "ring");
  manifest.segments =
      tree->is_object() && tree->value("segments", json()) == true;
  manifest.sourceVocab = number(*tree, "source_vocab");
  if (tree->is_object() && tree->contains("decoder_start"))
    manifest.decoderStart = number(*tree, "decoder_start");
  if (manifest.vocab <= 0 || manifest.context <= 0)
    return Failure("the program's manifest lacks \"vocab\" or \"context\"");
  if (tree->contains("sampling")) {
    manifest.sampling = readSampling((*tree)["sampling"]);
    manifest.answerTokens = number((*tree)["sampling"], "max_new_tokens");
  }
  if (tree->contains("blank")) {
    const json &blank = (*tree)["blank"];
    manifest.blankBegins = number(blank, "begins");
    for (const json &mark : blank.value("marks", json::array()))
      if (mark.is_number_integer())
        manifest.blankMarks.push_back(mark.get<int64_t>());
  }
  if (tree->contains("inputs"))
    for (const auto &[name, rule] : (*tree)["inputs"].items())
      manifest.inputs[name] = {number(rule, "advance"), number(rule, "below")};
  if (tree->contains("embedding") && (*tree)["embedding"].is_object())
    manifest.embedding = readEmbedding((*tree)["embedding"]);
  if (tree->contains("entries"))
    for (const auto &[name, entry] : (*tree)["entries"].items()) {
      EntryDescription &description = manifest.entries.emplace_back();
      description.name = name;
      description.inputs = readTensors(entry, "inputs");
      description.outputs = readTensors(entry, "outputs");
    }
  manifest.kernels = readKernels(*tree);
  return manifest;
}

Result<Manifest> Manifest::read(const SinterModel &model) {
  if (model.abi != SINTER_ABI)
    return Failure("this model was compiled for version " +
                   std::to_string(model.abi) +
                   " of the runtime's interface, this is version " +
                   std::to_string(SINTER_ABI) + "; compile it again");
  Result<Manifest> manifest = parse(model.manifest);
  if (!manifest)
    return manifest;
  if (manifest->tokenBytes <= 0)
    manifest->tokenBytes = model.weightsBytes;
  for (EntryDescription &entry : manifest->entries)
    for (int64_t i = 0; i < model.entryCount; ++i)
      if (entry.name == model.entries[i].name)
        entry.code = &model.entries[i];
  for (int64_t i = 0; i < model.entryCount; ++i)
    if (!manifest->entry(model.entries[i].name))
      return Failure(std::string("the program's manifest lacks entry \"") +
                     model.entries[i].name + "\"");
  return manifest;
}

const EntryDescription *Manifest::entry(const std::string &name) const {
  for (const EntryDescription &entry : entries)
    if (name == entry.name)
      return &entry;
  return nullptr;
}

bool Manifest::readsWhole() const {
  const EntryDescription *forward = entry("forward");
  return segments || !forward || !forward->continues() ||
         forward->input("prefix_length");
}

bool Manifest::dependsOnCuts() const {
  return readsWhole() || entry("forward")->input("length");
}

bool Manifest::dependsOnPrompt() const {
  const EntryDescription *forward = entry("forward");
  if (!forward)
    return false;
  for (const EntryTensor &input : forward->inputs)
    if (input.name == "prompt_length" || input.name == "prefix_length" ||
        inputs.contains(input.name))
      return true;
  return false;
}

} // namespace sinter
