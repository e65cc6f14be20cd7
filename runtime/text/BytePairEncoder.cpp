//===- BytePairEncoder.cpp - Byte-pair encoding ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Models.h"
#include "runtime/text/Utf8.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace sinter::text {

/// Scores as ranks: the greater the score, the lower the rank.
static uint32_t rankOfScore(float score) {
  uint32_t bits = std::bit_cast<uint32_t>(score);
  uint32_t ascending = bits & 0x80000000 ? ~bits : bits | 0x80000000;
  return ~ascending;
}

static const MergeSlot *findMerge(const TablesView &tables, uint32_t left,
                                  uint32_t right) {
  auto slots = tables.section<MergeSlot>(SectionKind::MergeSlots);
  size_t mask = slots.size() - 1;
  for (size_t at = hashPair(left, right) & mask;; at = (at + 1) & mask) {
    if (slots[at].left == noToken)
      return nullptr;
    if (slots[at].left == left && slots[at].right == right)
      return &slots[at];
  }
}

void encodeUncovered(const TablesView &tables, std::string_view bytes,
                     std::vector<uint32_t> &out) {
  auto byteTokens = tables.section<uint32_t>(SectionKind::ByteTokens);
  auto tokenOf = [&](char byte) {
    return byteTokens[static_cast<unsigned char>(byte)];
  };
  if (std::all_of(bytes.begin(), bytes.end(),
                  [&](char byte) { return tokenOf(byte) != noToken; })) {
    for (char byte : bytes)
      out.push_back(tokenOf(byte));
    return;
  }
  uint32_t unknown = tables.header().unknownToken;
  if (unknown != noToken)
    out.push_back(unknown);
}

void BytePairEncoder::addSymbol(uint32_t token, size_t begin, size_t size) {
  size_t index = symbols.size();
  if (index > 0)
    symbols.back().after = index;
  symbols.push_back({token, begin, size, index > 0 ? index - 1 : none, none});
}

/// Bytes without a token are not text to a byte-level model: they vanish.
void BytePairEncoder::splitBytes() {
  auto byteTokens = tables.section<uint32_t>(SectionKind::ByteTokens);
  for (size_t pos = 0; pos < word->bytes.size(); ++pos) {
    uint32_t token = byteTokens[static_cast<unsigned char>(word->bytes[pos])];
    if (token != noToken)
      addSymbol(token, pos, 1);
    else if (tables.header().unknownToken != noToken)
      addUnknown(pos, 1);
  }
}

/// A code point that is no token of its own takes part in merges as its bytes
/// or as the unknown token.
void BytePairEncoder::addUnknown(size_t begin, size_t size) {
  std::vector<uint32_t> tokens;
  encodeUncovered(tables, word->bytes.substr(begin, size), tokens);
  if (tokens.size() == size && tokens[0] != tables.header().unknownToken) {
    for (size_t i = 0; i < size; ++i)
      addSymbol(tokens[i], begin + i, 1);
  } else if (!tokens.empty()) {
    bool fuse = tables.hasFlag(FuseUnknown) && !symbols.empty() &&
                symbols.back().token == tokens[0];
    if (fuse)
      symbols.back().size += size;
    else
      addSymbol(tokens[0], begin, size);
  }
}

void BytePairEncoder::splitCharacters() {
  bool byScore = tables.header().model == ModelKind::MergeByScore;
  for (size_t pos = 0; pos < word->bytes.size();) {
    size_t size = sizeAt(word->bytes, pos);
    uint32_t token = word->lookUp(pos, size);
    if (token != noToken || byScore)
      addSymbol(token, pos, size);
    else
      addUnknown(pos, size);
    pos += size;
  }
}

/// Puts the pair that starts at symbol `left` into the queue if it can merge.
void BytePairEncoder::propose(size_t left) {
  if (left == none || symbols[left].after == none)
    return;
  const Symbol &first = symbols[left], &second = symbols[first.after];
  size_t size = first.size + second.size;
  Pair pair{0, noToken, left, size};
  if (tables.header().model == ModelKind::MergeByScore) {
    if (size > tables.header().longestToken)
      return;
    pair.token = word->lookUp(first.begin, size);
    if (pair.token == noToken)
      return;
    pair.rank = rankOfScore(
        tables.section<float>(SectionKind::TokenScores)[pair.token]);
  } else {
    const MergeSlot *merge = findMerge(tables, first.token, second.token);
    if (!merge || !word->allows(merge->result, first.begin, size))
      return;
    pair.rank = merge->rank;
    pair.token = merge->result;
  }
  queue.push_back(pair);
  std::push_heap(queue.begin(), queue.end(), std::greater<>());
}

void BytePairEncoder::mergeAll() {
  queue.clear();
  for (size_t i = 0; i < symbols.size(); ++i)
    propose(i);
  while (!queue.empty()) {
    std::pop_heap(queue.begin(), queue.end(), std::greater<>());
    Pair pair = queue.back();
    queue.pop_back();
    Symbol &left = symbols[pair.left];
    // A symbol that was merged away has size 0. Symbols only grow, so where
    // the sum of sizes is as it was, the pair is.
    if (left.size == 0 || left.after == none ||
        left.size + symbols[left.after].size != pair.size)
      continue;
    Symbol &right = symbols[left.after];
    left.token = pair.token;
    left.size = pair.size;
    left.after = right.after;
    if (right.after != none)
      symbols[right.after].before = pair.left;
    right.size = 0;
    propose(left.before);
    propose(pair.left);
  }
}

void BytePairEncoder::write(std::vector<uint32_t> &out) const {
  bool unknownBefore = false;
  for (size_t i = symbols.empty() ? none : 0; i != none; i = symbols[i].after) {
    const Symbol &symbol = symbols[i];
    if (symbol.token != noToken) {
      out.push_back(symbol.token);
      unknownBefore = false;
      continue;
    }
    size_t count = out.size();
    encodeUncovered(tables, word->bytes.substr(symbol.begin, symbol.size), out);
    bool unknown =
        out.size() == count + 1 && out.back() == tables.header().unknownToken;
    if (unknown && unknownBefore && tables.hasFlag(FuseUnknown))
      out.pop_back();
    unknownBefore = unknown;
  }
}

void BytePairEncoder::encode(const Word &text, std::vector<uint32_t> &out) {
  word = &text;
  if (tables.hasFlag(IgnoreMerges)) {
    uint32_t whole = text.lookUp(0, text.bytes.size());
    if (whole != noToken) {
      out.push_back(whole);
      return;
    }
  }
  symbols.clear();
  if (tables.header().model == ModelKind::MergeBytes)
    splitBytes();
  else
    splitCharacters();
  mergeAll();
  write(out);
}

} // namespace sinter::text
