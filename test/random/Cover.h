//===- Cover.h - Choices that put all words together ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Two words of different dimensions are a pair. A pair is possible when the
// vocabulary lets both stand in one model that has a meaning; a cover makes
// choices until all possible pairs stood together in one (greedily, after
// Cohen, Dalal, Fredman and Patton 1997), then draws choices at random.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_RANDOM_COVER_H
#define SINTER_TEST_RANDOM_COVER_H

#include "test/random/Vocabulary.h"

#include <map>
#include <optional>
#include <random>
#include <set>

namespace sinter::random_models {

class Cover {
public:
  /// `fixed` are words, by dimension, that all choices have.
  Cover(uint64_t seed, std::map<size_t, size_t> fixed);

  /// A choice with a meaning.
  Choice next();
  /// Any choice, with a meaning or without.
  Choice draw();

  /// Whether choices so far put all pairs together.
  bool isComplete() const;
  /// Numbers of pairs: in models with a meaning, and those of `choice` that
  /// `count` was not given before.
  size_t possible() const { return possiblePairs; }
  size_t count(const Choice &choice);

private:
  struct Word {
    size_t dimension, value;
  };
  size_t indexOf(const Word &a, const Word &b) const;
  std::vector<Word> wordsOf(const Choice &choice) const;
  using Allowed = std::map<size_t, std::set<size_t>>; // values of dimensions
  void require(Word word, Allowed &allowed) const;
  std::optional<Choice> with(const std::vector<Word> &some,
                             std::vector<bool> &locked) const;
  std::optional<Choice> withPair(const Word &a, const Word &b,
                                 std::vector<bool> &locked) const;
  void findPossible();
  Choice fill(Choice choice, std::vector<bool> locked);
  size_t gainOf(const Choice &choice, Word word,
                const std::vector<bool> &assigned) const;

  std::mt19937_64 random;
  std::map<size_t, size_t> fixed;
  std::vector<size_t> firstWord; // of each dimension
  std::vector<Word> words;
  std::vector<char> wanted;   // pairs, by index: possible and not chosen yet
  std::vector<char> counted;  // pairs given to count()
  std::vector<size_t> depths; // of needs, by dimension
  size_t possiblePairs = 0;
};

} // namespace sinter::random_models

#endif // SINTER_TEST_RANDOM_COVER_H
