//===- NamedTokens.h - Tokens that the files beside name --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// tokenizer_config.json, special_tokens_map.json and added_tokens.json name
// tokens, some of which no vocabulary has. What each may say and which of them
// counts is what the library "transformers" makes of them.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_NAMEDTOKENS_H
#define SINTER_TEXT_NAMEDTOKENS_H

#include "runtime/support/Result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::text {

struct HuggingFaceTokenizer;

/// A token, and how it is found in text.
struct NamedToken {
  std::string text;
  uint32_t flags = 0;      ///< of AddedFlag
  bool normalized = false; ///< looked for in normalized text
  bool operator==(const NamedToken &) const = default;
};

/// A token as these files write it, {"content": ..., "rstrip": ...}; members
/// that are absent have the values of the original.
NamedToken tokenOf(const nlohmann::json &object);

struct NamedTokens {
  /// Those that come with an id, in its order. New ones need not get it.
  std::map<uint64_t, NamedToken> placed;
  /// Those that have a role or are just special, in the order in which new
  /// ones get ids.
  std::vector<NamedToken> others;
  /// The tokens' texts by role: "bos_token", ...
  std::map<std::string, std::string, std::less<>> roles;

  /// The text of the role's token, empty where there is none.
  std::string role(std::string_view name) const;
};

Result<NamedTokens> readNamedTokens(const HuggingFaceTokenizer &source);

} // namespace sinter::text

#endif // SINTER_TEXT_NAMEDTOKENS_H
