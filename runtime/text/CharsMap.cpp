//===- CharsMap.cpp - Walking the double-array trie -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/CharsMap.h"
#include "runtime/text/Utf8.h"

#include <cstdint>
#include <cstring>

namespace sinter::text {

namespace {
/// Units of the trie pack four fields: the label's byte (with bit 31 for a
/// unit that holds a value), whether a value follows, and the offset to the
/// children, scaled by 256 where bit 9 is set.
struct Trie {
  std::string_view units;

  bool unit(uint64_t index, uint32_t &out) const {
    if (index >= units.size() / 4)
      return false;
    std::memcpy(&out, units.data() + index * 4, 4);
    return true;
  }
  static bool hasValue(uint32_t unit) { return unit >> 8 & 1; }
  static uint32_t value(uint32_t unit) { return unit & 0x7fffffff; }
  static uint32_t label(uint32_t unit) { return unit & 0x800000ff; }
  static uint32_t offset(uint32_t unit) {
    return (unit >> 10) << ((unit & 0x200) >> 6);
  }

  /// The longest key that starts `text`: its length (0: none) and value.
  size_t longest(std::string_view text, uint32_t &found) const {
    size_t length = 0;
    uint32_t current;
    if (!unit(0, current))
      return 0;
    uint64_t node = offset(current);
    for (size_t i = 0; i < text.size(); ++i) {
      auto byte = static_cast<unsigned char>(text[i]);
      node ^= byte;
      if (!unit(node, current) || label(current) != byte)
        break;
      node ^= offset(current);
      uint32_t leaf;
      if (hasValue(current) && unit(node, leaf)) {
        found = value(leaf);
        length = i + 1;
      }
    }
    return length;
  }
};
} // namespace

MarkedText applyCharsMap(std::string_view map, const MarkedText &marked) {
  uint32_t trieSize = 0;
  if (map.size() < 4)
    return marked;
  std::memcpy(&trieSize, map.data(), 4);
  if (trieSize > map.size() - 4)
    return marked;
  Trie trie{map.substr(4, trieSize)};
  std::string_view texts = map.substr(4 + trieSize);
  std::string_view text = marked.bytes;
  MarkedText out;
  out.bytes.reserve(text.size());
  for (size_t pos = 0; pos < text.size();) {
    uint32_t value = 0;
    size_t length = trie.longest(text.substr(pos), value);
    if (length > 0 && value < texts.size()) {
      std::string_view with = texts.substr(value);
      out.append(with.substr(0, with.find('\0')),
                 marked.isMarked(pos, pos + length));
    } else {
      length = sizeAt(text, pos);
      out.append(marked, text.substr(pos, length));
    }
    pos += length;
  }
  return out;
}

} // namespace sinter::text
