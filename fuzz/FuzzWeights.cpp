//===- FuzzWeights.cpp - Weight rules and the tensors they find -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: a spec with `config`, `weights` and `ignored`, a zero byte, a
// description of tensors (InputFolder.h). What parts of a model ask for stands
// in a section `ask` of this fuzzer's own: {name, layer, shape, role}. What the
// rules accept is made.
//
//===----------------------------------------------------------------------===//

#include "InputFolder.h"
#include "MutateTokens.h"
#include "spec/Bindings.h"
#include "spec/WeightRules.h"

using namespace sinter;

static constexpr uint64_t kMostNumbers = 1 << 20;

static std::optional<WeightRequest>
readRequest(const YamlNode &node, Scope &scope, Diagnostics &diagnostics) {
  Fields fields(node, "ask", scope, diagnostics);
  WeightRequest request;
  request.name = fields.text("name");
  request.layer = fields.integer("layer", -1, -1);
  request.role = fields.word<WeightRole>("role",
                                         {{"matrix", WeightRole::Matrix},
                                          {"table", WeightRole::Table},
                                          {"bias", WeightRole::Bias},
                                          {"gain", WeightRole::Gain}},
                                         WeightRole::Matrix);
  request.user = node.loc;
  // Parts ask for sizes that are positive, and none for a thing so large.
  for (double size : fields.numbers("shape"))
    if (size >= 1 && size <= kMostNumbers)
      request.shape.push_back(int64_t(size));
  bool isVector =
      request.role == WeightRole::Bias || request.role == WeightRole::Gain;
  if (request.shape.empty() || (!isVector && request.shape.size() < 2) ||
      countOf(request.shape).value_or(~0ull) > kMostNumbers)
    return std::nullopt;
  return request;
}

static void make(const Recipe &recipe, const WeightRequest &request) {
  llvm::Expected<WeightData> data = cook(recipe);
  if (!data)
    return llvm::consumeError(data.takeError());
  auto bytes = bytesFor(data->type, *countOf(request.shape));
  if (data->shape != request.shape || bytes != data->bytes().size())
    abort(); // The packer counts on what was inferred.
}

static void run(const Checkpoint &checkpoint, std::optional<uint64_t> seed,
                const YamlNode &root) {
  Diagnostics diagnostics;
  Bindings bindings(checkpoint, diagnostics);
  if (const YamlNode *config = root.find("config"))
    bindings.read(*config);
  WeightRules rules(checkpoint, seed, diagnostics);
  if (const YamlNode *weights = root.find("weights"))
    rules.read(*weights);
  bindings.isStored = [&](llvm::StringRef name) {
    return rules.isStored(name, 0, bindings);
  };
  if (const YamlNode *ask = root.find("ask"))
    for (const YamlNode &item : ask->items) {
      auto request = readRequest(item, bindings, diagnostics);
      if (!request)
        continue;
      (void)rules.isSharedByLayers(request->name, bindings);
      (void)rules.dot(request->name, request->name, request->layer, item.loc,
                      bindings);
      if (auto recipe = rules.resolve(*request, bindings))
        make(*recipe, *request);
    }
  rules.checkClaims(root.find("ignored"), bindings);
  llvm::consumeError(diagnostics.take());
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t most, unsigned seed) {
  return mutateTokens(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const InputFolder folder;
  static const std::string config =
      folder.write("config.json", R"({"hidden_size": 4, "kind": "b"})");
  llvm::StringRef all(reinterpret_cast<const char *>(data), size);
  auto [spec, tensors] = all.split('\0');
  Diagnostics diagnostics;
  YamlNode root = parseYaml(spec, "spec.yaml", diagnostics);
  bool failed = diagnostics.failed();
  llvm::consumeError(diagnostics.take());
  if (failed)
    return 0;
  std::string weights =
      folder.write("model.safetensors", safetensorsOf(tensors));
  if (auto checkpoint = Checkpoint::openParts(config, weights))
    run(*checkpoint, std::nullopt, root);
  if (auto checkpoint = Checkpoint::openConfig(config))
    run(*checkpoint, 1, root);
  return 0;
}
