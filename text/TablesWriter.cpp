//===- TablesWriter.cpp - Laying out a tokenizer's tables -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/TablesWriter.h"
#include "runtime/text/Normalize.h"
#include "runtime/text/Tokenizer.h"
#include "text/Unicode.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

namespace sinter::text {

//===----------------------------------------------------------------------===//
// Descriptions
//===----------------------------------------------------------------------===//

uint32_t TokenizerDescription::addText(std::string_view text) {
  uint32_t offset = static_cast<uint32_t>(stepText.size());
  stepText += text;
  return offset;
}

Failure TokenizerDescription::splitBy(std::string_view pattern,
                                      const PatternCompiler::Options &options,
                                      SplitBehavior behavior, bool invert) {
  Result<uint32_t> program = patterns.compile(pattern, options);
  if (!program)
    return program.failure();
  split(*program, behavior, invert);
  return Failure::none();
}

void TokenizerDescription::prependText(std::string_view text) {
  normalizeSteps.push_back({StepKind::PrependText, addText(text),
                            static_cast<uint32_t>(text.size()), 0});
}

void TokenizerDescription::prefixPieces(std::string_view text, bool onlyFirst) {
  splitSteps.push_back({StepKind::PrefixPiece, addText(text),
                        static_cast<uint32_t>(text.size()), onlyFirst});
}

void TokenizerDescription::replace(uint32_t program, std::string_view with,
                                   std::vector<TextStep> &steps) {
  steps.push_back({StepKind::ReplacePattern, program, addText(with),
                   static_cast<uint32_t>(with.size())});
}

Failure TokenizerDescription::replace(std::string_view pattern,
                                      std::string_view with) {
  Result<uint32_t> program = patterns.compile(pattern, {});
  if (!program)
    return program.failure();
  replace(*program, with, normalizeSteps);
  return Failure::none();
}

Failure TokenizerDescription::normalizeWords(bool stripAccents,
                                             bool lowercase) {
  // Unassigned code points and line breaks in \p{C} are kept and replaced.
  if (Failure failure =
          replace("[\\x{0}\\x{FFFD}\\p{Cc}\\p{Cf}\\p{Co}&&[^\\t\\n\\r]]", ""))
    return failure;
  if (Failure failure = replace("\\s", " "))
    return failure;
  if (stripAccents) {
    normalizeSteps.push_back({StepKind::DecomposeCanonical, 0, 0, 0});
    if (Failure failure = replace("\\p{Mn}+", ""))
      return failure;
  }
  if (lowercase)
    normalizeSteps.push_back({StepKind::Lowercase, 0, 0, 0});
  return Failure::none();
}

Failure TokenizerDescription::splitIdeographs() {
  return splitBy("[\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{20000}-\\x{2A6DF}"
                 "\\x{2A700}-\\x{2B73F}\\x{2B740}-\\x{2B81F}"
                 "\\x{2B920}-\\x{2CEAF}\\x{F900}-\\x{FAFF}"
                 "\\x{2F800}-\\x{2FA1F}]",
                 {});
}

Failure TokenizerDescription::splitWords() {
  if (Failure failure = splitBy("\\s", {}, SplitBehavior::Removed))
    return failure;
  return splitBy("[!-/:-@\\[-`{-~\\p{P}]", {});
}

//===----------------------------------------------------------------------===//
// Sections
//===----------------------------------------------------------------------===//

namespace {
class Writer {
public:
  explicit Writer(const TokenizerDescription &from) : from(from) {}

  std::vector<std::byte> write();

private:
  template <typename T>
  void put(SectionKind kind, const std::vector<T> &elements) {
    auto *bytes = reinterpret_cast<const char *>(elements.data());
    contents[static_cast<size_t>(kind)].assign(bytes,
                                               elements.size() * sizeof(T));
  }
  void put(SectionKind kind, const std::string &bytes) {
    contents[static_cast<size_t>(kind)] = bytes;
  }

  void putSet(SectionKind kind, std::vector<uint32_t> tokens);
  void putTokens();
  void putHashTables();
  void putAdded();
  void putPatterns();
  void putMappings();
  std::vector<std::byte> assemble();

  const TokenizerDescription &from;
  std::string contents[static_cast<size_t>(SectionKind::Count)];
};

/// A trie while it grows.
struct GrowingTrie {
  struct Node {
    std::map<unsigned char, uint32_t> next;
    uint32_t added = 0;
  };
  std::vector<Node> nodes = std::vector<Node>(2);

