//===- TextEmbedding.cpp - How a checkpoint embeds texts ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/TextEmbedding.h"

#include "formats/ModuleList.h"
#include "formats/Text.h"
#include "spec/EmbeddingFiles.h"

#include <algorithm>
#include <set>

using namespace sinter;
using nlohmann::json;

const StoredTensor *EmbeddingStep::find(std::string_view name) const {
  for (const StoredTensor &tensor : tensors)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

namespace {

/// A word of these files and what it stands for.
template <typename T> struct Named {
  std::string_view name;
  T value;
};

/// In the order in which they stand side by side when true.
constexpr Named<PoolKind> kPoolSwitches[] = {
    {"pooling_mode_cls_token", PoolKind::First},
    {"pooling_mode_max_tokens", PoolKind::Max},
    {"pooling_mode_mean_tokens", PoolKind::Mean},
    {"pooling_mode_mean_sqrt_len_tokens", PoolKind::RootMean},
    {"pooling_mode_weightedmean_tokens", PoolKind::WeightedMean},
    {"pooling_mode_lasttoken", PoolKind::Last}};

constexpr Named<PoolKind> kPoolModes[] = {
    {"cls", PoolKind::First},
    {"max", PoolKind::Max},
    {"mean", PoolKind::Mean},
    {"mean_sqrt_len_tokens", PoolKind::RootMean},
    {"weightedmean", PoolKind::WeightedMean},
    {"lasttoken", PoolKind::Last}};

/// Classes of torch, after their module's name.
constexpr Named<UnaryKind> kActivations[] = {
    {"Identity", UnaryKind::Identity},   {"Tanh", UnaryKind::Tanh},
    {"ReLU", UnaryKind::Relu},           {"GELU", UnaryKind::Gelu},
    {"SiLU", UnaryKind::Silu},           {"Sigmoid", UnaryKind::Sigmoid},
    {"Softplus", UnaryKind::Softplus},   {"ELU", UnaryKind::Elu},
    {"Mish", UnaryKind::Mish},           {"ReLU6", UnaryKind::Relu6},
    {"LeakyReLU", UnaryKind::LeakyRelu}, {"Hardswish", UnaryKind::HardSwish}};

template <typename T, size_t N>
std::optional<T> valueOf(const Named<T> (&names)[N], std::string_view name) {
  for (const Named<T> &each : names)
    if (each.name == name)
      return each.value;
  return std::nullopt;
}

template <typename T, size_t N> std::string listOf(const Named<T> (&names)[N]) {
  std::string list;
  for (const Named<T> &each : names)
    list += (list.empty() ? "" : ", ") + std::string(each.name);
  return list;
}

/// Reads modules one after another.
class ModuleReader {
public:
  ModuleReader(const Checkpoint &checkpoint, TextEmbedding &result)
      : folder(checkpoint.outerFolder()), hasWeights(checkpoint.hasWeights()),
        result(result) {}

  Failure read(const Module &module);

private:
  Failure readPooling(const std::string &file);
  Failure readPools(SettingsFile &settings);
  Failure readStep(const Module &module, EmbeddingStep::Kind kind);
  Failure readLinear(SettingsFile &settings, EmbeddingStep &step);
  Failure readPlace(SettingsFile &settings, EmbeddingStep &step);
  Failure readTensors(const std::string &path, EmbeddingStep &step);

  std::string folder;
  bool hasWeights;
  TextEmbedding &result;
};

Failure ModuleReader::readPools(SettingsFile &settings) {
  std::vector<PoolKind> switched;
  for (const Named<PoolKind> &each : kPoolSwitches)
    if (settings.flag(each.name, false))
      switched.push_back(each.value);
  const json *mode = settings.get("pooling_mode");
  if (!mode) {
    result.pools = switched.empty() ? std::vector{PoolKind::Mean} : switched;
    return Failure::none();
  }
  json list = mode->is_array() ? *mode : json::array({*mode});
  for (const json &item : list) {
    std::optional<PoolKind> kind;
    if (item.is_string())
      kind = valueOf(kPoolModes, item.get_ref<const std::string &>());
    if (!kind)
      return settings.wrong("pooling_mode",
                            "one or several of " + listOf(kPoolModes));
    result.pools.push_back(*kind);
  }
  if (result.pools.empty())
    return settings.wrong("pooling_mode", "at least one");
  return Failure::none();
}

Failure ModuleReader::readPooling(const std::string &file) {
  if (!result.pools.empty())
    return Failure(file + ": error: tokens are pooled already");
  result.file = file;
  Result<SettingsFile> settings = SettingsFile::open(file);
  if (!settings)
    return settings.failure();
  if (Failure failure = readPools(*settings))
    return failure;
  int64_t before = settings->integer("word_embedding_dimension", 0);
  result.width = settings->integer("embedding_dimension", before);
  result.poolsPrompt = settings->flag("include_prompt", true);
  return settings->finish();
}

/// Vectors of tokens or of texts, in the place of those that are read.
Failure ModuleReader::readPlace(SettingsFile &settings, EmbeddingStep &step) {
  std::string usual = "sentence_embedding";
  std::string input = settings.text("module_input_name", usual);
  std::string output = settings.text("module_output_name", input);
  step.ofTokens = input == "token_embeddings";
  if (input != output || (!step.ofTokens && input != usual))
    return settings.wrong("module_input_name",
                          "\"sentence_embedding\" or \"token_embeddings\", and "
                          "module_output_name the same");
  if (step.ofTokens != result.pools.empty())
    return settings.wrong("module_input_name",
                          step.ofTokens
                              ? "\"sentence_embedding\" after pooling"
                              : "\"token_embeddings\" before pooling");
  return Failure::none();
}

Failure ModuleReader::readLinear(SettingsFile &settings, EmbeddingStep &step) {
  step.in = settings.integer("in_features", 0);
  step.out = settings.integer("out_features", 0);
  if (step.in < 1 || step.out < 1)
    return settings.wrong("in_features",
                          "an int of at least 1, as out_features");
  step.bias = settings.flag("bias", true);
  step.residual = settings.flag("use_residual", false);
  step.activation = UnaryKind::Tanh;
  const json *function = settings.get("activation_function");
  if (!function || function->is_null())
    return Failure::none();
  std::string name =
      function->is_string() ? function->get<std::string>() : std::string();
  std::optional<UnaryKind> kind =
      valueOf(kActivations, name.substr(name.rfind('.') + 1));
  if (!name.starts_with("torch.nn.") || !kind)
    return settings.wrong("activation_function",
                          "torch.nn's " + listOf(kActivations));
  step.activation = *kind;
  return Failure::none();
}

Failure ModuleReader::readTensors(const std::string &path,
                                  EmbeddingStep &step) {
  std::string file = path + "/model.safetensors";
  if (!fileExists(file) && fileExists(path + "/pytorch_model.bin"))
    return Failure(path + "/pytorch_model.bin: error: expected "
                          "model.safetensors; convert it to safetensors first");
  Result<Safetensors> read = readSafetensors(file);
  if (!read)
    return read.failure();
  step.tensors = std::move(read->tensors);
  bool isLinear = step.kind == EmbeddingStep::Kind::Linear;
  std::set<std::string> wanted = {isLinear ? "linear.weight" : "norm.weight"};
  if (step.bias)
    wanted.insert(isLinear ? "linear.bias" : "norm.bias");
  if (step.residual && step.in != step.out)
    wanted.insert("residual.weight");
  for (const StoredTensor &tensor : step.tensors)
    if (!wanted.erase(tensor.name))
      return Failure(file + ": error: tensor " + quote(tensor.name) +
                     " is no part of this module");
  if (!wanted.empty())
    return Failure(file + ": error: there is no tensor " +
                   quote(*wanted.begin()));
  return Failure::none();
}

Failure ModuleReader::readStep(const Module &module, EmbeddingStep::Kind kind) {
  using Kind = EmbeddingStep::Kind;
  EmbeddingStep step;
  step.kind = kind;
  std::string path = folder + "/" + module.path;
  step.file = path + "/config.json";
  // Scaling to a length had no settings once, nor does git keep empty folders.
  Result<SettingsFile> settings = kind == Kind::Length
                                      ? SettingsFile::openIfThere(step.file)
                                      : SettingsFile::open(step.file);
  if (!settings)
    return settings.failure();
  if (kind == Kind::LayerNorm)
    step.in = step.out = settings->integer("dimension", 0);
  if (kind == Kind::Linear)
    if (Failure failure = readLinear(*settings, step))
      return failure;
  if (Failure failure = readPlace(*settings, step))
    return failure;
  if (Failure failure = settings->finish())
    return failure;
  if (kind != Kind::Length && hasWeights)
    if (Failure failure = readTensors(path, step))
      return failure;
  result.steps.push_back(std::move(step));
  return Failure::none();
}

Failure ModuleReader::read(const Module &module) {
  std::string kind = module.kind();
  if (kind == "Transformer" || kind == "Dropout") // trains only
    return Failure::none();
  if (kind == "Pooling")
    return readPooling(folder + "/" + module.path + "/config.json");
  if (kind == "Normalize")
    return readStep(module, EmbeddingStep::Kind::Length);
  if (kind == "Dense")
    return readStep(module, EmbeddingStep::Kind::Linear);
  if (kind == "LayerNorm")
    return readStep(module, EmbeddingStep::Kind::LayerNorm);
  return Failure(folder + "/modules.json: error: module " + quote(module.type) +
                 " is not known; known are sentence_transformers' Transformer, "
                 "Pooling, Dense, Normalize, LayerNorm and Dropout. A copy of "
                 "the folder without modules.json compiles without it");
}

/// GGUF files have a number.
Result<std::optional<TextEmbedding>>
readPoolingType(const Checkpoint &checkpoint) {
  std::string arch = checkpoint.config().value("general.architecture", "");
  std::string key = arch + ".pooling_type";
  auto found = checkpoint.config().find(key);
  if (found == checkpoint.config().end())
    return std::optional<TextEmbedding>();
  TextEmbedding result;
  result.file = checkpoint.configName();
  int64_t type = found->is_number_integer() ? found->get<int64_t>() : -1;
  if (type == 1)
    result.pools = {PoolKind::Mean};
  else if (type == 2)
    result.pools = {PoolKind::First};
  else if (type == 3)
    result.pools = {PoolKind::Last};
  else if (type != 0)
    return Failure(
        result.file + ": error: " + key +
        " must be 0 (none), 1 (mean), 2 (cls) or 3 (last), found " +
        found->dump() +
        (type == 4 ? " (rank): a head that judges pairs of texts" : ""));
  return std::optional(std::move(result));
}

} // namespace

Result<std::optional<TextEmbedding>>
sinter::readTextEmbedding(const Checkpoint &checkpoint) {
  if (checkpoint.configKind() == CheckpointKind::Gguf)
    return readPoolingType(checkpoint);
  std::string folder = checkpoint.outerFolder();
  Result<std::vector<Module>> modules = readModules(folder);
  if (!modules)
    return modules.failure();
  if (modules->empty())
    return std::optional<TextEmbedding>();
  TextEmbedding result;
  ModuleReader reader(checkpoint, result);
  for (const Module &module : *modules)
    if (Failure failure = reader.read(module))
      return failure;
  std::string file = folder + "/modules.json";
  if (modules->front().kind() != "Transformer" ||
      std::count_if(modules->begin(), modules->end(), [](const Module &each) {
        return each.kind() == "Transformer";
      }) != 1)
    return Failure(file + ": error: expected one Transformer, before all other "
                          "modules");
  if (result.pools.empty())
    return Failure(file + ": error: there is no Pooling, so that texts have no "
                          "embedding");
  if (Failure failure = readTransformerSettings(checkpoint, result))
    return failure;
  if (Failure failure = readPrompts(folder, result))
    return failure;
  return std::optional(std::move(result));
}
