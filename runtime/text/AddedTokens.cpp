//===- AddedTokens.cpp - Finding added tokens -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/AddedTokens.h"
#include "runtime/text/Utf8.h"

#include <algorithm>

namespace sinter::text {

/// The first two sets of every tokenizer, which the importer puts there.
static constexpr uint32_t spaceSet = 0, wordSet = 1;

/// The longest added token that starts at text[pos]; null if none does.
static const AddedToken *longestAt(const TablesView &tables, TrieRoot root,
                                   std::string_view text, size_t pos,
                                   size_t &end) {
  auto nodes = tables.section<TrieNode>(SectionKind::TrieNodes);
  auto edges = tables.section<TrieEdge>(SectionKind::TrieEdges);
  auto added = tables.section<AddedToken>(SectionKind::AddedTokens);
  const AddedToken *found = nullptr;
  uint32_t node = static_cast<uint32_t>(root);
  for (size_t begin = pos;; ++pos) {
    // Damaged tables may have a token of no bytes, which would be found
    // forever.
    if (nodes[node].added && pos > begin) {
      found = &added[nodes[node].added - 1];
      end = pos;
    }
    if (pos == text.size())
      return found;
    auto byte = static_cast<unsigned char>(text[pos]);
    auto own = edges.subspan(nodes[node].firstEdge, nodes[node].edges);
    auto edge = std::lower_bound(
        own.begin(), own.end(), byte,
        [](const TrieEdge &edge, uint32_t byte) { return edge.byte < byte; });
    if (edge == own.end() || edge->byte != byte)
      return found;
    node = edge->target;
  }
}

static bool setBefore(const TablesView &tables, uint32_t set,
                      std::string_view text, size_t pos) {
  return pos > 0 && tables.contains(set, codeAt(text, startBefore(text, pos)));
}

static bool setAt(const TablesView &tables, uint32_t set, std::string_view text,
                  size_t pos) {
  return pos < text.size() && tables.contains(set, codeAt(text, pos));
}

std::vector<AddedMatch> splitAdded(const TablesView &tables, TrieRoot root,
                                   std::string_view text, bool parseSpecial) {
  std::vector<AddedMatch> parts;
  auto nodes = tables.section<TrieNode>(SectionKind::TrieNodes);
  size_t done = 0;
  bool any = nodes[static_cast<uint32_t>(root)].edges > 0;
  for (size_t pos = 0; any && pos < text.size();) {
    size_t begin = pos, end = pos;
    const AddedToken *added = longestAt(tables, root, text, pos, end);
    if (!added) {
      ++pos;
      continue;
    }
    // As in the original, space that a token strips may still be a token of
    // its own; what lies behind that is then plain text again.
    pos = end;
    if ((added->flags & Special) && !parseSpecial)
      continue;
    if ((added->flags & SingleWord) &&
        (setBefore(tables, wordSet, text, begin) ||
         setAt(tables, wordSet, text, end)))
      continue;
    if (added->flags & StripLeft)
      while (begin > done && setBefore(tables, spaceSet, text, begin))
        begin = startBefore(text, begin);
    if (added->flags & StripRight)
      while (setAt(tables, spaceSet, text, end))
        end += sizeAt(text, end);
    if (begin > done)
      parts.push_back({done, begin, noToken});
    parts.push_back({begin, end, added->token});
    done = end;
  }
  if (done < text.size())
    parts.push_back({done, text.size(), noToken});
  return parts;
}

} // namespace sinter::text
