//===- Companions.cpp - What stands beside a vocabulary -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/HuggingFaceSteps.h"
#include "text/HuggingFaceTokenizer.h"
#include "text/NamedTokens.h"
#include "text/Stops.h"

#include <algorithm>

namespace sinter::text {

using Json = nlohmann::json;

// Kinds as GGUF numbers them.
static constexpr int64_t normalKind = 1, controlKind = 3, addedKind = 4,
                         unusedKind = 5;

/// Puts `token` where a file wants it, after the vocabulary or in it.
static void addToken(GgufTokenizer &to, const NamedToken &token, uint64_t id) {
  if (token.text.empty())
    return;
  if (id >= to.tokens.size()) {
    to.tokens.resize(id + 1);
    to.kinds.resize(id + 1, unusedKind);
    if (!to.scores.empty())
      to.scores.resize(id + 1);
  }
  // Names of places that were kept free give way.
  if (to.tokens[id].empty() ||
      std::ranges::find(to.tokens, token.text) == to.tokens.end())
    to.tokens[id] = token.text;
  // The vocabulary's own kinds hold: bytes and unknown tokens stay such.
  if (to.kinds[id] == normalKind || to.kinds[id] == unusedKind)
    to.kinds[id] = token.flags & Special ? controlKind : addedKind;
  // Text is normalized between such tokens, so they are found before.
  to.matching[static_cast<uint32_t>(id)] = {token.flags & ~uint32_t(Special),
                                            false};
}

static uint64_t placeOf(const GgufTokenizer &to, const std::string &text) {
  return static_cast<uint64_t>(std::ranges::find(to.tokens, text) -
                               to.tokens.begin());
}

Failure addCompanions(const HuggingFaceTokenizer &source,
                      std::vector<std::string> &warnings, GgufTokenizer &to) {
  Result<NamedTokens> named = readNamedTokens(source);
  if (!named)
    return named.failure();
  for (const auto &[id, token] : named->placed)
    addToken(to, token, id);
  for (const NamedToken &token : named->others)
    addToken(to, token, placeOf(to, token.text));
  for (auto [key, place] :
       {std::pair("bos_token", &to.begin), std::pair("eos_token", &to.end),
        std::pair("pad_token", &to.pad)})
    if (std::string text = named->role(key); !text.empty())
      *place = static_cast<int64_t>(placeOf(to, text));

  const Json &config = source.tokenizerConfig;
  auto wish = [&](const char *key, std::optional<bool> &place) {
    if (at(config, key).is_boolean())
      place = at(config, key).get<bool>();
  };
  wish("add_bos_token", to.addBegin);
  wish("add_eos_token", to.addEnd);
  wish("add_prefix_space", to.addSpace);
  // "legacy": a space before each piece of text between control tokens.
  to.spaceAtStart = !boolAt(config, "legacy", true);
  to.stops = listedStops(source);
  to.chatTemplate = chatTemplateOf(source, warnings);
  return Failure::none();
}

} // namespace sinter::text
