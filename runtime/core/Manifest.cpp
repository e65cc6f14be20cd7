//===- Manifest.cpp - What a compiled model says of itself ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Manifest.h"
#include "formats/Json.h"

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

Result<Manifest> Manifest::read(const SinterModel &model) {
  if (model.abi != SINTER_ABI)
    return Failure("this model was compiled for version " +
                   std::to_string(model.abi) +
                   " of the runtime's interface, this is version " +
                   std::to_string(SINTER_ABI) + "; compile it again");
  Result<json> tree = parseJson(model.manifest, "the program's manifest");
  if (!tree)
    return tree.failure();

  Manifest manifest;
  manifest.kind = text(*tree, "kind");
  manifest.name = text(*tree, "name");
  manifest.vocab = number(*tree, "vocab");
  manifest.context = number(*tree, "context");
  manifest.parameters = number(*tree, "parameters");
  manifest.tokenBytes = number(*tree, "token_bytes");
  if (manifest.tokenBytes <= 0)
    manifest.tokenBytes = model.weightsBytes;
  for (int64_t i = 0; i < model.entryCount; ++i) {
    const SinterEntry &code = model.entries[i];
    EntryDescription &entry = manifest.entries.emplace_back();
    entry.code = &code;
    if (!tree->contains("entries") || !(*tree)["entries"].contains(code.name))
      return Failure(std::string("the program's manifest lacks entry \"") +
                     code.name + "\"");
    entry.inputs = readTensors((*tree)["entries"][code.name], "inputs");
    entry.outputs = readTensors((*tree)["entries"][code.name], "outputs");
  }
  if (manifest.vocab <= 0 || manifest.context <= 0)
    return Failure("the program's manifest lacks \"vocab\" or \"context\"");
  return manifest;
}

const EntryDescription *Manifest::entry(const std::string &name) const {
  for (const EntryDescription &entry : entries)
    if (name == entry.code->name)
      return &entry;
  return nullptr;
}

} // namespace sinter
