//===- WordPieceEncoder.cpp - Longest match first -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Models.h"
#include "runtime/text/Utf8.h"

#include <algorithm>

namespace sinter::text {

/// Words of more code points are unknown without a look, as in the original.
static constexpr size_t longestWord = 100;

void WordPieceEncoder::encode(const Word &marked, std::vector<uint32_t> &out) {
  std::string_view word = marked.bytes;
  size_t count = out.size();
  size_t characters = 0;
  for (size_t pos = 0; pos < word.size(); pos += sizeAt(word, pos))
    ++characters;
  bool fits = characters <= longestWord;
  for (size_t begin = 0; begin < word.size() && fits;) {
    key.assign(begin > 0 ? "\1" : "");
    size_t extra = key.size();
    key += word.substr(begin);
    uint32_t token = noToken;
    for (; key.size() > extra; key.resize(startBefore(key, key.size()))) {
      token = tables.lookUp(key);
      if (token != noToken && marked.allows(token, begin, key.size() - extra))
        break;
      token = noToken;
    }
    fits = token != noToken;
    out.push_back(token);
    begin += key.size() - extra;
  }
  if (fits)
    return;
  out.resize(count);
  if (tables.header().unknownToken != noToken)
    out.push_back(tables.header().unknownToken);
}

} // namespace sinter::text
