//===- SafetensorsWriter.cpp - Writing safetensors ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Safetensors.h"
#include "formats/SafetensorsTypes.h"
#include "formats/Text.h"

#include <nlohmann/json.hpp>

#include <cstring>

namespace sinter {

namespace {

/// The header of the file: length and JSON, padded so that data is aligned.
Result<std::string> formatHeader(const nlohmann::json &tree,
                                 const std::string &path) {
  constexpr size_t alignment = 8;
  using nlohmann::json;
  std::string text = tree.dump(-1, ' ', false, json::error_handler_t::replace);
  text.resize((text.size() + alignment - 1) / alignment * alignment, ' ');
  if (text.size() > maxSafetensorsHeader)
    return Failure(path + ": error: too many tensors for a safetensors header");
  uint64_t length = text.size();
  char lengthBytes[sizeof(length)];
  memcpy(lengthBytes, &length, sizeof(length));
  return std::string(lengthBytes, sizeof(length)) + text;
}

} // namespace

Result<SafetensorsWriter>
SafetensorsWriter::create(const std::string &path,
                          std::vector<TensorDeclaration> tensors,
                          const std::map<std::string, std::string> &metadata) {
  nlohmann::json tree = nlohmann::json::object();
  if (!metadata.empty())
    tree["__metadata__"] = metadata;
  std::vector<Slot> slots;
  uint64_t end = 0;
  for (TensorDeclaration &tensor : tensors) {
    auto fail = [&](const std::string &message) {
      return Failure(path + ": error: tensor " + quote(tensor.name) + ": " +
                     message);
    };
    std::string_view dtype = safetensorsNameOf(tensor.type);
    if (dtype.empty())
      return fail("safetensors has no type " +
                  std::string(nameOf(tensor.type)));
    auto count = countOf(tensor.shape);
    auto bytes = count ? bytesFor(tensor.type, *count) : std::nullopt;
    uint64_t begin = end;
    if (!bytes || __builtin_add_overflow(begin, *bytes, &end) || end >> 62)
      return fail(describe(tensor.type, tensor.shape) + " is too large");
    nlohmann::json entry = {{"dtype", dtype},
                            {"shape", tensor.shape},
                            {"data_offsets", {begin, end}}};
    if (!isUtf8(tensor.name) || tensor.name == "__metadata__" ||
        !tree.emplace(tensor.name, std::move(entry)).second)
      return fail("the name is taken or not valid");
    slots.push_back({std::move(tensor.name), begin, *bytes, *bytes});
  }
  Result<std::string> header = formatHeader(tree, path);
  if (!header)
    return header.failure();
  Result<OutputFile> output = OutputFile::create(path);
  if (!output)
    return output.failure();
  if (Failure failure = output->write(0, std::as_bytes(std::span(*header))))
    return failure;
  for (Slot &slot : slots)
    slot.offset += header->size();
  return SafetensorsWriter(std::move(*output), std::move(slots));
}

Failure SafetensorsWriter::write(size_t tensor, uint64_t begin,
                                 std::span<const std::byte> bytes) {
  if (tensor >= slots.size())
    return Failure(output.path() + ": error: tensor number " +
                   std::to_string(tensor) + " was not declared");
  Slot &slot = slots[tensor];
  if (begin > slot.bytes || bytes.size() > slot.bytes - begin ||
      bytes.size() > slot.missing)
    return Failure(output.path() + ": error: tensor " + quote(slot.name) +
                   " has " + std::to_string(slot.bytes) +
                   " bytes, and more were written");
  slot.missing -= bytes.size();
  return output.write(slot.offset + begin, bytes);
}

Failure SafetensorsWriter::finish() {
  for (const Slot &slot : slots)
    if (slot.missing != 0)
      return Failure(output.path() + ": error: tensor " + quote(slot.name) +
                     " lacks " + std::to_string(slot.missing) + " bytes");
  return output.finish();
}

} // namespace sinter
