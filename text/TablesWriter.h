//===- TablesWriter.h - Makes a tokenizer's tables --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The importers fill in a description in plain terms; this turns it into the
// buffer of runtime/text/TokenizerTables.h, hash tables and tries included.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_TABLESWRITER_H
#define SINTER_TEXT_TABLESWRITER_H

#include "runtime/support/Result.h"
#include "text/PatternCompiler.h"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace sinter::text {

struct TokenDescription {
  std::string text;  ///< what the model looks up (raw bytes if byte-level)
  std::string piece; ///< what decoding gives
  TokenKind kind = TokenKind::Unused;
  float score = 0;
  bool inModel = false; ///< the model may produce it
};

struct MergeDescription {
  uint32_t left, right, result;
};

struct AddedDescription {
  uint32_t token = 0;
  std::string text;
  uint32_t flags = 0;      ///< of AddedFlag
  bool normalized = false; ///< looked for in normalized text; is so itself
};

struct TokenizerDescription {
  ModelKind model = ModelKind::MergeBytes;
  uint32_t flags = 0; ///< of TablesFlag
  std::vector<TokenDescription> tokens;
  std::vector<MergeDescription> merges; ///< the first merges first
  std::array<uint32_t, 256> byteTokens; ///< noToken where there is none
  std::vector<AddedDescription> added;
  std::vector<TextStep> normalizeSteps, splitSteps;
  std::string stepText;
  PatternCompiler patterns;
  std::string charsMap;
  uint32_t unknown = noToken, begin = noToken, end = noToken, pad = noToken;
  std::vector<uint32_t> prefix, suffix, stops, turnStops;
  std::string chatTemplate;

  TokenizerDescription() { byteTokens.fill(noToken); }

  /// Appends `text` to stepText; gives its offset.
  uint32_t addText(std::string_view text);
  void split(uint32_t program, SplitBehavior behavior, bool invert = false) {
    splitSteps.push_back({StepKind::SplitPattern, program,
                          static_cast<uint32_t>(behavior), invert});
  }
  /// Isolates the matches of `pattern`.
  Failure splitBy(std::string_view pattern,
                  const PatternCompiler::Options &options,
                  SplitBehavior behavior = SplitBehavior::Isolated,
                  bool invert = false);
  void prependText(std::string_view text);
  /// Puts `text` before each piece, or the text's first, that lacks it.
  void prefixPieces(std::string_view text, bool onlyFirst);
  void replace(uint32_t program, std::string_view with,
               std::vector<TextStep> &steps);
  Failure replace(std::string_view pattern, std::string_view with);
  /// The normalization of models that see words without spaces: no control
  /// characters, every space a plain one, no accents or capitals if asked.
  Failure normalizeWords(bool stripAccents, bool lowercase);
  /// Makes each Chinese character a piece.
  Failure splitIdeographs();
  /// Splits as those do: at spaces, around punctuation.
  Failure splitWords();
};

/// `texts` as the normalizer that `by` describes leaves them.
Result<std::vector<std::string>> normalizeTexts(const TokenizerDescription &by,
                                                std::vector<std::string> texts);

/// The tables, which Tokenizer::open has accepted. Fails when the description
/// is too large or contradicts itself.
Result<std::vector<std::byte>> writeTables(const TokenizerDescription &from);

} // namespace sinter::text

#endif // SINTER_TEXT_TABLESWRITER_H
