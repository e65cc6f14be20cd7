//===- Gguf.cpp - Access to the metadata of a GGUF file -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Gguf.h"

#include "formats/GgufCursor.h"
#include "formats/Text.h"

#include <limits>

namespace sinter {

namespace {

constexpr uint64_t maxInt = uint64_t(std::numeric_limits<int64_t>::max());

bool isInteger(GgufType type) {
  return sizeOf(type) && type != GgufType::F32 && type != GgufType::F64 &&
         type != GgufType::Bool;
}

} // namespace

const GgufEntry *GgufFile::find(std::string_view key) const {
  auto found = entryByKey.find(std::string(key));
  return found == entryByKey.end() ? nullptr : &metadata[found->second];
}

/// The entry when `accepts` its type, or an error that says what was expected.
template <typename Accepts>
static Result<const GgufEntry *>
entryOfType(const GgufFile &gguf, std::string_view key, const char *expected,
            Accepts accepts) {
  const GgufEntry *entry = gguf.find(key);
  if (!entry)
    return Failure(gguf.path() + ": error: key " + quote(key) +
                   " is missing; expected " + expected);
  if (!accepts(entry->type))
    return Failure(gguf.path() + ": error: key " + quote(key) + ": expected " +
                   expected + ", found " + std::string(nameOf(entry->type)));
  return entry;
}

Result<int64_t> GgufFile::getInt(std::string_view key) const {
  auto entry = entryOfType(*this, key, "an integer", isInteger);
  if (!entry)
    return entry.failure();
  if (auto *value = std::get_if<int64_t>(&(*entry)->value))
    return *value;
  uint64_t value = std::get<uint64_t>((*entry)->value);
  if (value > maxInt)
    return Failure(path() + ": error: key " + quote(key) + ": " +
                   std::to_string(value) + " is too large");
  return int64_t(value);
}

Result<double> GgufFile::getFloat(std::string_view key) const {
  auto entry = entryOfType(*this, key, "a number", [](GgufType type) {
    return sizeOf(type) && type != GgufType::Bool;
  });
  if (!entry)
    return entry.failure();
  const auto &value = (*entry)->value;
  if (auto *integer = std::get_if<int64_t>(&value))
    return double(*integer);
  if (auto *integer = std::get_if<uint64_t>(&value))
    return double(*integer);
  return std::get<double>(value);
}

Result<bool> GgufFile::getBool(std::string_view key) const {
  auto entry = entryOfType(*this, key, "a bool", [](GgufType type) {
    return type == GgufType::Bool;
  });
  if (!entry)
    return entry.failure();
  return std::get<bool>((*entry)->value);
}

Result<std::string> GgufFile::getString(std::string_view key) const {
  auto entry = entryOfType(*this, key, "a string", [](GgufType type) {
    return type == GgufType::String;
  });
  if (!entry)
    return entry.failure();
  return std::get<std::string>((*entry)->value);
}

Result<GgufArray> GgufFile::getArray(std::string_view key) const {
  auto entry = entryOfType(*this, key, "an array", [](GgufType type) {
    return type == GgufType::Array;
  });
  if (!entry)
    return entry.failure();
  return std::get<GgufArray>((*entry)->value);
}

//===----------------------------------------------------------------------===//
// Elements of arrays
//===----------------------------------------------------------------------===//

/// Collects what `readOne(cursor, value)` reads for each element.
template <typename T, typename ReadOne>
static Result<std::vector<T>>
readElements(const MappedFile &file, const GgufArray &array, ReadOne readOne) {
  GgufCursor cursor(file, array.offset, array.offset + array.bytes);
  cursor.setContext("array at byte " + std::to_string(array.offset));
  std::vector<T> values;
  values.reserve(array.count);
  for (uint64_t i = 0; i < array.count; ++i) {
    T value;
    if (!readOne(cursor, value))
      return cursor.failure();
    values.push_back(std::move(value));
  }
  return values;
}

/// An error unless elements are of the expected type.
static Failure checkElements(const std::string &path, const GgufArray &array,
                             bool accepted, const char *expected) {
  if (accepted)
    return Failure::none();
  return Failure(path + ": error: array at byte " +
                 std::to_string(array.offset) + ": expected " + expected +
                 ", found " + std::string(nameOf(array.elementType)));
}

Result<std::vector<int64_t>> GgufFile::readInts(const GgufArray &array) const {
  GgufType type = array.elementType;
  if (auto failure = checkElements(path(), array, isInteger(type), "integers"))
    return failure;
  return readElements<int64_t>(
      *file, array, [&](GgufCursor &cursor, int64_t &value) {
        if (type != GgufType::U64)
          return cursor.scalarAs(type, value);
        uint64_t wide;
        if (!cursor.number(wide))
          return false;
        value = int64_t(wide);
        return wide <= maxInt ||
               cursor.fail(std::to_string(wide) + " is too large");
      });
}

Result<std::vector<double>> GgufFile::readFloats(const GgufArray &array) const {
  GgufType type = array.elementType;
  bool accepted = sizeOf(type) && type != GgufType::Bool;
  if (auto failure = checkElements(path(), array, accepted, "numbers"))
    return failure;
  return readElements<double>(*file, array,
                              [&](GgufCursor &cursor, double &value) {
                                float narrow;
                                switch (type) {
                                case GgufType::F64:
                                  return cursor.number(value);
                                case GgufType::F32:
                                  if (!cursor.number(narrow))
                                    return false;
                                  value = narrow;
                                  return true;
                                default:
                                  return cursor.scalarAs(type, value);
                                }
                              });
}

Result<std::vector<bool>> GgufFile::readBools(const GgufArray &array) const {
  bool accepted = array.elementType == GgufType::Bool;
  if (auto failure = checkElements(path(), array, accepted, "bools"))
    return failure;
  return readElements<bool>(*file, array, [](GgufCursor &cursor, bool &value) {
    uint8_t byte;
    if (!cursor.number(byte))
      return false;
    value = byte == 1;
    return byte <= 1 || cursor.fail("expected 0 or 1 for a bool, found " +
                                    std::to_string(byte));
  });
}

Result<std::vector<std::string>>
GgufFile::readStrings(const GgufArray &array) const {
  bool accepted = array.elementType == GgufType::String;
  if (auto failure = checkElements(path(), array, accepted, "strings"))
    return failure;
  return readElements<std::string>(*file, array,
                                   [&](GgufCursor &cursor, std::string &value) {
                                     return cursor.string(value, array.bytes);
                                   });
}

Result<std::vector<GgufArray>>
GgufFile::readArrays(const GgufArray &array) const {
  bool accepted = array.elementType == GgufType::Array;
  if (auto failure = checkElements(path(), array, accepted, "arrays"))
    return failure;
  return readElements<GgufArray>(
      *file, array,
      [](GgufCursor &cursor, GgufArray &value) { return cursor.array(value); });
}

/// The elements of the array at `key`, read by `read`; errors name the key.
template <typename T, typename Read>
static Result<T> readAt(const GgufFile &gguf, std::string_view key, Read read) {
  Result<GgufArray> array = gguf.getArray(key);
  if (!array)
    return array.failure();
  Result<T> values = (gguf.*read)(*array);
  if (values)
    return values;
  std::string prefix = gguf.path() + ": error: ";
  return Failure(prefix + "key " + quote(key) + ": " +
                 values.message().substr(prefix.size()));
}

Result<std::vector<int64_t>> GgufFile::getInts(std::string_view key) const {
  return readAt<std::vector<int64_t>>(*this, key, &GgufFile::readInts);
}

Result<std::vector<double>> GgufFile::getFloats(std::string_view key) const {
  return readAt<std::vector<double>>(*this, key, &GgufFile::readFloats);
}

Result<std::vector<bool>> GgufFile::getBools(std::string_view key) const {
  return readAt<std::vector<bool>>(*this, key, &GgufFile::readBools);
}

Result<std::vector<std::string>>
GgufFile::getStrings(std::string_view key) const {
  return readAt<std::vector<std::string>>(*this, key, &GgufFile::readStrings);
}

} // namespace sinter
