//===- GgufTokenizer.cpp - Importing GGUF's tokenizers --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/GgufTokenizer.h"
#include "runtime/text/Utf8.h"
#include "text/ByteAlphabet.h"
#include "text/Stops.h"

#include <algorithm>
#include <unordered_map>

namespace sinter::text {

namespace {
class GgufImporter {
public:
  GgufImporter(const GgufTokenizer &source, const PatternCatalog &catalog,
               std::vector<std::string> &warnings)
      : source(source), catalog(catalog), warnings(warnings) {}

  Result<TokenizerDescription> import();

private:
  using Kind = TokenKind;
  Failure fail(const std::string &what) const {
    return Failure(source.file + ": error: " + what);
  }
  Kind guessKind(size_t id) const;
  Kind kindOf(size_t id) const;
  Failure checkShape() const;
  Failure readId(const std::optional<int64_t> &id, const char *key,
                 uint32_t &to) const;
  Failure readIds();
  void addWhole(uint32_t id, bool normalized);
  Failure importBytePairs();
  Failure importMerges();
  Failure importRule();
  Failure importPieces(ModelKind model);
  Failure importWordPieces();
  void frame(bool begin, bool end);

  const GgufTokenizer &source;
  const PatternCatalog &catalog;
  std::vector<std::string> &warnings;
  TokenizerDescription to;
  std::vector<uint32_t> stops; // noToken among them
};
} // namespace

/// The kind of a token where the file has none of any: roles and the names of
/// bytes tell.
TokenKind GgufImporter::guessKind(size_t id) const {
  if (id == to.begin || id == to.end || id == to.pad)
    return Kind::Control;
  if (id == to.unknown && source.kind != ModelKind::MergeBytes)
    return Kind::Unknown;
  bool named = source.kind == ModelKind::MergeByScore ||
               source.kind == ModelKind::Unigram;
  return named && byteOfName(source.tokens[id]) ? Kind::Byte : Kind::Normal;
}

/// GGUF numbers kinds from 1: normal, unknown, control, user-defined, unused,
/// byte.
TokenKind GgufImporter::kindOf(size_t id) const {
  if (source.kinds.empty())
    return guessKind(id);
  int64_t kind = source.kinds[id];
  return kind >= 1 && kind <= 6 ? static_cast<Kind>(kind - 1) : Kind::Unused;
}

Failure GgufImporter::checkShape() const {
  size_t tokens = source.tokens.size();
  auto check = [&](size_t count, const char *key) {
    if (count == 0 || count == tokens)
      return Failure::none();
    return fail(
        "tokenizer.ggml." + std::string(key) + " has " + std::to_string(count) +
        " elements, but tokenizer.ggml.tokens " + std::to_string(tokens));
  };
  if (tokens == 0)
    return fail("tokenizer.ggml.tokens is missing or empty");
  if (Failure failure = check(source.kinds.size(), "token_type"))
    return failure;
  return check(source.scores.size(), "scores");
}

Failure GgufImporter::readId(const std::optional<int64_t> &id, const char *key,
                             uint32_t &to) const {
  if (!id || *id < 0) // files write -1 for "none"
    return Failure::none();
  if (static_cast<uint64_t>(*id) >= source.tokens.size())
    return fail("tokenizer.ggml." + std::string(key) + " is " +
                std::to_string(*id) + ", but there are only " +
                std::to_string(source.tokens.size()) + " tokens");
  to = static_cast<uint32_t>(*id);
  return Failure::none();
}

Failure GgufImporter::readIds() {
  uint32_t turnEnd = noToken, messageEnd = noToken;
  for (auto [id, key, place] :
       {std::tuple(&source.begin, "bos_token_id", &to.begin),
        std::tuple(&source.end, "eos_token_id", &to.end),
        std::tuple(&source.unknown, "unknown_token_id", &to.unknown),
        std::tuple(&source.pad, "padding_token_id", &to.pad),
        std::tuple(&source.turnEnd, "eot_token_id", &turnEnd),
        std::tuple(&source.messageEnd, "eom_token_id", &messageEnd)})
    if (Failure failure = readId(*id, key, *place))
      return failure;
  for (int64_t stop : source.stops)
    if (stop >= 0 && uint64_t(stop) < source.tokens.size())
      stops.push_back(uint32_t(stop));
  if (stops.empty())
    stops = {to.end, turnEnd, messageEnd};
  return Failure::none();
}

void GgufImporter::addWhole(uint32_t id, bool normalized) {
  AddedDescription added;
  added.token = id;
  added.text = source.tokens[id];
  bool isText = to.tokens[id].kind == Kind::Added;
  added.flags = isText ? 0 : uint32_t(Special);
  added.normalized = normalized;
  if (auto own = source.matching.find(id); own != source.matching.end()) {
    added.flags |= own->second.flags;
    added.normalized = own->second.normalized;
  }
  to.added.push_back(std::move(added));
}

/// Puts begin and end tokens around texts.
void GgufImporter::frame(bool begin, bool end) {
  if (source.addBegin.value_or(begin) && to.begin != noToken)
    to.prefix.push_back(to.begin);
  if (source.addEnd.value_or(end) && to.end != noToken)
    to.suffix.push_back(to.end);
}

//===----------------------------------------------------------------------===//
// Byte-level BPE
//===----------------------------------------------------------------------===//

Failure GgufImporter::importBytePairs() {
  to.model = ModelKind::MergeBytes;
  for (uint32_t id = 0; id < source.tokens.size(); ++id) {
    TokenDescription token;
    token.kind = kindOf(id);
    const std::string &written = source.tokens[id];
    std::optional<std::string> bytes = bytesOfAlphabet(written);
    token.inModel = bytes.has_value() && token.kind != Kind::Unused;
    token.text = bytes.value_or(written);
    bool whole = token.kind == Kind::Control || token.kind == Kind::Added;
    token.piece = whole || token.kind == Kind::Unknown ? written : token.text;
    if (token.inModel && token.text.size() == 1) {
      uint32_t &place =
          to.byteTokens[static_cast<unsigned char>(token.text[0])];
      if (place == noToken)
        place = id;
    }
    to.tokens.push_back(std::move(token));
    if (whole)
      addWhole(id, false);
  }
  // Bytes without a token are left out, as the original does, whatever the
  // file calls its unknown token.
  to.unknown = noToken;
  if (Failure failure = importMerges())
    return failure;
  return importRule();
}

Failure GgufImporter::importMerges() {
  std::unordered_map<std::string_view, uint32_t> ids;
  for (uint32_t id = 0; id < source.tokens.size(); ++id)
    ids.emplace(source.tokens[id], id);
  size_t dropped = 0;
  std::string joined;
  for (size_t i = 0; i < source.merges.size(); ++i) {
    std::string_view merge = source.merges[i];
    size_t space = merge.find(' ', 1);
    if (space == merge.npos || space + 1 == merge.size())
      return fail("tokenizer.ggml.merges element " + std::to_string(i) +
                  ": expected two tokens with a space between, found '" +
                  repairUtf8(merge) + "'");
    joined.assign(merge.substr(0, space)).append(merge.substr(space + 1));
    auto left = ids.find(merge.substr(0, space));
    auto right = ids.find(merge.substr(space + 1));
    auto result = ids.find(joined);
    if (left == ids.end() || right == ids.end() || result == ids.end())
      ++dropped;
    else
      to.merges.push_back({left->second, right->second, result->second});
  }
  if (dropped > 0)
    warnings.push_back(source.file + ": " + std::to_string(dropped) +
                       " merges name tokens that the vocabulary lacks and are "
                       "ignored");
  return Failure::none();
}

/// What tokenizer.ggml.pre asks for.
Failure GgufImporter::importRule() {
  std::string name = source.pre;
  if (name.empty()) {
    name = "default";
    warnings.push_back(source.file +
                       ": no tokenizer.ggml.pre; splitting text as 'default' "
                       "does");
  }
  const SplitRule *rule = catalog.find(name);
  if (!rule)
    return fail("tokenizer.ggml.pre is '" + name + "', which " +
                catalog.file() + " does not know; the nearest name there is '" +
                catalog.nearest(name) + "'");
  if (!rule->normalize.empty()) {
    static constexpr std::pair<const char *, StepKind> forms[] = {
        {"nfc", StepKind::ComposeCanonical},
        {"nfd", StepKind::DecomposeCanonical},
        {"nfkc", StepKind::ComposeCompatible},
        {"nfkd", StepKind::DecomposeCompatible}};
    for (auto [form, kind] : forms)
      if (rule->normalize == form)
        to.normalizeSteps.push_back({kind, 0, 0, 0});
  }
  for (const std::string &pattern : rule->patterns)
    if (Failure failure = to.splitBy(pattern, {}))
      return fail(failure.message());
  if (rule->ignoreMerges)
    to.flags |= IgnoreMerges;
  frame(rule->addBegin, false);
  return Failure::none();
}

//===----------------------------------------------------------------------===//
// SentencePiece
//===----------------------------------------------------------------------===//

/// Pieces with scores, in which U+2581 stands for a space.
Failure GgufImporter::importPieces(ModelKind model) {
  to.model = model;
  to.flags |= FuseUnknown;
  if (source.scores.empty())
    return fail("tokenizer.ggml.scores is missing");
  for (uint32_t id = 0; id < source.tokens.size(); ++id) {
    TokenDescription token;
    token.kind = kindOf(id);
    token.text = source.tokens[id];
    token.score = static_cast<float>(source.scores[id]);
    token.piece = token.text;
    token.inModel = token.kind == Kind::Normal || token.kind == Kind::Added;
    if (token.inModel)
      token.piece = replaceAll(token.text, spaceMark, " ");
    if (token.kind == Kind::Byte) {
      std::optional<unsigned char> byte = byteOfName(token.text);
      if (!byte)
        return fail("tokenizer.ggml.tokens element " + std::to_string(id) +
                    ": expected a byte as <0x00>, found '" +
                    repairUtf8(token.text) + "'");
      token.piece.assign(1, static_cast<char>(*byte));
      to.byteTokens[*byte] = id;
    }
    if (token.kind == Kind::Unknown && to.unknown == noToken)
      to.unknown = id;
    Kind kind = token.kind;
    to.tokens.push_back(std::move(token));
    if (kind == Kind::Control || kind == Kind::Added || kind == Kind::Unknown)
      addWhole(id, kind == Kind::Added);
  }
  if (!source.charsMap.empty()) {
    to.charsMap = source.charsMap;
    to.normalizeSteps.push_back({StepKind::ApplyCharsMap, 0, 0, 0});
  }
  if (source.joinSpaces.value_or(model == ModelKind::Unigram))
    for (auto [pattern, with] :
         {std::pair("\\A +| +\\z", ""), std::pair(" {2,}", " ")}) {
      Result<uint32_t> program = to.patterns.compile(pattern, {});
      if (!program)
        return program.failure();
      to.replace(*program, with, to.normalizeSteps);
    }
  bool addSpace = source.addSpace.value_or(true);
  if (addSpace)
    to.flags |= StripFirstSpace;
  if (addSpace && !source.spaceAtStart)
    to.prependText(" ");
  to.replace(to.patterns.compileLiteral(" "), spaceMark, to.normalizeSteps);
  if (addSpace && source.spaceAtStart)
    to.prefixPieces(spaceMark, /*onlyFirst=*/true);
  frame(model == ModelKind::MergeByScore, model == ModelKind::Unigram);
  return Failure::none();
}

//===----------------------------------------------------------------------===//
// WordPiece
//===----------------------------------------------------------------------===//

/// GGUF marks tokens that start a word with U+2581, and the others not.
Failure GgufImporter::importWordPieces() {
  to.model = ModelKind::WordPiece;
  for (uint32_t id = 0; id < source.tokens.size(); ++id) {
    TokenDescription token;
    token.kind = kindOf(id);
    std::string_view written = source.tokens[id];
    token.inModel = token.kind == Kind::Normal;
    token.piece = token.text = written;
    if (token.inModel && written.starts_with(spaceMark)) {
      token.text = written.substr(spaceMark.size());
      token.piece = token.text;
      token.piece.insert(0, 1, ' ');
    } else if (token.inModel) {
      token.text.insert(0, 1, '\1');
    }
    if (token.kind == Kind::Unknown && to.unknown == noToken)
      to.unknown = id;
    bool whole = token.kind == Kind::Control || token.kind == Kind::Added;
    to.tokens.push_back(std::move(token));
    if (whole)
      addWhole(id, false);
  }
  to.flags |= StripFirstSpace;
  if (Failure failure = to.normalizeWords(true, true))
    return failure;
  if (Failure failure = to.splitIdeographs())
    return failure;
  if (Failure failure = to.splitWords())
    return failure;
  uint32_t first = to.begin, last = to.end;
  if (Failure failure = readId(source.classify, "cls_token_id", first))
    return failure;
  if (Failure failure = readId(source.separator, "seperator_token_id", last))
    return failure;
  if (first != noToken && source.addBegin.value_or(true))
    to.prefix.push_back(first);
  if (last != noToken && source.addEnd.value_or(true))
    to.suffix.push_back(last);
  return Failure::none();
}

Result<TokenizerDescription> GgufImporter::import() {
  if (Failure failure = checkShape())
    return failure;
  if (Failure failure = readIds())
    return failure;
  Failure failure = source.kind == ModelKind::MergeBytes ? importBytePairs()
                    : source.kind == ModelKind::WordPiece
                        ? importWordPieces()
                        : importPieces(source.kind);
  if (failure)
    return failure;
  to.chatTemplate = source.chatTemplate;
  addStops(stops, catalog.stopTexts(), to);
  return std::move(to);
}

Result<TokenizerDescription> describe(const GgufTokenizer &source,
                                      const PatternCatalog &catalog,
                                      std::vector<std::string> &warnings) {
  return GgufImporter(source, catalog, warnings).import();
}

} // namespace sinter::text
