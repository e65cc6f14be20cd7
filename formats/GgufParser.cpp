//===- GgufParser.cpp - Parsing the header of a GGUF file -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Layout: "GGUF", u32 version, u64 tensor count, u64 entry count; entries (key,
// u32 type, value); tensors (name, u32 rank, u64 dimensions from the fastest
// on, u32 type, u64 offset into the data); padding to the alignment; data.
//
//===----------------------------------------------------------------------===//

#include "formats/Gguf.h"
#include "formats/GgufCursor.h"
#include "formats/GgufTypes.h"
#include "formats/Text.h"

#include <algorithm>
#include <bit>
#include <unordered_set>

namespace sinter {

namespace {

constexpr uint64_t maxKeyLength = 1 << 16;
constexpr uint64_t maxStringLength = 1 << 26;
constexpr uint64_t maxEntries = 1 << 20;
constexpr uint64_t maxTensors = 1 << 20;
constexpr uint64_t maxAlignment = 1 << 20;
constexpr uint32_t maxRank = 8;
/// No entry or tensor takes fewer bytes: length, type, and a byte of value;
/// length, rank, type, offset.
constexpr uint64_t minEntryBytes = 13, minTensorBytes = 24;

} // namespace

class GgufParser {
public:
  explicit GgufParser(GgufFile &gguf)
      : gguf(gguf), cursor(*gguf.file, 0, gguf.file->size()) {}

  Failure parse() {
    bool parsed = parseCounts() && parseEntries() && findAlignment() &&
                  parseTensors() && placeTensors();
    return parsed ? Failure::none() : cursor.failure();
  }

private:
  bool parseCounts();
  bool parseEntries();
  bool parseValue(GgufEntry &entry);
  bool findAlignment();
  bool parseTensors();
  bool parseShape(StoredTensor &tensor);
  bool parseType(StoredTensor &tensor);
  bool placeTensors();
  bool name(std::string &text, const char *what, uint64_t number);

