//===- HuggingFaceTokenizer.h - A tokenizer.json and companions -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_HUGGINGFACETOKENIZER_H
#define SINTER_TEXT_HUGGINGFACETOKENIZER_H

#include "runtime/support/Result.h"
#include "text/GgufTokenizer.h"
#include "text/PatternCatalog.h"
#include "text/TablesWriter.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sinter::text {

/// The files beside a checkpoint's config.json that matter, parsed; absent
/// files are null.
struct HuggingFaceTokenizer {
  std::string file;                ///< of tokenizer.json, for messages
  nlohmann::json tokenizer;        ///< tokenizer.json, or one made of others
  bool made = false;               ///< it was
  nlohmann::json tokenizerConfig;  ///< tokenizer_config.json
  nlohmann::json specialTokensMap; ///< special_tokens_map.json
  nlohmann::json addedTokens;      ///< added_tokens.json
  nlohmann::json generationConfig; ///< generation_config.json
  nlohmann::json config;           ///< config.json
  std::string chatTemplate;        ///< chat_template.jinja, or empty
  /// The keys of tokenizer_config.json and of its extra_special_tokens as they
  /// stand there, which the trees do not tell.
  std::vector<std::string> configKeys, extraKeys;
};

/// Turns it into a description; `warnings` gets sentences for the user.
Result<TokenizerDescription> describe(const HuggingFaceTokenizer &source,
                                      const PatternCatalog &catalog,
                                      std::vector<std::string> &warnings);

/// Adds to a vocabulary of another file what the files beside it say: added
/// tokens, roles, stops, the chat template.
Failure addCompanions(const HuggingFaceTokenizer &source,
                      std::vector<std::string> &warnings, GgufTokenizer &to);

/// The chat template among the files, or none; `warnings` says when there are
/// several.
std::string chatTemplateOf(const HuggingFaceTokenizer &source,
                           std::vector<std::string> &warnings);

} // namespace sinter::text

#endif // SINTER_TEXT_HUGGINGFACETOKENIZER_H
