//===- Gguf.h - Reading GGUF files ------------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// GGUF (versions 2 and 3, little-endian): typed key-value metadata, then tensor
// descriptions, then aligned data. Nothing here knows an architecture. Scalars
// and strings are in memory; arrays (a vocabulary has 10^5 strings) stay in the
// file until asked for.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_GGUF_H
#define SINTER_FORMATS_GGUF_H

#include "formats/StoredTensor.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace sinter {

/// The file's own numbering of value types.
enum class GgufType : uint32_t {
  U8,
  I8,
  U16,
  I16,
  U32,
  I32,
  F32,
  Bool,
  String,
  Array,
  U64,
  I64,
  F64
};

/// "u8", "string", ...
std::string_view nameOf(GgufType type);

/// An array of the metadata: where it is, checked to lie within the file.
struct GgufArray {
  GgufType elementType = GgufType::U8;
  uint64_t count = 0;
  uint64_t offset = 0; ///< of the first element, in the file
  uint64_t bytes = 0;  ///< of all elements
};

struct GgufEntry {
  std::string key;
  GgufType type = GgufType::U8;
  /// u8...u64 as uint64_t, i8...i64 as int64_t, f32 and f64 as double.
  std::variant<uint64_t, int64_t, double, bool, std::string, GgufArray> value;
};

class GgufFile {
public:
  /// Maps the file and checks everything but the tensors' values.
  static Result<GgufFile> open(const std::string &path);

  const std::string &path() const { return file->path(); }
  uint32_t version() const { return formatVersion; }
  uint64_t alignment() const { return dataAlignment; }
  /// In file order.
  const std::vector<GgufEntry> &entries() const { return metadata; }
  /// In file order; shapes are row-major (the file's order reversed).
  const std::vector<StoredTensor> &tensors() const { return tensorList; }

  /// The entry, or null.
  const GgufEntry *find(std::string_view key) const;

  // Typed access. Each fails when the key is missing or of another type; the
  // message names file, key, what was expected and what was found.

  /// An integer of any width, or an error when it does not fit.
  Result<int64_t> getInt(std::string_view key) const;
  /// A float, or an integer converted.
  Result<double> getFloat(std::string_view key) const;
  Result<bool> getBool(std::string_view key) const;
  /// Raw bytes: not necessarily valid UTF-8.
  Result<std::string> getString(std::string_view key) const;
  /// The array's place and type; elements through the functions below.
  Result<GgufArray> getArray(std::string_view key) const;

  Result<std::vector<int64_t>> getInts(std::string_view key) const;
  Result<std::vector<double>> getFloats(std::string_view key) const;
  Result<std::vector<bool>> getBools(std::string_view key) const;
  Result<std::vector<std::string>> getStrings(std::string_view key) const;

  // The elements of an array that came from this file (also a nested one).

  Result<std::vector<int64_t>> readInts(const GgufArray &array) const;
  Result<std::vector<double>> readFloats(const GgufArray &array) const;
  Result<std::vector<bool>> readBools(const GgufArray &array) const;
  Result<std::vector<std::string>> readStrings(const GgufArray &array) const;
  Result<std::vector<GgufArray>> readArrays(const GgufArray &array) const;

private:
  friend class GgufParser;
  GgufFile() = default;

  std::shared_ptr<const MappedFile> file;
  uint32_t formatVersion = 0;
  uint64_t dataAlignment = 32;
  std::vector<GgufEntry> metadata;
  std::vector<StoredTensor> tensorList;
  std::unordered_map<std::string, size_t> entryByKey;
};

} // namespace sinter

#endif // SINTER_FORMATS_GGUF_H
