//===- FuzzAdapter.cpp - Adapters: their settings and tensors -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: an adapter_config.json, a zero byte, a description of tensors
// (InputFolder.h). Every change is then made to a tensor of its shape.
//
//===----------------------------------------------------------------------===//

#include "InputFolder.h"
#include "MutateTokens.h"
#include "spec/Adapter.h"

using namespace sinter;

/// Checks what the adapter says of a tensor, and changes it.
static void use(const Adapter &adapter, const std::string &name,
                const LowRank &change) {
  StoredTensor tensor;
  tensor.name = name;
  tensor.shape = {change.b.shape[0], change.a.shape[1]};
  if (change.turned)
    std::swap(tensor.shape[0], tensor.shape[1]);
  Result<const LowRank *> found = adapter.find(tensor);
  if (!found || *found != &change)
    abort();
  std::optional<uint64_t> count = countOf(tensor.shape);
  if (!count || *count > 1 << 20)
    return;
  std::vector<float> values(*count);
  if (change.addTo(values))
    abort(); // Its tensors were there when it was opened.
  tensor.shape.push_back(2);
  if (adapter.find(tensor))
    abort();
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t most, unsigned seed) {
  return mutateTokens(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const InputFolder folder;
  std::string_view all(reinterpret_cast<const char *>(data), size);
  size_t split = std::min(all.find('\0'), size);
  std::string_view tensors = all.substr(std::min(split + 1, size));
  folder.write("adapter_config.json", all.substr(0, split));
  folder.write("adapter_model.safetensors", safetensorsOf(tensors));
  Result<Adapter> adapter = Adapter::open(folder.path());
  if (!adapter)
    return 0;
  for (const auto &[name, change] : adapter->changes())
    use(*adapter, name, change);
  const LearnedPrompt *prompt = adapter->prompt();
  if (prompt && countOf({{prompt->tokens, prompt->width}}) !=
                    uint64_t(prompt->rows.size()))
    abort();
  return 0;
}