  GgufFile &gguf;
  GgufCursor cursor;
  uint64_t tensorCount = 0;
  uint64_t entryCount = 0;
};

bool GgufParser::parseCounts() {
  char magic[4];
  uint32_t version;
  if (!cursor.number(magic))
    return false;
  if (std::string_view(magic, 4) != "GGUF")
    return cursor.fail("expected \"GGUF\" at byte 0, found " +
                       quote(std::string_view(magic, 4)));
  if (!cursor.number(version))
    return false;
  if (version != 0 && (version & 0xffff) == 0)
    return cursor.fail("the file is big-endian, which is not supported");
  if (version < 2 || version > 3)
    return cursor.fail("expected GGUF version 2 or 3, found " +
                       std::to_string(version));
  gguf.formatVersion = version;
  if (!cursor.number(tensorCount) || !cursor.number(entryCount))
    return false;
  uint64_t bytes = cursor.remaining();
  if (entryCount > maxEntries || entryCount > bytes / minEntryBytes)
    return cursor.fail("the file is too small for " +
                       std::to_string(entryCount) + " metadata entries");
  if (tensorCount > maxTensors || tensorCount > bytes / minTensorBytes)
    return cursor.fail("the file is too small for " +
                       std::to_string(tensorCount) + " tensors");
  return true;
}

/// A key or a tensor's name, which must be UTF-8 as it goes into messages,
/// JSON and IR.
bool GgufParser::name(std::string &text, const char *what, uint64_t number) {
  cursor.setContext(std::string(what) + " number " + std::to_string(number));
  if (!cursor.string(text, maxKeyLength))
    return false;
  cursor.setContext(std::string(what) + " " + quote(text));
  return isUtf8(text) || cursor.fail("the name is not valid UTF-8");
}

bool GgufParser::parseEntries() {
  for (uint64_t i = 0; i < entryCount; ++i) {
    GgufEntry entry;
    if (!name(entry.key, "key", i) || !parseValue(entry))
      return false;
    if (!gguf.entryByKey.emplace(entry.key, i).second)
      return cursor.fail("appears twice");
    gguf.metadata.push_back(std::move(entry));
  }
  return true;
}

bool GgufParser::parseValue(GgufEntry &entry) {
  uint32_t type;
  if (!cursor.number(type))
    return false;
  if (type > uint32_t(GgufType::F64))
    return cursor.fail("unknown value type " + std::to_string(type));
  entry.type = GgufType(type);
  switch (entry.type) {
  case GgufType::U8:
  case GgufType::U16:
  case GgufType::U32:
  case GgufType::U64:
    return cursor.scalarAs(entry.type, entry.value.emplace<uint64_t>());
  case GgufType::I8:
  case GgufType::I16:
  case GgufType::I32:
  case GgufType::I64:
    return cursor.scalarAs(entry.type, entry.value.emplace<int64_t>());
  case GgufType::F32: {
    float value;
    if (!cursor.number(value))
      return false;
    entry.value = double(value);
    return true;
  }
  case GgufType::F64:
    return cursor.number(entry.value.emplace<double>());
  case GgufType::Bool: {
    uint8_t value;
    if (!cursor.number(value))
      return false;
    entry.value = value == 1;
    return value <= 1 || cursor.fail("expected 0 or 1 for a bool, found " +
                                     std::to_string(value));
  }
  case GgufType::String:
    return cursor.string(entry.value.emplace<std::string>(), maxStringLength);
  case GgufType::Array:
    return cursor.array(entry.value.emplace<GgufArray>());
  }
  return false;
}

bool GgufParser::findAlignment() {
  if (!gguf.find("general.alignment"))
    return true;
  cursor.setContext("key \"general.alignment\"");
  Result<int64_t> alignment = gguf.getInt("general.alignment");
  if (!alignment || *alignment <= 0 || *alignment > int64_t(maxAlignment) ||
      !std::has_single_bit(uint64_t(*alignment)))
    return cursor.fail("expected a power of two of at most " +
                       std::to_string(maxAlignment));
  gguf.dataAlignment = uint64_t(*alignment);
  return true;
}

bool GgufParser::parseTensors() {
  std::unordered_set<std::string> names;
  for (uint64_t i = 0; i < tensorCount; ++i) {
    StoredTensor tensor;
    tensor.file = gguf.file;
    if (!name(tensor.name, "tensor", i))
      return false;
    if (!names.insert(tensor.name).second)
      return cursor.fail("appears twice");
    if (!parseShape(tensor) || !parseType(tensor) ||
        !cursor.number(tensor.offset))
      return false;
    gguf.tensorList.push_back(std::move(tensor));
  }
  return true;
}

bool GgufParser::parseShape(StoredTensor &tensor) {
  uint32_t rank;
  if (!cursor.number(rank))
    return false;
  if (rank > maxRank)
    return cursor.fail("has " + std::to_string(rank) +
                       " dimensions, more than " + std::to_string(maxRank));
  for (uint32_t i = 0; i < rank; ++i) {
    int64_t dim;
    if (!cursor.number(dim))
      return false;
    if (dim < 0)
      return cursor.fail("dimension " + std::to_string(i) + " is too large");
    tensor.shape.push_back(dim);
  }
  std::reverse(tensor.shape.begin(), tensor.shape.end());
  return true;
}

bool GgufParser::parseType(StoredTensor &tensor) {
  uint32_t number;
  if (!cursor.number(number))
    return false;
  const GgufTensorType *known = ggufTensorType(number);
  if (!known || !known->type)
    return cursor.fail("type " + std::to_string(number) +
                       (known ? " (" + std::string(known->name) + ")" : "") +
                       " is not supported");
  tensor.type = *known->type;
  // Blocks do not cross rows.
  uint64_t row = tensor.shape.empty() ? 1 : uint64_t(tensor.shape.back());
  if (row % infoOf(tensor.type).blockSize != 0)
    return cursor.fail(describe(tensor.type, tensor.shape) +
                       " has rows that are not a multiple of " +
                       std::to_string(infoOf(tensor.type).blockSize));
  auto count = countOf(tensor.shape);
  auto bytes = count ? bytesFor(tensor.type, *count) : std::nullopt;
  if (!bytes)
    return cursor.fail(describe(tensor.type, tensor.shape) + " is too large");
  tensor.count = *count;
  tensor.bytes = *bytes;
  return true;
}

/// Makes offsets absolute and checks that tensors lie in the file, apart from
/// each other.
bool GgufParser::placeTensors() {
  uint64_t align = gguf.dataAlignment, fileSize = gguf.file->size();
  uint64_t dataBegin = (cursor.position() + align - 1) / align * align;
  std::vector<const StoredTensor *> byOffset;
  for (StoredTensor &tensor : gguf.tensorList) {
    cursor.setContext("tensor " + quote(tensor.name));
    if (tensor.offset % align != 0)
      return cursor.fail("offset " + std::to_string(tensor.offset) +
                         " is not a multiple of the alignment, " +
                         std::to_string(align));
    uint64_t end;
    if (__builtin_add_overflow(tensor.offset, dataBegin, &tensor.offset) ||
        __builtin_add_overflow(tensor.offset, tensor.bytes, &end))
      return cursor.fail("its offset is too large");
    if (end > fileSize && tensor.bytes != 0)
      return cursor.fail(describe(tensor.type, tensor.shape) +
                         " ends at byte " + std::to_string(end) +
                         ", but the file has " + std::to_string(fileSize) +
                         " bytes");
    // The place of no bytes does not matter, as long as it can be named.
    if (tensor.bytes == 0)
      tensor.offset = std::min(tensor.offset, fileSize);
    else
      byOffset.push_back(&tensor);
  }
  std::sort(byOffset.begin(), byOffset.end(),
            [](auto *a, auto *b) { return a->offset < b->offset; });
  for (size_t i = 1; i < byOffset.size(); ++i) {
    const StoredTensor &before = *byOffset[i - 1];
    if (before.offset + before.bytes <= byOffset[i]->offset)
      continue;
    cursor.setContext("tensor " + quote(byOffset[i]->name));
    return cursor.fail("begins at byte " + std::to_string(byOffset[i]->offset) +
                       ", but tensor " + quote(before.name) +
                       " before it ends at byte " +
                       std::to_string(before.offset + before.bytes));
  }
  return true;
}

Result<GgufFile> GgufFile::open(const std::string &path) {
  auto opened = MappedFile::open(path);
  if (!opened)
    return opened.failure();
  GgufFile gguf;
  gguf.file = std::move(*opened);
  if (Failure failure = GgufParser(gguf).parse())
    return failure;
  return gguf;
}

} // namespace sinter
