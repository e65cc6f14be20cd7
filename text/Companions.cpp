//===- Companions.cpp - What stands beside a vocabulary -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/HuggingFaceSteps.h"
#include "text/HuggingFaceTokenizer.h"

#include <algorithm>

namespace sinter::text {

using Json = nlohmann::json;

/// Ids above this are a mistake in a file, not a vocabulary.
static constexpr uint64_t maxToken = 1 << 24;

// Kinds as GGUF numbers them.
static constexpr int64_t controlKind = 3, addedKind = 4, unusedKind = 5;

/// Puts a token where a file wants it, after the vocabulary or in it.
static bool addToken(GgufTokenizer &to, const std::string &text, uint64_t id,
                     bool special) {
  if (id > maxToken || text.empty())
    return false;
  if (id >= to.tokens.size()) {
    to.tokens.resize(id + 1);
    to.kinds.resize(id + 1, unusedKind);
    if (!to.scores.empty())
      to.scores.resize(id + 1);
  }
  // The vocabulary's own kinds hold: bytes and unknown tokens stay such.
  if (to.tokens[id].empty())
    to.tokens[id] = text;
  if (to.kinds[id] == 1 || to.kinds[id] == unusedKind)
    to.kinds[id] = special ? controlKind : addedKind;
  return true;
}

Failure addCompanions(const HuggingFaceTokenizer &source,
                      std::vector<std::string> &warnings, GgufTokenizer &to) {
  const Json &config = source.tokenizerConfig;
  auto wrong = [&](const std::string &id) {
    return Failure(to.file + ": error: an added token has the id " + id);
  };
  for (const auto &[id, entry] : at(config, "added_tokens_decoder").items())
    if (id.empty() || id.size() > 9 ||
        id.find_first_not_of("0123456789") != id.npos ||
        !addToken(to, textAt(entry, "content"), std::stoull(id),
                  boolAt(entry, "special", false)))
      return wrong(id);
  if (source.addedTokens.is_object())
    for (const auto &[text, id] : source.addedTokens.items())
      if (!id.is_number_unsigned() ||
          !addToken(to, text, id.get<uint64_t>(), true))
        return wrong(id.dump());

  auto role = [&](const char *key, std::optional<int64_t> &place) {
    const Json &value = at(config, key);
    std::string text =
        value.is_string() ? value.get<std::string>() : textAt(value, "content");
    auto found = std::find(to.tokens.begin(), to.tokens.end(), text);
    if (!text.empty() && found != to.tokens.end())
      place = found - to.tokens.begin();
  };
  role("bos_token", to.begin);
  role("eos_token", to.end);
  role("pad_token", to.pad);
  auto wish = [&](const char *key, std::optional<bool> &place) {
    if (at(config, key).is_boolean())
      place = at(config, key).get<bool>();
  };
  wish("add_bos_token", to.addBegin);
  wish("add_eos_token", to.addEnd);
  for (const Json *file : {&source.generationConfig, &source.config}) {
    const Json &ids = at(*file, "eos_token_id");
    for (const Json &id : ids.is_array() ? ids : Json::array({ids}))
      if (id.is_number_integer())
        to.stops.push_back(id.get<int64_t>());
  }
  to.chatTemplate = chatTemplateOf(source, warnings);
  return Failure::none();
}

} // namespace sinter::text
