//===- HuggingFaceSteps.cpp - Translating normalizers and splitters -------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/HuggingFaceSteps.h"
#include "text/ByteAlphabet.h"
#include "text/Unicode.h"

#include <optional>

namespace sinter::text {

using Json = nlohmann::json;

/// Patterns in tokenizer.json are in Ruby's manner.
static constexpr PatternCompiler::Options ruby{true};

static constexpr const char *byteLevelPattern =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|"
    "\\s+(?!\\S)|\\s+";

const Json &at(const Json &object, const char *key) {
  static const Json nothing;
  if (!object.is_object())
    return nothing;
  auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

bool boolAt(const Json &object, const char *key, bool otherwise) {
  const Json &value = at(object, key);
  return value.is_boolean() ? value.get<bool>() : otherwise;
}

std::string textAt(const Json &object, const char *key,
                   const std::string &otherwise) {
  const Json &value = at(object, key);
  return value.is_string() ? value.get<std::string>() : otherwise;
}

/// Calls `add` for a component, or for each of a sequence's. Components nest
/// no deeper than the JSON reader lets them.
template <typename Add>
static Failure eachComponent(const Json &component, const char *list,
                             const Add &add) {
  if (component.is_null())
    return Failure::none();
  if (textAt(component, "type") != "Sequence")
    return add(component);
  const Json &parts = at(component, list);
  if (!parts.is_array())
    return Failure("a Sequence without \"" + std::string(list) + "\"");
  for (const Json &part : parts)
    if (Failure failure = eachComponent(part, list, add))
      return failure;
  return Failure::none();
}

/// The program of a member "pattern": {"String": ...} or {"Regex": ...}.
static Result<uint32_t> patternOf(const Json &component,
                                  TokenizerDescription &to) {
  const Json &pattern = at(component, "pattern");
  if (std::string text = textAt(pattern, "Regex"); !text.empty())
    return to.patterns.compile(text, ruby);
  std::string text = pattern.is_string() ? pattern.get<std::string>()
                                         : textAt(pattern, "String");
  if (text.empty())
    return Failure("a component of type " + textAt(component, "type") +
                   " without a pattern");
  return to.patterns.compileLiteral(text);
}

//===----------------------------------------------------------------------===//
// Normalizers
//===----------------------------------------------------------------------===//

static std::optional<std::string> decodeBase64(std::string_view text) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t held = 0, bits = 0;
  for (char c : text) {
    if (c == '=')
      break;
    size_t value = digits.find(c);
    if (value == digits.npos)
      return std::nullopt;
    held = (held << 6 | static_cast<uint32_t>(value)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(held >> bits & 0xff);
    }
  }
  return bytes;
}

static Failure addBertNormalizer(const Json &component,
                                 TokenizerDescription &to) {
  bool lowercase = boolAt(component, "lowercase", true);
  // strip_accents may be null, which means: as lowercase.
  bool strip = boolAt(component, "strip_accents", lowercase);
  if (!boolAt(component, "clean_text", true))
    return Failure("a BertNormalizer without clean_text is not supported");
  if (Failure failure = to.normalizeWords(strip, lowercase))
    return failure;
  // Spaces around ideographs have the effect of a split, as text is split at
  // spaces next.
  return boolAt(component, "handle_chinese_chars", true) ? to.splitIdeographs()
                                                         : Failure::none();
}

static Failure addOneNormalizer(const Json &component, TokenizerDescription &to,
                                bool &byteLevel) {
  std::string type = textAt(component, "type");
  auto step = [&](StepKind kind) {
    to.normalizeSteps.push_back({kind, 0, 0, 0});
    return Failure::none();
  };
  if (type == "NFC")
    return step(StepKind::ComposeCanonical);
  if (type == "NFD")
    return step(StepKind::DecomposeCanonical);
  if (type == "NFKC")
    return step(StepKind::ComposeCompatible);
  if (type == "NFKD")
    return step(StepKind::DecomposeCompatible);
  if (type == "Lowercase")
    return step(StepKind::Lowercase);
  if (type == "StripAccents")
    return to.replace("\\p{M}+", "");
  if (type == "BertNormalizer")
    return addBertNormalizer(component, to);
  if (type == "Prepend") {
    to.prependText(textAt(component, "prepend"));
    return Failure::none();
  }
  if (type == "Replace") {
    Result<uint32_t> program = patternOf(component, to);
    if (!program)
      return program.failure();
    to.replace(*program, textAt(component, "content"), to.normalizeSteps);
    return Failure::none();
  }
  if (type == "Strip") {
    if (boolAt(component, "strip_left", true))
      if (Failure failure = to.replace("\\A\\s+", ""))
        return failure;
    return boolAt(component, "strip_right", true) ? to.replace("\\s+\\z", "")
                                                  : Failure::none();
  }
  if (type == "Precompiled") {
    auto map = decodeBase64(textAt(component, "precompiled_charsmap"));
    if (!map || !to.charsMap.empty())
      return Failure("precompiled_charsmap is not one piece of base64");
    to.charsMap = *map;
    return map->empty() ? Failure::none() : step(StepKind::ApplyCharsMap);
  }
  if (type == "ByteLevel") {
    byteLevel = true;
    return Failure::none();
  }
  return Failure("normalizer \"" + type + "\" is not supported");
}

Failure addNormalizer(const Json &normalizer, TokenizerDescription &to,
                      bool &byteLevel) {
  return eachComponent(normalizer, "normalizers", [&](const Json &component) {
    if (byteLevel)
      return Failure("a normalizer after ByteLevel is not supported");
    return addOneNormalizer(component, to, byteLevel);
  });
}

//===----------------------------------------------------------------------===//
// Pre-tokenizers
//===----------------------------------------------------------------------===//

static Result<SplitBehavior> behaviorOf(const Json &component,
                                        const char *otherwise) {
  static constexpr std::pair<const char *, SplitBehavior> behaviors[] = {
      {"Removed", SplitBehavior::Removed},
      {"Isolated", SplitBehavior::Isolated},
      {"MergedWithPrevious", SplitBehavior::MergedWithPrevious},
      {"MergedWithNext", SplitBehavior::MergedWithNext},
      {"Contiguous", SplitBehavior::Contiguous}};
  std::string name = textAt(component, "behavior", otherwise);
  for (auto [known, behavior] : behaviors)
    if (name == known)
      return behavior;
  return Failure("split behavior \"" + name + "\" is not supported");
}

static Failure addMetaspace(const Json &component, TokenizerDescription &to) {
  std::string mark = textAt(component, "replacement", std::string(spaceMark));
  std::string scheme =
      textAt(component, "prepend_scheme",
             boolAt(component, "add_prefix_space", true) ? "always" : "never");
  to.replace(to.patterns.compileLiteral(" "), mark, to.splitSteps);
  if (scheme == "always" || scheme == "first")
    to.prefixPieces(mark, scheme == "first");
  else if (scheme != "never")
    return Failure("prepend_scheme \"" + scheme + "\" is not supported");
  if (boolAt(component, "split", true))
    to.split(to.patterns.compileLiteral(mark), SplitBehavior::MergedWithNext);
  return Failure::none();
}

static Failure addByteLevel(const Json &component, TokenizerDescription &to) {
  if (boolAt(component, "add_prefix_space", true))
    to.prefixPieces(" ", false);
  return boolAt(component, "use_regex", true)
             ? to.splitBy(byteLevelPattern, ruby)
             : Failure::none();
}

static Failure addOnePreTokenizer(const Json &component,
                                  TokenizerDescription &to) {
  std::string type = textAt(component, "type");
  if (type == "Split" || type == "Punctuation") {
    auto behavior = behaviorOf(component, "Isolated");
    if (!behavior)
      return behavior.failure();
    if (type == "Punctuation")
      return to.splitBy("[!-/:-@\\[-`{-~\\p{P}]", ruby, *behavior);
    Result<uint32_t> program = patternOf(component, to);
    if (!program)
      return program.failure();
    to.split(*program, *behavior, boolAt(component, "invert", false));
    return Failure::none();
  }
  if (type == "Digits")
    return to.splitBy("\\p{N}", ruby,
                      boolAt(component, "individual_digits", false)
                          ? SplitBehavior::Isolated
                          : SplitBehavior::Contiguous);
  if (type == "Metaspace")
    return addMetaspace(component, to);
  if (type == "WhitespaceSplit")
    return to.splitBy("\\s", ruby, SplitBehavior::Removed);
  if (type == "Whitespace")
    // Another library of patterns, to which joiners are parts of words.
    return to.splitBy("[\\w\\x{200C}\\x{200D}]+|[^\\w\\s\\x{200C}\\x{200D}]+",
                      ruby, SplitBehavior::Removed, true);
  if (type == "BertPreTokenizer")
    return to.splitWords();
  if (type == "CharDelimiterSplit") {
    to.split(to.patterns.compileLiteral(textAt(component, "delimiter")),
             SplitBehavior::Removed);
    return Failure::none();
  }
  return Failure("pre-tokenizer \"" + type + "\" is not supported");
}

Failure addPreTokenizer(const Json &preTokenizer, TokenizerDescription &to,
                        bool &byteLevel) {
  bool seen = false;
  Failure failure =
      eachComponent(preTokenizer, "pretokenizers", [&](const Json &component) {
        // What follows would see the byte alphabet instead of text.
        if (seen)
          return Failure("a pre-tokenizer after ByteLevel is not supported");
        if (textAt(component, "type") != "ByteLevel")
          return addOnePreTokenizer(component, to);
        seen = true;
        return addByteLevel(component, to);
      });
  byteLevel |= seen;
  return failure;
}

//===----------------------------------------------------------------------===//
// Decoders
//===----------------------------------------------------------------------===//

namespace {
/// Applies a decoder's components to every piece, until one joins them.
struct DecoderReader {
  TokenizerDescription &to;
  bool joined = false;

