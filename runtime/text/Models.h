//===- Models.h - From words to tokens --------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// One class a family of models. Each holds scratch memory that is used again
// for the next word, so one belongs to one thread.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_MODELS_H
#define SINTER_RUNTIME_TEXT_MODELS_H

#include "runtime/text/MarkedText.h"
#include "runtime/text/TablesView.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::text {

/// A word of a text. Models look tokens up through it, so that marked bytes
/// never become a control token that is an ordinary piece of the vocabulary.
class Word {
public:
  Word(const TablesView &tables, const MarkedText &text, size_t begin,
       size_t end)
      : bytes(std::string_view(text.bytes).substr(begin, end - begin)),
        tables(tables), marks(text.marks), begin(begin) {}

  /// Whether the bytes at `at` may become `token`.
  bool allows(uint32_t token, size_t at, size_t size) const;
  /// The token of these bytes, or noToken.
  uint32_t lookUp(size_t at, size_t size) const;

  const std::string_view bytes;

private:
  const TablesView &tables;
  std::span<const Mark> marks;
  size_t begin; ///< in the text
};

/// Byte-pair encoding: joins the pair of neighbours that comes first, until
/// none can be joined. The work grows as n log n with the length of a word.
class BytePairEncoder {
public:
  explicit BytePairEncoder(const TablesView &tables) : tables(tables) {}
  /// Appends the tokens of `word`, valid UTF-8, to `out`.
  void encode(const Word &word, std::vector<uint32_t> &out);

private:
  static constexpr size_t none = SIZE_MAX;
  struct Symbol {
    uint32_t token; // noToken: text without a token
    size_t begin, size;
    size_t before, after; // neighbours, or none
  };
  struct Pair {
    uint32_t rank; // lower first, then the leftmost
    uint32_t token;
    size_t left;
    size_t size; // of both, to recognize a pair that is gone
    bool operator>(const Pair &other) const {
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };

  void splitBytes();
  void splitCharacters();
  void addSymbol(uint32_t token, size_t begin, size_t size);
  void addUnknown(size_t begin, size_t size);
  void propose(size_t left);
  void mergeAll();
  void write(std::vector<uint32_t> &out) const;

  const TablesView &tables;
  const Word *word = nullptr;
  std::vector<Symbol> symbols;
  std::vector<Pair> queue; // a heap
};

/// The segmentation whose tokens' scores have the greatest sum.
class UnigramEncoder {
public:
  explicit UnigramEncoder(const TablesView &tables);
  void encode(const Word &word, std::vector<uint32_t> &out);

private:
  struct Best {
    float score; // sums are of this type in the original, which decides ties
    size_t begin;
    uint32_t token;
  };
  void writePath(std::string_view word, std::vector<uint32_t> &out);

  const TablesView &tables;
  float unknownScore;
  std::vector<Best> best;   // of the word's first bytes, by their number
  std::vector<size_t> ends; // of the tokens chosen, last first
};

/// Takes the longest token from the left, again and again; a word with a part
/// that no token fits is unknown as a whole. Tokens that continue a word are
/// kept with U+0001 before their text.
class WordPieceEncoder {
public:
  explicit WordPieceEncoder(const TablesView &tables) : tables(tables) {}
  void encode(const Word &word, std::vector<uint32_t> &out);

private:
  const TablesView &tables;
  std::string key;
};

/// The tokens of bytes that no token covers: one a byte where all of them
/// have one, else the unknown token, else nothing.
void encodeUncovered(const TablesView &tables, std::string_view bytes,
                     std::vector<uint32_t> &out);

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_MODELS_H
