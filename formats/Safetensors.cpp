//===- Safetensors.cpp - Reading safetensors ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Safetensors.h"

#include "formats/Json.h"
#include "formats/SafetensorsTypes.h"
#include "formats/Text.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sinter {

static_assert(std::endian::native == std::endian::little,
              "stored numbers are used as they lie in the file");

namespace {

using nlohmann::json;

constexpr uint64_t lengthBytes = 8;
constexpr size_t maxDims = 16;

/// The header's text, and where the data behind it begins.
struct Header {
  std::string text;
  uint64_t dataBegin = 0;
};

Result<Header> readHeader(const MappedFile &file) {
  auto fail = [&](const std::string &message) {
    return Failure(file.path() + ": error: " + message);
  };
  if (file.size() < lengthBytes)
    return fail("expected a safetensors file with 8 bytes of header length, "
                "but the file has " +
                std::to_string(file.size()) + " bytes");
  uint64_t length = 0;
  if (Failure failure = file.read(0, &length, lengthBytes))
    return failure;
  if (length > maxSafetensorsHeader)
    return fail("header length " + std::to_string(length) +
                " at byte 0 is over the format's limit of " +
                std::to_string(maxSafetensorsHeader) +
                "; is this a safetensors file?");
  if (length > file.size() - lengthBytes)
    return fail("the header ends at byte " +
                std::to_string(lengthBytes + length) + ", but the file has " +
                std::to_string(file.size()) + " bytes");
  Header header;
  header.text.resize(length);
  header.dataBegin = lengthBytes + length;
  if (Failure failure = file.read(lengthBytes, header.text.data(), length))
    return failure;
  if (length == 0 || header.text[0] != '{')
    return fail("expected '{' at byte 8, where a safetensors header begins");
  return header;
}

/// The value as an integer in [0, 2^63), which is all that sizes may be.
std::optional<uint64_t> asSize(const json &value) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() >> 63 != 0)
    return std::nullopt;
  return value.get<uint64_t>();
}

/// Checks one header entry and turns it into a tensor.
class EntryReader {
public:
  EntryReader(const std::string &name, const json &entry,
              const std::shared_ptr<const MappedFile> &file, uint64_t dataBegin)
      : entry(entry), dataBegin(dataBegin) {
    tensor.name = name;
    tensor.file = file;
  }

  Result<StoredTensor> read() {
    if (!entry.is_object())
      return fail("expected an object with dtype, shape and data_offsets");
    for (auto step : {&EntryReader::readType, &EntryReader::readShape,
                      &EntryReader::readOffsets})
      if (Failure failure = (this->*step)())
        return failure;
    return std::move(tensor);
  }

private:
  Failure fail(const std::string &message) const {
    return Failure(tensor.file->path() + ": error: tensor " +
                   quote(tensor.name) + ": " + message);
  }

  Failure readType() {
    auto dtype = entry.find("dtype");
    if (dtype == entry.end() || !dtype->is_string())
      return fail("expected a dtype");
    auto type = safetensorsTypeByName(dtype->get_ref<const std::string &>());
    if (!type)
      return fail("dtype " + quote(dtype->get_ref<const std::string &>()) +
                  " is not supported");
    tensor.type = *type;
    return Failure::none();
  }

  Failure readShape() {
    auto shape = entry.find("shape");
    if (shape == entry.end() || !shape->is_array())
      return fail("expected a shape, an array of integers");
    if (shape->size() > maxDims)
      return fail("shape has " + std::to_string(shape->size()) +
                  " dimensions, more than " + std::to_string(maxDims));
    for (const json &element : *shape) {
      auto dim = asSize(element);
      if (!dim)
        return fail("shape has " + quote(element.dump()) +
                    " where a size is expected");
      tensor.shape.push_back(int64_t(*dim));
    }
    auto count = countOf(tensor.shape);
    auto bytes = count ? bytesFor(tensor.type, *count) : std::nullopt;
    if (!bytes)
      return fail(describe(tensor.type, tensor.shape) + " is too large");
    tensor.count = *count;
    tensor.bytes = *bytes;
    return Failure::none();
  }

