//===- Tokenizer.cpp - Text to tokens and back ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Tokenizer.h"
#include "runtime/text/AddedTokens.h"
#include "runtime/text/Models.h"
#include "runtime/text/Normalize.h"
#include "runtime/text/Split.h"

#include <algorithm>

namespace sinter::text {

Result<Tokenizer> Tokenizer::open(std::span<const std::byte> bytes) {
  Result<TablesView> view = TablesView::open(bytes);
  if (!view)
    return view.failure();
  return Tokenizer(*view);
}

//===----------------------------------------------------------------------===//
// Text to tokens
//===----------------------------------------------------------------------===//

namespace {
/// One call of encode: what its stages share.
class Encoding {
public:
  Encoding(const TablesView &tables, bool parseSpecial,
           std::vector<uint32_t> &out)
      : tables(tables), parseSpecial(parseSpecial), out(out), pairs(tables),
        unigram(tables), wordPiece(tables) {}

  void encodeText(const MarkedText &text, TextPlace place) {
    for (const AddedMatch &part :
         splitAdded(tables, TrieRoot::Raw, text, parseSpecial)) {
      if (part.token != noToken)
        out.push_back(part.token);
      else if (part.end - part.begin == text.size())
        encodeRaw(text, place);
      else
        encodeRaw(text.part(part.begin, part.end), placeOf(part, place));
    }
  }

private:
  /// Where a part of a text at `place` stands.
  static TextPlace placeOf(const AddedMatch &part, TextPlace place) {
    return part.begin == 0 ? place : TextPlace::AfterToken;
  }

  /// Text without raw added tokens.
  void encodeRaw(MarkedText raw, TextPlace place) {
    MarkedText text = normalize(tables, std::move(raw), place);
    for (const AddedMatch &part :
         splitAdded(tables, TrieRoot::Normalized, text, parseSpecial)) {
      if (part.token != noToken) {
        out.push_back(part.token);
        continue;
      }
      Pieces pieces = splitText(tables, text.part(part.begin, part.end),
                                placeOf(part, place));
      for (auto [begin, end] : pieces.ranges)
        encodeWord(Word(tables, pieces.text, begin, end));
    }
  }

  void encodeWord(const Word &word) {
    switch (tables.header().model) {
    case ModelKind::Unigram:
      return unigram.encode(word, out);
    case ModelKind::WordPiece:
      return wordPiece.encode(word, out);
    default:
      return pairs.encode(word, out);
    }
  }

  const TablesView &tables;
  bool parseSpecial;
  std::vector<uint32_t> &out;
  BytePairEncoder pairs;
  UnigramEncoder unigram;
  WordPieceEncoder wordPiece;
};
} // namespace

std::vector<uint32_t> Tokenizer::encode(std::string_view bytes,
                                        const EncodeOptions &options) const {
  return encode(MarkedText::plain(repairUtf8(bytes)), options);
}

/// Puts the tokens of `text` around those that are known.
static void encodeAround(Encoding &encoding, const MarkedText &text,
                         std::span<const KnownTokens> known,
                         std::vector<uint32_t> &tokens) {
  if (known.empty())
    return encoding.encodeText(text, TextPlace::Start);
  size_t done = 0;
  auto encodeUpTo = [&](size_t end) {
    encoding.encodeText(text.part(done, end),
                        done == 0 ? TextPlace::Start : TextPlace::Inside);
  };
  for (const KnownTokens &part : known) {
    encodeUpTo(part.begin);
    tokens.insert(tokens.end(), part.tokens.begin(), part.tokens.end());
    done = part.end;
  }
  encodeUpTo(text.size());
}

std::vector<uint32_t>
Tokenizer::encode(const MarkedText &text, const EncodeOptions &options,
                  std::span<const KnownTokens> known) const {
  std::vector<uint32_t> tokens;
  auto append = [&](SectionKind kind) {
    auto extra = tables.section<uint32_t>(kind);
    tokens.insert(tokens.end(), extra.begin(), extra.end());
  };
  if (options.addSpecial)
    append(SectionKind::PrefixTokens);
  size_t before = tokens.size();
  Encoding encoding(tables, options.parseSpecial, tokens);
  encodeAround(encoding, text, known, tokens);
  size_t after = 0;
  if (options.addSpecial)
    after = tables.section<uint32_t>(SectionKind::SuffixTokens).size();
  size_t room = options.most - std::min(options.most, before + after);
  if (size_t found = tokens.size() - before; found > room) {
    auto cut = tokens.begin() + ptrdiff_t(before);
    cut += options.losesFirst ? 0 : ptrdiff_t(room);
    tokens.erase(cut, cut + ptrdiff_t(found - room));
  }
  if (options.addSpecial)
    append(SectionKind::SuffixTokens);
  return tokens;
}

uint32_t Tokenizer::find(std::string_view text) const {
  for (const AddedToken &added :
       tables.section<AddedToken>(SectionKind::AddedTokens))
    if (tables.token(added.token) == text)
      return added.token;
  return tables.lookUp(text);
}

//===----------------------------------------------------------------------===//
// Kinds
//===----------------------------------------------------------------------===//

bool Tokenizer::isSpecial(uint32_t token) const {
  auto kinds = tables.section<TokenKind>(SectionKind::TokenKinds);
  return token < kinds.size() && kinds[token] == TokenKind::Control;
}

bool Tokenizer::isControl(uint32_t token) const {
  return text::isControl(tables, token);
}

bool Tokenizer::isStop(uint32_t token) const {
  return std::ranges::binary_search(stopTokens(), token) ||
         (atTurns && std::ranges::binary_search(turnStops(), token));
}

std::span<const uint32_t> Tokenizer::stopTokens() const {
  return tables.section<uint32_t>(SectionKind::StopTokens);
}

std::span<const uint32_t> Tokenizer::turnStops() const {
  return tables.section<uint32_t>(SectionKind::TurnStops);
}

std::string_view Tokenizer::chatTemplate() const {
  return tables.bytes(SectionKind::ChatTemplate);
}

//===----------------------------------------------------------------------===//
// Tokens to text
//===----------------------------------------------------------------------===//

std::string Tokenizer::decode(std::span<const uint32_t> tokens,
                              bool skipSpecial) const {
  std::string text;
  StreamDecoder decoder(*this, skipSpecial);
  for (uint32_t token : tokens)
    decoder.push(token, text);
  decoder.finish(text);
  return text;
}

void StreamDecoder::push(uint32_t token, std::string &out) {
  if (skipSpecial && tokenizer->isSpecial(token))
    return;
  std::string_view bytes = tokenizer->piece(token);
  if (bytes.empty())
    return;
  if (atStart && bytes[0] == ' ' && tokenizer->tables.hasFlag(StripFirstSpace))
    bytes.remove_prefix(1);
  atStart = false;
  stream.push(bytes, out);
}

void StreamDecoder::finish(std::string &out) {
  stream.finish(out);
  atStart = true;
}

} // namespace sinter::text
