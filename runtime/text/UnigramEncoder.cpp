//===- UnigramEncoder.cpp - Most probable segmentation --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Models.h"
#include "runtime/text/Utf8.h"

#include <algorithm>
#include <limits>

namespace sinter::text {

/// How much less than the worst token an unknown code point scores, as
/// SentencePiece has it.
static constexpr float unknownPenalty = 10;

UnigramEncoder::UnigramEncoder(const TablesView &tables) : tables(tables) {
  auto scores = tables.section<float>(SectionKind::TokenScores);
  auto kinds = tables.section<TokenKind>(SectionKind::TokenKinds);
  float least = std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < scores.size(); ++i)
    if (kinds[i] == TokenKind::Normal)
      least = std::min(least, scores[i]);
  unknownScore = least - unknownPenalty;
}

void UnigramEncoder::encode(const Word &marked, std::vector<uint32_t> &out) {
  std::string_view word = marked.bytes;
  constexpr float nothing = -std::numeric_limits<float>::infinity();
  auto scores = tables.section<float>(SectionKind::TokenScores);
  best.assign(word.size() + 1, {nothing, 0, noToken});
  best[0].score = 0;
  for (size_t begin = 0; begin < word.size();) {
    size_t character = sizeAt(word, begin);
    size_t longest =
        std::min<size_t>(tables.header().longestToken, word.size() - begin);
    bool covered = false;
    auto offer = [&](size_t size, float score, uint32_t token) {
      float sum = best[begin].score + score;
      if (sum > best[begin + size].score)
        best[begin + size] = {sum, begin, token};
    };
    for (size_t size = character; size <= longest;) {
      uint32_t token = marked.lookUp(begin, size);
      if (token != noToken) {
        offer(size, scores[token], token);
        covered |= size == character;
      }
      size += begin + size < word.size() ? sizeAt(word, begin + size) : 1;
    }
    if (!covered)
      offer(character, unknownScore, noToken);
    begin += character;
  }
  writePath(word, out);
}

void UnigramEncoder::writePath(std::string_view word,
                               std::vector<uint32_t> &out) {
  ends.clear();
  for (size_t end = word.size(); end > 0; end = best[end].begin)
    ends.push_back(end);
  for (size_t i = ends.size(); i-- > 0;) {
    uint32_t token = best[ends[i]].token;
    if (token != noToken) {
      out.push_back(token);
      continue;
    }
    // A run of unknown code points is one unknown stretch.
    size_t begin = best[ends[i]].begin;
    while (tables.hasFlag(FuseUnknown) && i > 0 &&
           best[ends[i - 1]].token == noToken)
      --i;
    encodeUncovered(tables, word.substr(begin, ends[i] - begin), out);
  }
}

} // namespace sinter::text
