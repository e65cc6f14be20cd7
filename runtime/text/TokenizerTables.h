//===- TokenizerTables.h - Layout of a compiled tokenizer -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Everything about a tokenizer that costs time or needs Unicode data is worked
// out when compiling and stored in one relocatable buffer: a header, a table
// of sections, then the sections, each starting at a multiple of 8 bytes.
// Offsets count from the buffer's start; all numbers are little-endian. The
// importer writes this layout (text/TablesWriter.h); the program checks every
// number in it once (TablesView.h) and then reads it in place.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_TOKENIZERTABLES_H
#define SINTER_RUNTIME_TEXT_TOKENIZERTABLES_H

#include <cstdint>

namespace sinter::text {

inline constexpr char tablesMagic[8] = {'S', 'I', 'N', 'T', 'E', 'R', 'T', 'K'};
inline constexpr uint32_t tablesVersion = 2;
/// Alignment, in bytes, of the buffer and of each section in it.
inline constexpr uint64_t tablesAlignment = 8;
/// Stands for "no such token".
inline constexpr uint32_t noToken = 0xffffffff;
/// Ids above this are a mistake in a file, not a vocabulary.
inline constexpr uint32_t maxToken = 1 << 24;

/// How words become tokens.
enum class ModelKind : uint32_t {
  MergeBytes,      ///< BPE by merge rank; symbols start as single bytes
  MergeCharacters, ///< BPE by merge rank; symbols start as code points
  MergeByScore,    ///< BPE that joins neighbours whose text is a token, best
                   ///< score first; symbols start as code points
  Unigram,         ///< most probable segmentation by token scores
  WordPiece        ///< longest match first, continuations carry a prefix
};

enum class TokenKind : uint8_t {
  Normal,
  Unknown, ///< stands for what the vocabulary lacks
  Control, ///< special: never text, skipped when decoding unless asked for
  Added,   ///< matched whole in the text before anything else; is text
  Unused,
  Byte ///< one byte of text that has no token of its own
};

/// Bits of TablesHeader::flags.
enum TablesFlag : uint32_t {
  IgnoreMerges = 1,   ///< a word that is a token needs no merging
  FuseUnknown = 2,    ///< a run of unknown symbols gives one unknown token
  StripFirstSpace = 4 ///< the decoded text loses one leading space
};

enum class SectionKind : uint32_t {
  TokenOffsets,    ///< uint64_t[tokens + 1] into TokenBytes
  TokenBytes,      ///< the texts that the model looks up
  PieceOffsets,    ///< uint64_t[tokens + 1] into PieceBytes
  PieceBytes,      ///< the bytes that decoding a token gives
  TokenKinds,      ///< TokenKind[tokens]
  TokenScores,     ///< float[tokens], or empty
  VocabSlots,      ///< uint32_t[power of two], token + 1 or 0; hashBytes()
  MergeSlots,      ///< MergeSlot[power of two]; hashPair()
  ByteTokens,      ///< uint32_t[256]: token of a byte, or noToken
  AddedTokens,     ///< AddedToken[]
  TrieNodes,       ///< TrieNode[]: node 0 for raw, node 1 for normalized text
  TrieEdges,       ///< TrieEdge[], those of a node together, by byte
  NormalizeSteps,  ///< TextStep[]
  SplitSteps,      ///< TextStep[]
  StepText,        ///< bytes that steps refer to
  Programs,        ///< uint32_t[]: first instruction of each pattern
  Instructions,    ///< Instruction[]
  SetOffsets,      ///< uint32_t[sets + 1] into SetRanges
  SetRanges,       ///< CodeRange[], sorted within a set, not touching
  SetAscii,        ///< uint64_t[2 * sets]: membership of code points < 128
  Decompositions,  ///< CodeMapping[], sorted: full canonical decomposition
  Compatibility,   ///< CodeMapping[], sorted: full compatibility decomposition
  Lowercase,       ///< CodeMapping[], sorted
  MappingCodes,    ///< uint32_t[]: code points that CodeMappings refer to
  CombiningRanges, ///< CombiningRange[], sorted: nonzero combining classes
  Compositions,    ///< Composition[], sorted by first, then second
  CharsMap,        ///< SentencePiece's precompiled normalization, or empty
  PrefixTokens,    ///< uint32_t[]: put before a text
  SuffixTokens,    ///< uint32_t[]: put after a text
  StopTokens,      ///< uint32_t[], sorted: generation ends at these
  TurnStops,       ///< uint32_t[], sorted: further ends of a chat's turn
  ChatTemplate,    ///< Jinja text, or empty
  Count
};

struct Section {
  uint64_t offset; // from the buffer's start
  uint64_t size;   // in bytes
};

struct TablesHeader {
  char magic[8];
  uint32_t version;
  uint32_t sectionCount;
  uint64_t size; // of the whole buffer, in bytes
  ModelKind model;
  uint32_t flags; // of TablesFlag
  uint32_t tokens;
  uint32_t unknownToken;
  uint32_t beginToken; // noToken where the tokenizer has none
  uint32_t endToken;
  uint32_t padToken;
  uint32_t longestToken; // in bytes, among those the model looks up
  Section sections[static_cast<uint32_t>(SectionKind::Count)];
};

/// An empty slot has left == noToken.
struct MergeSlot {
  uint32_t left, right;
  uint32_t rank; // lower merges first
  uint32_t result;
};

/// Bits of AddedToken::flags.
enum AddedFlag : uint32_t {
  StripLeft = 1,  ///< takes the white space before it along
  StripRight = 2, ///< takes the white space after it along
  SingleWord = 4, ///< only where no word character touches it
  Special = 8     ///< left as text unless special tokens are wanted
};

struct AddedToken {
  uint32_t token;
  uint32_t flags;
};

struct TrieNode {
  uint32_t firstEdge, edges;
  uint32_t added; // index into AddedTokens + 1, or 0
};

struct TrieEdge {
  uint32_t byte;
  uint32_t target;
};

/// What a TextStep does; its operands a, b, c are named behind each.
enum class StepKind : uint32_t {
  // Normalizers: text to text (of each piece, among the splitters).
  ComposeCanonical,    // NFC
  DecomposeCanonical,  // NFD
  ComposeCompatible,   // NFKC
  DecomposeCompatible, // NFKD
  Lowercase,           //
  PrependText,         // text a, length b; nothing before an empty text
  ReplacePattern,      // program a by text b, length c
  ApplyCharsMap,       //
  // Splitters: pieces to pieces.
  SplitPattern, // program a, SplitBehavior b, c: 1 = the matches
                // are what lies between those of a
  PrefixPiece   // text a, length b, before each piece that does not
                // start with it; c: 1 = only at the text's start
};

enum class SplitBehavior : uint32_t {
  Removed,
  Isolated,
  MergedWithPrevious,
  MergedWithNext,
  Contiguous
};

struct TextStep {
  StepKind kind;
  uint32_t a, b, c;
};

/// Instructions of the pattern machine (Matcher.h).
enum class Opcode : uint32_t {
  Accept,    // the match ends here
  Set,       // one code point of set a
  Repeat,    // set a, at least b, at most c times (noLimit: any), as often as
             // possible, giving back on failure
  RepeatAll, // the same, giving nothing back
  RepeatFew, // the same, as seldom as possible
  Jump,      // to a
  Split,     // to a; on failure to b
  Ahead,     // the next code point exists and is of set a
  NotAhead,  // it does not exist or is not of set a
  Behind,    // the code point before exists and is of set a
  NotBehind, // it does not exist or is not of set a
  AtStart,   // of the text
  AtEnd,     // of the text
  Look,      // to a if the instructions from b match here; c: 1 = if not
  Atomic     // to a from the end of the first match of those from b
};
inline constexpr uint32_t noLimit = 0xffffffff;

struct Instruction {
  Opcode op;
  uint32_t a, b, c;
};

struct CodeRange {
  uint32_t first, last; // both included
};

struct CodeMapping {
  uint32_t from;
  uint32_t offset, length; // into MappingCodes
};

struct CombiningRange {
  uint32_t first, last;
  uint32_t combiningClass;
};

struct Composition {
  uint32_t first, second;
  uint32_t composed;
};

/// FNV-1a, the hash of a token's text in VocabSlots.
inline uint64_t hashBytes(const char *bytes, uint64_t size) {
  uint64_t hash = 0xcbf29ce484222325;
  for (uint64_t i = 0; i < size; ++i)
    hash = (hash ^ static_cast<unsigned char>(bytes[i])) * 0x100000001b3;
  return hash ^ (hash >> 29);
}

/// The hash of a pair of tokens in MergeSlots.
inline uint64_t hashPair(uint32_t left, uint32_t right) {
  uint64_t mixed = (uint64_t(left) << 32 | right) * 0x9e3779b97f4a7c15;
  return mixed ^ (mixed >> 29);
}

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_TOKENIZERTABLES_H
