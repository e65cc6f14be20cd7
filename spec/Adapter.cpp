//===- Adapter.cpp - What was learned beside a checkpoint -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Adapter.h"

#include "formats/Json.h"
#include "formats/Safetensors.h"
#include "formats/Text.h"

#include <cmath>
#include <limits>
#include <set>
#include <string_view>

using namespace sinter;

static Failure wrong(const std::string &file, const std::string &what) {
  return Failure(file + ": error: " + what);
}

Failure Adapter::readConfig(const nlohmann::json &config,
                            const std::string &file) {
  // What changes the formula, and what it is where it does not.
  for (std::string_view key :
       {"rank_pattern", "alpha_pattern", "use_dora", "modules_to_save", "bias",
        "lora_bias", "use_qalora", "alora_invocation_tokens",
        "trainable_token_indices", "layer_replication", "target_parameters"}) {
    auto value = config.find(key);
    bool plain = value == config.end() || value->is_null() || *value == false ||
                 *value == "none" || (value->is_structured() && value->empty());
    if (!plain)
      return wrong(file, std::string(key) + " " + value->dump() +
                             " is not supported");
  }
  auto r = config.find("r");
  if (r == config.end() || !r->is_number_integer() || !(*r > 0) ||
      !(*r <= std::numeric_limits<int32_t>::max()))
    return wrong(file, "r must be a positive whole number of 31 bits");
  rank = r->get<int64_t>();
  auto given = config.find("lora_alpha");
  if (given == config.end() || !given->is_number() || !(*given > 0))
    return wrong(file, "lora_alpha must be a positive number");
  alpha = given->get<double>();
  rootOfRank = config.value("use_rslora", nlohmann::json()) == true;
  turned = config.value("fan_in_fan_out", nlohmann::json()) == true;
  return Failure::none();
}

Failure Adapter::readTensors() {
  Result<Safetensors> read = readSafetensors(path);
  if (!read)
    return read.failure();
  constexpr std::string_view prefix = "base_model.model.";
  std::set<std::string> halves[2];
  for (const StoredTensor &tensor : read->tensors) {
    std::string_view name = tensor.name;
    bool isA = name.ends_with(".lora_A.weight");
    if (!name.starts_with(prefix) ||
        (!isA && !name.ends_with(".lora_B.weight")) ||
        tensor.shape.size() != 2 || !isRealType(tensor.type))
      return wrong(path, "tensor " + quote(tensor.name) + ", " +
                             describe(tensor.type, tensor.shape) +
                             ", is no low-rank part of a linear");
    name.remove_prefix(prefix.size());
    name.remove_suffix(std::string_view(".lora_A.weight").size());
    std::string changed = std::string(name) + ".weight";
    LowRank &change = byTensor[changed];
    (isA ? change.a : change.b) = tensor;
    halves[isA].insert(changed);
  }
  if (halves[0] != halves[1])
    return wrong(path, "some linears have only one of lora_A and lora_B");
  for (auto &[name, change] : byTensor) {
    if (change.a.shape[0] != rank || change.b.shape[1] != rank)
      return wrong(path, quote(change.a.name) + " and lora_B are " +
                             describe(change.a.type, change.a.shape) + " and " +
                             describe(change.b.type, change.b.shape) +
                             ", but r is " + std::to_string(rank));
    change.scale =
        alpha / (rootOfRank ? std::sqrt(double(rank)) : double(rank));
    change.turned = turned;
  }
  return Failure::none();
}

Result<Adapter> Adapter::open(const std::string &folder) {
  Adapter adapter;
  adapter.path = folder + "/adapter_model.safetensors";
  std::string file = folder + "/adapter_config.json";
  JsonLimits limits;
  limits.nonFinite = true;
  Result<nlohmann::json> config = readJson(file, limits);
  if (!config)
    return config.failure();
  if (!config->is_object())
    return wrong(file, "expected an object");
  auto type = config->find("peft_type");
  if (type != config->end() && type->is_string() &&
      LearnedPrompt::isKind(type->get_ref<const std::string &>())) {
    Result<LearnedPrompt> prompt =
        LearnedPrompt::read(*config, file, adapter.path);
    if (!prompt)
      return prompt.failure();
    adapter.learned = std::move(*prompt);
    return adapter;
  }
  if (type == config->end() || *type != "LORA")
    return wrong(file, "peft_type must be \"LORA\", \"PREFIX_TUNING\", "
                       "\"PROMPT_TUNING\" or \"P_TUNING\", but is " +
                           (type == config->end() ? "absent" : type->dump()));
  if (Failure failure = adapter.readConfig(*config, file))
    return failure;
  if (Failure failure = adapter.readTensors())
    return failure;
  return adapter;
}

Result<const LowRank *> Adapter::find(const StoredTensor &tensor) const {
  auto found = byTensor.find(tensor.name);
  // Checkpoints may lack the name of the part that has all layers.
  for (auto it = byTensor.begin();
       it != byTensor.end() && found == byTensor.end(); ++it)
    if (it->first.substr(it->first.find('.') + 1) == tensor.name)
      found = it;
  if (found == byTensor.end())
    return nullptr;
  const LowRank &change = found->second;
  std::vector<int64_t> shape = {change.b.shape[0], change.a.shape[1]};
  if (change.turned)
    std::swap(shape[0], shape[1]);
  if (tensor.shape != shape)
    return wrong(path, quote(change.a.name) + " and lora_B are for a tensor " +
                           describe(tensor.type, shape) + ", but " +
                           quote(tensor.name) + " is " +
                           describe(tensor.type, tensor.shape));
  return &change;
}

Failure LowRank::addTo(std::vector<float> &values) const {
  Result<std::vector<float>> downs = a.readAsF32(), ups = b.readAsF32();
  if (!downs)
    return downs.failure();
  if (!ups)
    return ups.failure();
  int64_t out = b.shape[0], rank = a.shape[0], in = a.shape[1];
  std::vector<float> row(static_cast<size_t>(in));
  for (int64_t o = 0; o < out; ++o) {
    std::fill(row.begin(), row.end(), 0.0f);
    for (int64_t r = 0; r < rank; ++r) {
      float up = (*ups)[size_t(o * rank + r)];
      const float *down = downs->data() + r * in;
      for (int64_t i = 0; i < in; ++i)
        row[size_t(i)] += up * down[i];
    }
    for (int64_t i = 0; i < in; ++i)
      values[size_t(turned ? i * out + o : o * in + i)] +=
          float(scale) * row[size_t(i)];
  }
  return Failure::none();
}