  Failure add(const Json &component);
  template <typename Change> Failure change(const Change &of) {
    if (joined)
      return Failure("a decoder that changes text after Fuse is not supported");
    for (size_t id = 0; id < to.tokens.size(); ++id)
      of(to.tokens[id].piece, to.tokens[id].kind);
    return Failure::none();
  }
  Failure strip(const Json &component);
  Failure wordPiece(const Json &component);
};
} // namespace

static int64_t countAt(const Json &object, const char *key) {
  const Json &value = at(object, key);
  return value.is_number_unsigned() ? value.get<int64_t>() : 0;
}

Failure DecoderReader::strip(const Json &component) {
  std::string content = textAt(component, "content", " ");
  int64_t start = countAt(component, "start"),
          stop = countAt(component, "stop");
  if (joined) {
    if (content != " " || start > 1 || stop > 0)
      return Failure("after Fuse, only one space at the start can be stripped");
    to.flags |= start > 0 ? uint32_t(StripFirstSpace) : 0;
    return Failure::none();
  }
  if (content.empty())
    return Failure("Strip without content");
  return change([&](std::string &piece, TokenKind) {
    std::string_view left = piece;
    for (int64_t i = 0; i < start && left.starts_with(content); ++i)
      left.remove_prefix(content.size());
    for (int64_t i = 0; i < stop && left.ends_with(content); ++i)
      left.remove_suffix(content.size());
    piece = std::string(left);
  });
}

/// English punctuation and contractions lose the space before them, token by
/// token, as the original does.
static std::string cleanUp(std::string piece) {
  static constexpr std::pair<const char *, const char *> changes[] = {
      {" .", "."},     {" ?", "?"},     {" !", "!"},          {" ,", ","},
      {" ' ", "'"},    {" n't", "n't"}, {" 'm", "'m"},        {" 's", "'s"},
      {" 've", "'ve"}, {" 're", "'re"}, {" do not", " don't"}};
  for (auto [from, with] : changes)
    piece = replaceAll(piece, from, with);
  return piece;
}

Failure DecoderReader::wordPiece(const Json &component) {
  std::string prefix = textAt(component, "prefix", "##");
  bool clean = boolAt(component, "cleanup", true);
  to.flags |= StripFirstSpace;
  return change([&](std::string &piece, TokenKind) {
    if (piece.starts_with(prefix))
      piece.erase(0, prefix.size());
    else
      piece.insert(0, 1, ' ');
    if (clean)
      piece = cleanUp(std::move(piece));
  });
}

Failure DecoderReader::add(const Json &component) {
  std::string type = textAt(component, "type");
  if (type == "Fuse") {
    joined = true;
    return Failure::none();
  }
  if (type == "Strip")
    return strip(component);
  if (type == "WordPiece")
    return wordPiece(component);
  if (type == "ByteLevel")
    return change([](std::string &piece, TokenKind) {
      piece = bytesOfAlphabet(piece).value_or(piece);
    });
  if (type == "ByteFallback")
    return change([](std::string &piece, TokenKind kind) {
      if (auto byte = byteOfName(piece); byte && kind != TokenKind::Control)
        piece.assign(1, static_cast<char>(*byte));
    });
  if (type == "Replace") {
    const Json &pattern = at(component, "pattern");
    std::string from = textAt(pattern, "String");
    std::string with = textAt(component, "content");
    if (from.empty())
      return Failure("a decoder that replaces a pattern is not supported");
    return change([&](std::string &piece, TokenKind) {
      piece = replaceAll(piece, from, with);
    });
  }
  if (type == "Metaspace") {
    std::string mark = textAt(component, "replacement", std::string(spaceMark));
    if (textAt(component, "prepend_scheme", "always") != "never" &&
        boolAt(component, "add_prefix_space", true))
      to.flags |= StripFirstSpace;
    return change([&](std::string &piece, TokenKind) {
      piece = replaceAll(piece, mark, " ");
    });
  }
  return Failure("decoder \"" + type + "\" is not supported");
}

Failure addDecoder(const Json &decoder, const std::vector<std::string> &written,
                   TokenizerDescription &to) {
  for (size_t id = 0; id < written.size(); ++id)
    to.tokens[id].piece = written[id];
  DecoderReader reader{to};
  if (decoder.is_null()) { // tokens with a space between
    to.flags |= StripFirstSpace;
    return reader.change(
        [](std::string &piece, TokenKind) { piece.insert(0, 1, ' '); });
  }
  return eachComponent(decoder, "decoders", [&](const Json &component) {
    return reader.add(component);
  });
}

} // namespace sinter::text
