//===- Tokenizer.h - Text to tokens and back, from tables -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What a program knows of its tokenizer. The tables were made when compiling;
// here they are only read, so this needs no Unicode library and no locale.
// A Tokenizer may be shared by threads; a StreamDecoder belongs to one text.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_TOKENIZER_H
#define SINTER_RUNTIME_TEXT_TOKENIZER_H

#include "runtime/support/Result.h"
#include "runtime/text/MarkedText.h"
#include "runtime/text/TablesView.h"
#include "runtime/text/Utf8.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::text {

struct EncodeOptions {
  /// Put the tokenizer's own prefix and suffix (begin of text, ...) around.
  bool addSpecial = true;
  /// Read the text of a special token as that token, not as plain text.
  bool parseSpecial = false;
  /// Text that gives more tokens, prefix and suffix included, loses its last
  /// ones (or its first).
  size_t most = SIZE_MAX;
  bool losesFirst = false;
};

/// The tokens of the bytes from `begin` to `end`, where they are known.
struct KnownTokens {
  size_t begin, end;
  std::span<const uint32_t> tokens;
};

class Tokenizer {
public:
  /// Checks all of `tables` (TokenizerTables.h), which must outlive the
  /// tokenizer and start at a multiple of 8 bytes.
  static Result<Tokenizer> open(std::span<const std::byte> tables);

  /// The tokens of `bytes`. What is not UTF-8 is first replaced by U+FFFD as
  /// Python's bytes.decode("utf-8", errors="replace") does.
  std::vector<uint32_t> encode(std::string_view bytes,
                               const EncodeOptions &options = {}) const;

  /// The same, but control tokens are found only where nothing is marked, and
  /// `known` (in order, not overlapping) are taken as they are.
  std::vector<uint32_t> encode(const MarkedText &text,
                               const EncodeOptions &options = {},
                               std::span<const KnownTokens> known = {}) const;

  /// Number of tokens; ids are below it.
  uint32_t size() const { return tables.header().tokens; }
  /// The bytes that `token` stands for; empty for an id out of range.
  std::string_view piece(uint32_t token) const { return tables.piece(token); }
  /// The token's text in the vocabulary.
  std::string_view tokenText(uint32_t token) const {
    return tables.token(token);
  }
  /// The token whose vocabulary text is `text` (special ones too), or noToken.
  uint32_t find(std::string_view text) const;
  /// True for tokens that are not text (begin, end, roles in a chat, ...).
  bool isSpecial(uint32_t token) const;
  /// True for tokens that text from outside must not become: special ones, and
  /// those that begin a text or end it, whatever the checkpoint calls them.
  bool isControl(uint32_t token) const;
  /// True when generation ends at `token`.
  bool isStop(uint32_t token) const;
  /// All tokens that generation ends at, in ascending order.
  std::span<const uint32_t> stopTokens() const;
  /// Those that end a turn in the chat template, where it writes no stop.
  std::span<const uint32_t> turnStops() const;
  /// From now on generation ends at turnStops(), too.
  void stopAtTurns() { atTurns = true; }
  /// noToken where the tokenizer has none.
  uint32_t beginToken() const { return tables.header().beginToken; }
  uint32_t endToken() const { return tables.header().endToken; }
  uint32_t padToken() const { return tables.header().padToken; }
  uint32_t unknownToken() const { return tables.header().unknownToken; }
  /// The checkpoint's chat template (Jinja2), empty if it has none.
  std::string_view chatTemplate() const;

  /// The text of `tokens`, as a StreamDecoder gives it.
  std::string decode(std::span<const uint32_t> tokens,
                     bool skipSpecial = true) const;

private:
  friend class StreamDecoder;
  explicit Tokenizer(TablesView view) : tables(view) {}
  TablesView tables;
  bool atTurns = false;
};

/// Turns tokens into text one by one. Bytes of a code point that is not yet
/// complete are held back, so that what is written is always valid UTF-8.
class StreamDecoder {
public:
  /// `tokenizer` must outlive the decoder. A decoder that continues a text
  /// (not `atStart`) keeps a leading space that a text's start would lose.
  explicit StreamDecoder(const Tokenizer &tokenizer, bool skipSpecial = true,
                         bool atStart = true)
      : tokenizer(&tokenizer), skipSpecial(skipSpecial), atStart(atStart) {}

  /// Appends what `token` completes to `out`.
  void push(uint32_t token, std::string &out);
  /// Appends U+FFFD if the text ends within a code point, and starts anew.
  void finish(std::string &out);

private:
  const Tokenizer *tokenizer;
  bool skipSpecial;
  bool atStart;
  Utf8Stream stream;
};

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_TOKENIZER_H
