//===- Json.h - JSON from untrusted files -----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A parse of bounded depth and size that refuses duplicate keys (two readers
// would disagree on which one counts) and says line and column.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_JSON_H
#define SINTER_FORMATS_JSON_H

#include "runtime/support/Result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sinter {

struct JsonLimits {
  uint32_t maxDepth = 64;           ///< nested arrays and objects
  uint64_t maxBytes = 256ull << 20; ///< of text
  uint64_t maxValues = 16ull << 20; ///< of all kinds
  /// Whether Infinity, -Infinity and NaN are numbers, as Python writes them.
  bool nonFinite = false;
};

/// Parses `text`; `file` names it in messages ("file:line:column: error").
/// Numbers outside the range of double are an error. A byte order mark at the
/// start is skipped.
Result<nlohmann::json> parseJson(std::string_view text, const std::string &file,
                                 const JsonLimits &limits = {});

/// The same, keeping the order of keys, for what will be printed again.
Result<nlohmann::ordered_json> parseOrderedJson(std::string_view text,
                                                const std::string &file,
                                                const JsonLimits &limits = {});

/// Reads and parses a file.
Result<nlohmann::json> readJson(const std::string &path,
                                const JsonLimits &limits = {});

/// From 1; 0 is nowhere.
struct TextPlace {
  uint32_t line = 0, column = 0;
};

/// Where the key at a path ("a.b" descends into objects) stands, for messages
/// about its value.
TextPlace placeOfKey(std::string_view text, std::string_view path);

} // namespace sinter

#endif // SINTER_FORMATS_JSON_H