  Failure readOffsets() {
    auto offsets = entry.find("data_offsets");
    if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2)
      return fail("expected data_offsets, an array of two integers");
    auto begin = asSize((*offsets)[0]), end = asSize((*offsets)[1]);
    if (!begin || !end || *end < *begin)
      return fail("expected data_offsets in rising order, found " +
                  offsets->dump());
    if (*end - *begin != tensor.bytes)
      return fail(describe(tensor.type, tensor.shape) + " takes " +
                  std::to_string(tensor.bytes) +
                  " bytes, but data_offsets span " +
                  std::to_string(*end - *begin));
    uint64_t dataBytes = tensor.file->size() - dataBegin;
    if (*end > dataBytes)
      return fail("ends at byte " + std::to_string(*end) +
                  " of the data, but the file has " +
                  std::to_string(dataBytes) + " bytes of data");
    tensor.offset = dataBegin + *begin;
    return Failure::none();
  }

  const json &entry;
  uint64_t dataBegin;
  StoredTensor tensor;
};

/// The tensors, sorted by offset, must cover the data exactly.
Failure checkCoverage(const MappedFile &file,
                      const std::vector<StoredTensor> &tensors,
                      uint64_t dataBegin) {
  uint64_t end = dataBegin;
  const StoredTensor *previous = nullptr;
  for (const StoredTensor &tensor : tensors) {
    if (tensor.offset != end) {
      std::string found = " begins at byte " +
                          std::to_string(tensor.offset - dataBegin) +
                          " of the data, but ";
      found += previous ? "tensor " + quote(previous->name) + " before it ends"
                        : std::string("the data begins");
      return Failure(file.path() + ": error: tensor " + quote(tensor.name) +
                     found + " at byte " + std::to_string(end - dataBegin));
    }
    end = tensor.offset + tensor.bytes;
    previous = &tensor;
  }
  if (end != file.size())
    return Failure(file.path() + ": error: the tensors end at byte " +
                   std::to_string(end) + ", but the file has " +
                   std::to_string(file.size()) + " bytes");
  return Failure::none();
}

Failure readMetadata(const MappedFile &file, const json &entry,
                     std::map<std::string, std::string> &metadata) {
  if (!entry.is_object())
    return Failure(file.path() + ": error: __metadata__ is not an object");
  for (const auto &[key, value] : entry.items()) {
    if (!value.is_string())
      return Failure(file.path() +
                     ": error: __metadata__ has a value that is "
                     "not a string at key " +
                     quote(key));
    metadata.emplace(key, value.get_ref<const std::string &>());
  }
  return Failure::none();
}

} // namespace

const StoredTensor *Safetensors::find(std::string_view name) const {
  for (const StoredTensor &tensor : tensors)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

Result<Safetensors> readSafetensors(const std::string &path) {
  auto opened = MappedFile::open(path);
  if (!opened)
    return opened.failure();
  const std::shared_ptr<const MappedFile> &file = *opened;
  Result<Header> header = readHeader(*file);
  if (!header)
    return header.failure();
  JsonLimits limits;
  limits.maxDepth = 4;
  Result<json> tree = parseJson(header->text, path + ": header", limits);
  if (!tree)
    return tree.failure();

  Safetensors result;
  for (const auto &[name, entry] : tree->items()) {
    if (name == "__metadata__") {
      if (Failure failure = readMetadata(*file, entry, result.metadata))
        return failure;
      continue;
    }
    auto tensor = EntryReader(name, entry, file, header->dataBegin).read();
    if (!tensor)
      return tensor.failure();
    result.tensors.push_back(std::move(*tensor));
  }
  // Empty tensors share their offset with the one after them.
  std::sort(result.tensors.begin(), result.tensors.end(),
            [](const StoredTensor &a, const StoredTensor &b) {
              return std::tie(a.offset, a.bytes) < std::tie(b.offset, b.bytes);
            });
  if (Failure failure = checkCoverage(*file, result.tensors, header->dataBegin))
    return failure;
  return result;
}

} // namespace sinter
