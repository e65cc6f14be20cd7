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

bool isControl(const TablesView &tables, uint32_t token) {
  const TablesHeader &header = tables.header();
  auto kinds = tables.section<TokenKind>(SectionKind::TokenKinds);
  auto isAmong = [&](SectionKind kind) {
    return std::ranges::binary_search(tables.section<uint32_t>(kind), token);
  };
  return token < kinds.size() &&
         (kinds[token] == TokenKind::Control || token == header.beginToken ||
          token == header.endToken || isAmong(SectionKind::StopTokens) ||
          isAmong(SectionKind::TurnStops));
}

bool isControlPiece(const TablesView &tables, uint32_t token) {
  auto kinds = tables.section<TokenKind>(SectionKind::TokenKinds);
  if (token >= kinds.size())
    return false;
  TokenKind kind = kinds[token];
  if (kind == TokenKind::Control || kind == TokenKind::Unknown)
    return true;
  std::string_view text = tables.token(token);
  bool isCharacter = text.empty() || sizeAt(text, 0) == text.size();
  return !isCharacter && isControl(tables, token);
}

namespace {
/// An added token in a text, and where it ends.
struct Found {
  const AddedToken *token = nullptr; // null: none
  size_t end = 0;
  bool allowed = true; // no control token with marked bytes
};
} // namespace

/// The longest added token that starts at text[pos]. One that is partly marked
/// and may not be gives way to shorter ones: what was typed before or behind a
/// control token of the template must not hide it.
static Found longestAt(const TablesView &tables, TrieRoot root,
                       const MarkedText &marked, size_t pos) {
  std::string_view text = marked.bytes;
  auto nodes = tables.section<TrieNode>(SectionKind::TrieNodes);
  auto edges = tables.section<TrieEdge>(SectionKind::TrieEdges);
  auto added = tables.section<AddedToken>(SectionKind::AddedTokens);
  Found found;
  uint32_t node = static_cast<uint32_t>(root);
  for (size_t begin = pos;; ++pos) {
    // Damaged tables may have a token of no bytes, which would be found
    // forever.
    if (nodes[node].added && pos > begin) {
      const AddedToken &token = added[nodes[node].added - 1];
      bool allowed =
          !marked.isMarked(begin, pos) ||
          (!(token.flags & Special) && !isControl(tables, token.token));
      if (allowed || allMarked(marked.marks, begin, pos))
        found = {&token, pos, allowed};
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
                                   const MarkedText &marked,
                                   bool parseSpecial) {
  std::string_view text = marked.bytes;
  std::vector<AddedMatch> parts;
  auto nodes = tables.section<TrieNode>(SectionKind::TrieNodes);
  size_t done = 0;
  bool any = nodes[static_cast<uint32_t>(root)].edges > 0;
  for (size_t pos = 0; any && pos < text.size();) {
    size_t begin = pos;
    auto [added, end, allowed] = longestAt(tables, root, marked, pos);
    if (!added) {
      ++pos;
      continue;
    }
    // As in the original, space that a token strips may still be a token of
    // its own; what lies behind that is then plain text again.
    pos = end;
    if (!allowed || ((added->flags & Special) && !parseSpecial))
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
