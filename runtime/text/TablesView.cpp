//===- TablesView.cpp - Checking a compiled tokenizer ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/TablesView.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace sinter::text {

//===----------------------------------------------------------------------===//
// Look-ups
//===----------------------------------------------------------------------===//

std::string_view TablesView::text(SectionKind offsets, SectionKind bytesOf,
                                  uint32_t id) const {
  if (id >= header().tokens)
    return {};
  auto places = section<uint64_t>(offsets);
  return bytes(bytesOf).substr(places[id], places[id + 1] - places[id]);
}

uint32_t TablesView::lookUp(std::string_view wanted) const {
  auto slots = section<uint32_t>(SectionKind::VocabSlots);
  size_t mask = slots.size() - 1;
  for (size_t at = hashBytes(wanted.data(), wanted.size()) & mask;;
       at = (at + 1) & mask) {
    if (slots[at] == 0)
      return noToken;
    if (token(slots[at] - 1) == wanted)
      return slots[at] - 1;
  }
}

bool TablesView::contains(uint32_t set, uint32_t code) const {
  if (code < 128) {
    auto ascii = section<uint64_t>(SectionKind::SetAscii);
    return ascii[2 * set + code / 64] >> (code % 64) & 1;
  }
  auto offsets = section<uint32_t>(SectionKind::SetOffsets);
  auto ranges = section<CodeRange>(SectionKind::SetRanges)
                    .subspan(offsets[set], offsets[set + 1] - offsets[set]);
  auto next = std::upper_bound(
      ranges.begin(), ranges.end(), code,
      [](uint32_t code, const CodeRange &range) { return code < range.first; });
  return next != ranges.begin() && code <= (next - 1)->last;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static Failure damaged(const std::string &what) {
  return Failure("tokenizer tables: " + what);
}

/// Bytes of one element of each section, in the order of SectionKind.
static constexpr uint32_t elementSizes[] = {
    8,                   // TokenOffsets
    1,                   // TokenBytes
    8,                   // PieceOffsets
    1,                   // PieceBytes
    1,                   // TokenKinds
    4,                   // TokenScores
    4,                   // VocabSlots
    sizeof(MergeSlot),   // MergeSlots
    4,                   // ByteTokens
    sizeof(AddedToken),  // AddedTokens
    sizeof(TrieNode),    // TrieNodes
    sizeof(TrieEdge),    // TrieEdges
    sizeof(TextStep),    // NormalizeSteps
    sizeof(TextStep),    // SplitSteps
    1,                   // StepText
    4,                   // Programs
    sizeof(Instruction), // Instructions
    4,                   // SetOffsets
    sizeof(CodeRange),   // SetRanges
    8,                   // SetAscii
    sizeof(CodeMapping), // Decompositions
    sizeof(CodeMapping), // Compatibility
    sizeof(CodeMapping), // Lowercase
    4,                   // MappingCodes
    sizeof(CombiningRange),
    sizeof(Composition),
    1, // CharsMap
    4, // PrefixTokens
    4, // SuffixTokens
    4, // StopTokens
    4, // TurnStops
    1, // ChatTemplate
};
static_assert(std::size(elementSizes) ==
              static_cast<size_t>(SectionKind::Count));

static Failure checkHeader(std::span<const std::byte> bytes) {
  if (reinterpret_cast<uintptr_t>(bytes.data()) % tablesAlignment != 0)
    return damaged("not placed at a multiple of 8 bytes");
  if (bytes.size() < sizeof(TablesHeader))
    return damaged("expected at least " + std::to_string(sizeof(TablesHeader)) +
                   " bytes of header, found " + std::to_string(bytes.size()));
  TablesHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (std::memcmp(header.magic, tablesMagic, sizeof(tablesMagic)) != 0)
    return damaged("they do not start with their magic number");
  if (header.version != tablesVersion)
    return damaged("expected version " + std::to_string(tablesVersion) +
                   ", found " + std::to_string(header.version));
  if (header.size != bytes.size() ||
      header.sectionCount != static_cast<uint32_t>(SectionKind::Count))
    return damaged("expected " + std::to_string(header.size) +
                   " bytes, found " + std::to_string(bytes.size()));
  if (header.model > ModelKind::WordPiece)
    return damaged("unknown kind of model");
  for (size_t i = 0; i < std::size(header.sections); ++i) {
    const Section &place = header.sections[i];
    if (place.offset % tablesAlignment != 0 || place.offset > bytes.size() ||
        place.size > bytes.size() - place.offset ||
        place.size % elementSizes[i] != 0)
      return damaged("section " + std::to_string(i) + " lies outside of them");
  }
  return Failure::none();
}

Result<TablesView> TablesView::open(std::span<const std::byte> bytes) {
  if (Failure failure = checkHeader(bytes))
    return failure;
  TablesView view(bytes.data());
  if (Failure failure = view.check())
    return failure;
  return view;
}

namespace {
/// Checks of the contents, one function a subject; each gives the first wrong
/// thing's name, or null.
struct Checks {
  const TablesView &view;

  template <typename T> auto all(SectionKind kind) const {
    return view.section<T>(kind);
  }
  bool isToken(uint32_t id) const { return id < view.header().tokens; }
  bool isTokenOrNone(uint32_t id) const { return id == noToken || isToken(id); }

  template <typename T>
  bool isOffsets(SectionKind kind, size_t count, size_t end) const {
    auto offsets = all<T>(kind);
    return offsets.size() == count + 1 && offsets[0] == 0 &&
           offsets[count] == end &&
           std::is_sorted(offsets.begin(), offsets.end());
  }

  const char *vocabulary() const {
    const TablesHeader &header = view.header();
    size_t tokens = header.tokens;
    if (!isOffsets<uint64_t>(SectionKind::TokenOffsets, tokens,
                             view.bytes(SectionKind::TokenBytes).size()) ||
        !isOffsets<uint64_t>(SectionKind::PieceOffsets, tokens,
                             view.bytes(SectionKind::PieceBytes).size()))
      return "token offsets";
    auto scores = all<float>(SectionKind::TokenScores);
    bool scored = header.model == ModelKind::MergeByScore ||
                  header.model == ModelKind::Unigram;
    if (scores.size() != (scored ? tokens : 0))
      return "token scores";
    auto kinds = all<TokenKind>(SectionKind::TokenKinds);
    if (kinds.size() != tokens ||
        std::any_of(kinds.begin(), kinds.end(),
                    [](TokenKind kind) { return kind > TokenKind::Byte; }))
      return "token kinds";
    if (!isTokenOrNone(header.unknownToken) ||
        !isTokenOrNone(header.beginToken) || !isTokenOrNone(header.endToken) ||
        !isTokenOrNone(header.padToken))
      return "special tokens";
    for (SectionKind kind :
         {SectionKind::PrefixTokens, SectionKind::SuffixTokens,
          SectionKind::StopTokens, SectionKind::TurnStops})
      for (uint32_t token : all<uint32_t>(kind))
        if (!isToken(token))
          return "special tokens";
    return nullptr;
  }

  const char *hashTables() const {
    // A search ends at an empty slot, so there has to be one.
    auto vocab = all<uint32_t>(SectionKind::VocabSlots);
    if (!std::has_single_bit(vocab.size()) ||
        std::find(vocab.begin(), vocab.end(), 0u) == vocab.end())
      return "vocabulary slots";
    for (uint32_t slot : vocab)
      if (slot != 0 && !isToken(slot - 1))
        return "vocabulary slots";
    auto merges = all<MergeSlot>(SectionKind::MergeSlots);
    bool empty = false;
    for (const MergeSlot &slot : merges) {
      empty |= slot.left == noToken;
      if (slot.left != noToken &&
          (!isToken(slot.left) || !isToken(slot.right) ||
           !isToken(slot.result)))
        return "merge slots";
    }
    if (!std::has_single_bit(merges.size()) || !empty)
      return "merge slots";
    auto byteTokens = all<uint32_t>(SectionKind::ByteTokens);
    if (byteTokens.size() != 256)
      return "byte tokens";
    for (uint32_t token : byteTokens)
      if (!isTokenOrNone(token))
        return "byte tokens";
    return nullptr;
  }

  const char *addedTokens() const {
    auto added = all<AddedToken>(SectionKind::AddedTokens);
    auto nodes = all<TrieNode>(SectionKind::TrieNodes);
    auto edges = all<TrieEdge>(SectionKind::TrieEdges);
    for (const AddedToken &token : added)
      if (!isToken(token.token))
        return "added tokens";
    if (nodes.size() < 2)
      return "added tokens";
    for (const TrieNode &node : nodes)
      if (node.firstEdge > edges.size() ||
          node.edges > edges.size() - node.firstEdge ||
          node.added > added.size())
        return "added tokens";
    // An edge leads to a later node, so that a walk ends.
    for (size_t from = 0; from < nodes.size(); ++from)
      for (const TrieEdge &edge :
           edges.subspan(nodes[from].firstEdge, nodes[from].edges))
        if (edge.target <= from || edge.target >= nodes.size())
          return "added tokens";
    return nullptr;
  }

  const char *patterns() const {
    auto code = all<Instruction>(SectionKind::Instructions);
    auto offsets = all<uint32_t>(SectionKind::SetOffsets);
    size_t sets = all<uint64_t>(SectionKind::SetAscii).size() / 2;
    if (sets < 2 ||
        !isOffsets<uint32_t>(SectionKind::SetOffsets, sets,
                             all<CodeRange>(SectionKind::SetRanges).size()))
      return "character sets";
    for (uint32_t start : all<uint32_t>(SectionKind::Programs))
      if (start >= code.size())
        return "patterns";
    for (size_t i = 0; i < code.size(); ++i)
      if (!isInstruction(code[i], i, code.size(), sets))
        return "patterns";
    return nullptr;
  }

  static bool isInstruction(const Instruction &what, size_t at, size_t count,
                            size_t sets) {
    bool nextExists = at + 1 < count;
    switch (what.op) {
    case Opcode::Accept:
      return true;
    case Opcode::Jump:
      return what.a < count;
    case Opcode::Split:
    case Opcode::Look:
    case Opcode::Atomic:
      return what.a < count && what.b < count;
    case Opcode::AtStart:
    case Opcode::AtEnd:
      return nextExists;
    case Opcode::Repeat:
    case Opcode::RepeatAll:
    case Opcode::RepeatFew:
      return nextExists && what.a < sets && what.b <= what.c;
    default:
      return what.op <= Opcode::Atomic && nextExists && what.a < sets;
    }
  }

  const char *steps() const {
    for (SectionKind kind :
         {SectionKind::NormalizeSteps, SectionKind::SplitSteps})
      for (const TextStep &step : all<TextStep>(kind))
        if (!isStep(step, kind == SectionKind::SplitSteps))
          return "text steps";
    return nullptr;
  }

  bool isStep(const TextStep &step, bool splitting) const {
    size_t programs = all<uint32_t>(SectionKind::Programs).size();
    size_t size = view.bytes(SectionKind::StepText).size();
    switch (step.kind) {
    case StepKind::PrependText:
      return step.a <= size && step.b <= size - step.a;
    case StepKind::PrefixPiece:
      return splitting && step.a <= size && step.b <= size - step.a;
    case StepKind::ReplacePattern:
      return step.a < programs && step.b <= size && step.c <= size - step.b;
    case StepKind::SplitPattern:
      return splitting && step.a < programs &&
             step.b <= static_cast<uint32_t>(SplitBehavior::Contiguous);
    default:
      return step.kind <= StepKind::PrefixPiece;
    }
  }

  const char *mappings() const {
    size_t codes = all<uint32_t>(SectionKind::MappingCodes).size();
    for (SectionKind kind :
         {SectionKind::Decompositions, SectionKind::Compatibility,
          SectionKind::Lowercase})
      for (const CodeMapping &map : all<CodeMapping>(kind))
        if (map.offset > codes || map.length > codes - map.offset)
          return "mappings";
    for (uint32_t code : all<uint32_t>(SectionKind::MappingCodes))
      if (code > 0x10ffff)
        return "mappings";
    for (const Composition &entry : all<Composition>(SectionKind::Compositions))
      if (entry.composed > 0x10ffff)
        return "mappings";
    return nullptr;
  }
};
} // namespace

Failure TablesView::check() const {
  Checks checks{*this};
  for (auto subject :
       {&Checks::vocabulary, &Checks::hashTables, &Checks::addedTokens,
        &Checks::patterns, &Checks::steps, &Checks::mappings})
    if (const char *what = (checks.*subject)())
      return damaged("inconsistent " + std::string(what));
  return Failure::none();
}

} // namespace sinter::text