  void insert(uint32_t root, std::string_view text, uint32_t added) {
    uint32_t at = root;
    for (char c : text) {
      auto byte = static_cast<unsigned char>(c);
      auto found = nodes[at].next.find(byte);
      if (found != nodes[at].next.end()) {
        at = found->second;
        continue;
      }
      uint32_t fresh = static_cast<uint32_t>(nodes.size());
      nodes[at].next.emplace(byte, fresh);
      nodes.emplace_back();
      at = fresh;
    }
    if (nodes[at].added == 0)
      nodes[at].added = added + 1;
  }
};
} // namespace

void Writer::putSet(SectionKind kind, std::vector<uint32_t> tokens) {
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  put(kind, tokens);
}

void Writer::putTokens() {
  std::vector<uint64_t> textOffsets{0}, pieceOffsets{0};
  std::string texts, pieces;
  std::vector<TokenKind> kinds;
  std::vector<float> scores;
  bool scored =
      from.model == ModelKind::MergeByScore || from.model == ModelKind::Unigram;
  for (const TokenDescription &token : from.tokens) {
    texts += token.text;
    pieces += token.piece;
    textOffsets.push_back(texts.size());
    pieceOffsets.push_back(pieces.size());
    kinds.push_back(token.kind);
    if (scored)
      scores.push_back(token.score);
  }
  put(SectionKind::TokenOffsets, textOffsets);
  put(SectionKind::TokenBytes, texts);
  put(SectionKind::PieceOffsets, pieceOffsets);
  put(SectionKind::PieceBytes, pieces);
  put(SectionKind::TokenKinds, kinds);
  put(SectionKind::TokenScores, scores);
  put(SectionKind::ByteTokens,
      std::vector<uint32_t>(from.byteTokens.begin(), from.byteTokens.end()));
}

void Writer::putHashTables() {
  // At most half full, so that searches are short and always end.
  std::vector<uint32_t> vocab(std::bit_ceil(2 * from.tokens.size() + 2), 0);
  for (size_t id = 0; id < from.tokens.size(); ++id) {
    const std::string &text = from.tokens[id].text;
    if (!from.tokens[id].inModel || text.empty())
      continue;
    size_t at = hashBytes(text.data(), text.size()) & (vocab.size() - 1);
    while (vocab[at] != 0 && from.tokens[vocab[at] - 1].text != text)
      at = (at + 1) & (vocab.size() - 1);
    if (vocab[at] == 0) // the first of equal texts counts
      vocab[at] = static_cast<uint32_t>(id + 1);
  }
  put(SectionKind::VocabSlots, vocab);

  std::vector<MergeSlot> merges(std::bit_ceil(2 * from.merges.size() + 2),
                                {noToken, noToken, 0, noToken});
  for (size_t rank = 0; rank < from.merges.size(); ++rank) {
    const MergeDescription &merge = from.merges[rank];
    size_t at = hashPair(merge.left, merge.right) & (merges.size() - 1);
    while (merges[at].left != noToken &&
           (merges[at].left != merge.left || merges[at].right != merge.right))
      at = (at + 1) & (merges.size() - 1);
    // The last of equal pairs counts, as in the original's map.
    merges[at] = {merge.left, merge.right, static_cast<uint32_t>(rank),
                  merge.result};
  }
  put(SectionKind::MergeSlots, merges);
}

void Writer::putAdded() {
  std::vector<AddedToken> added;
  GrowingTrie growing;
  for (const AddedDescription &token : from.added) {
    if (!token.text.empty())
      growing.insert(token.normalized ? 1 : 0, token.text,
                     static_cast<uint32_t>(added.size()));
    added.push_back({token.token, token.flags});
  }
  std::vector<TrieNode> nodes;
  std::vector<TrieEdge> edges;
  for (const GrowingTrie::Node &node : growing.nodes) {
    nodes.push_back({static_cast<uint32_t>(edges.size()),
                     static_cast<uint32_t>(node.next.size()), node.added});
    for (auto [byte, target] : node.next)
      edges.push_back({byte, target});
  }
  put(SectionKind::AddedTokens, added);
  put(SectionKind::TrieNodes, nodes);
  put(SectionKind::TrieEdges, edges);
}

void Writer::putPatterns() {
  std::vector<uint32_t> offsets{0};
  std::vector<CodeRange> ranges;
  std::vector<uint64_t> ascii;
  for (const CodeSet &set : from.patterns.sets()) {
    uint64_t low[2] = {0, 0};
    for (const CodeRange &range : set)
      for (uint32_t code = range.first; code <= range.last && code < 128;
           ++code)
        low[code / 64] |= uint64_t(1) << (code % 64);
    ascii.insert(ascii.end(), low, low + 2);
    ranges.insert(ranges.end(), set.begin(), set.end());
    offsets.push_back(static_cast<uint32_t>(ranges.size()));
  }
  put(SectionKind::SetOffsets, offsets);
  put(SectionKind::SetRanges, ranges);
  put(SectionKind::SetAscii, ascii);
  put(SectionKind::Programs, from.patterns.programs());
  put(SectionKind::Instructions, from.patterns.instructions());
  put(SectionKind::NormalizeSteps, from.normalizeSteps);
  put(SectionKind::SplitSteps, from.splitSteps);
  put(SectionKind::StepText, from.stepText);
  put(SectionKind::CharsMap, from.charsMap);
}

void Writer::putMappings() {
  MappingNeeds needs;
  for (const auto *steps : {&from.normalizeSteps, &from.splitSteps})
    for (const TextStep &step : *steps) {
      bool compose = step.kind == StepKind::ComposeCanonical ||
                     step.kind == StepKind::ComposeCompatible;
      needs.composition |= compose;
      needs.canonical |= step.kind == StepKind::ComposeCanonical ||
                         step.kind == StepKind::DecomposeCanonical;
      needs.compatible |= step.kind == StepKind::ComposeCompatible ||
                          step.kind == StepKind::DecomposeCompatible;
      needs.lowercase |= step.kind == StepKind::Lowercase;
    }
  MappingTables tables = makeMappings(needs);
  put(SectionKind::Decompositions, tables.decompositions);
  put(SectionKind::Compatibility, tables.compatibility);
  put(SectionKind::Lowercase, tables.lowercase);
  put(SectionKind::MappingCodes, tables.codes);
  put(SectionKind::CombiningRanges, tables.combining);
  put(SectionKind::Compositions, tables.compositions);
}

std::vector<std::byte> Writer::assemble() {
  TablesHeader header{};
  std::memcpy(header.magic, tablesMagic, sizeof(tablesMagic));
  header.version = tablesVersion;
  header.sectionCount = static_cast<uint32_t>(SectionKind::Count);
  header.model = from.model;
  header.flags = from.flags;
  header.tokens = static_cast<uint32_t>(from.tokens.size());
  header.unknownToken = from.unknown;
  header.beginToken = from.begin;
  header.endToken = from.end;
  header.padToken = from.pad;
  for (const TokenDescription &token : from.tokens)
    if (token.inModel)
      header.longestToken = std::max(header.longestToken,
                                     static_cast<uint32_t>(token.text.size()));

  auto align = [](uint64_t size) {
    return (size + tablesAlignment - 1) / tablesAlignment * tablesAlignment;
  };
  uint64_t offset = align(sizeof(header));
  for (size_t i = 0; i < std::size(contents); ++i) {
    header.sections[i] = {offset, contents[i].size()};
    offset = align(offset + contents[i].size());
  }
  header.size = offset;
  std::vector<std::byte> bytes(offset);
  std::memcpy(bytes.data(), &header, sizeof(header));
  for (size_t i = 0; i < std::size(contents); ++i)
    std::copy_n(reinterpret_cast<const std::byte *>(contents[i].data()),
                contents[i].size(),
                bytes.begin() +
                    static_cast<ptrdiff_t>(header.sections[i].offset));
  return bytes;
}

std::vector<std::byte> Writer::write() {
  putTokens();
  putHashTables();
  putAdded();
  putPatterns();
  putMappings();
  putSet(SectionKind::StopTokens, from.stops);
  putSet(SectionKind::TurnStops, from.turnStops);
  put(SectionKind::PrefixTokens, from.prefix);
  put(SectionKind::SuffixTokens, from.suffix);
  put(SectionKind::ChatTemplate, from.chatTemplate);
  return assemble();
}

Result<std::vector<std::byte>> writeTables(const TokenizerDescription &from) {
  // Far above any vocabulary; keeps every count within 32 bits.
  constexpr size_t limit = 1u << 28;
  if (from.tokens.size() > limit || from.merges.size() > limit)
    return Failure("tokenizer: more than " + std::to_string(limit) +
                   " tokens or merges");
  std::vector<std::byte> bytes = Writer(from).write();
  Result<TablesView> view = TablesView::open(bytes);
  if (!view)
    return view.failure();
  return bytes;
}

Result<std::vector<std::string>>
normalizeTexts(const TokenizerDescription &by, std::vector<std::string> texts) {
  TokenizerDescription steps;
  steps.normalizeSteps = by.normalizeSteps;
  steps.stepText = by.stepText;
  steps.patterns = by.patterns;
  steps.charsMap = by.charsMap;
  Result<std::vector<std::byte>> bytes = writeTables(steps);
  if (!bytes)
    return bytes.failure();
  Result<TablesView> view = TablesView::open(*bytes);
  if (!view)
    return view.failure();
  for (std::string &text : texts)
    text = normalize(*view, MarkedText::plain(text)).bytes;
  return texts;
}

} // namespace sinter::text
