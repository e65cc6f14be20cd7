//===- GgufTokenizer.h - A tokenizer in GGUF's terms ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The metadata under "tokenizer." as plain data, and its import.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_GGUFTOKENIZER_H
#define SINTER_TEXT_GGUFTOKENIZER_H

#include "runtime/support/Result.h"
#include "text/PatternCatalog.h"
#include "text/TablesWriter.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sinter::text {

/// How a token is found in text.
struct TokenMatching {
  uint32_t flags = 0;      ///< of AddedFlag
  bool normalized = false; ///< looked for in normalized text
};

/// Field by field what the keys hold; absent keys leave the default.
struct GgufTokenizer {
  std::string file;                       ///< for messages
  ModelKind kind = ModelKind::MergeBytes; ///< tokenizer.ggml.model
  std::string pre;                        ///< .pre
  std::vector<std::string> tokens;        ///< .tokens
  std::vector<double> scores;             ///< .scores
  std::vector<int64_t> kinds;             ///< .token_type
  std::vector<std::string> merges;        ///< .merges
  std::string charsMap;                   ///< .precompiled_charsmap, as bytes
  std::optional<bool> addBegin;           ///< .add_bos_token
  std::optional<bool> addEnd;             ///< .add_eos_token
  std::optional<bool> addSpace;           ///< .add_space_prefix
  std::optional<bool> joinSpaces;         ///< .remove_extra_whitespaces
  bool spaceAtStart = false;    ///< a space is added at the text's start alone
  std::optional<int64_t> begin; ///< .bos_token_id
  std::optional<int64_t> end;   ///< .eos_token_id
  std::optional<int64_t> turnEnd;    ///< .eot_token_id
  std::optional<int64_t> messageEnd; ///< .eom_token_id
  std::optional<int64_t> unknown;    ///< .unknown_token_id
  std::optional<int64_t> separator;  ///< .seperator_token_id (sic)
  std::optional<int64_t> pad;        ///< .padding_token_id
  std::optional<int64_t> classify;   ///< .cls_token_id
  std::vector<int64_t> stops; ///< of other files: they count, not the above
  std::string chatTemplate;   ///< tokenizer.chat_template
  std::map<uint32_t, TokenMatching> matching; ///< where it isn't the usual
  std::map<std::string, std::string> names;   ///< texts of some keys
};

/// Turns it into a description; `warnings` gets sentences for the user.
Result<TokenizerDescription> describe(const GgufTokenizer &source,
                                      const PatternCatalog &catalog,
                                      std::vector<std::string> &warnings);

} // namespace sinter::text

#endif // SINTER_TEXT_GGUFTOKENIZER_H
