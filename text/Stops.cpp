//===- Stops.cpp - Where generation ends ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/Stops.h"
#include "text/HuggingFaceSteps.h"

#include <algorithm>

namespace sinter::text {

using Json = nlohmann::json;

std::vector<int64_t> listedStops(const HuggingFaceTokenizer &source) {
  for (const Json *file : {&source.generationConfig, &source.config,
                           &at(source.config, "text_config")}) {
    const Json &value = at(*file, "eos_token_id");
    std::vector<int64_t> ids;
    for (const Json &id : value.is_array() ? value : Json::array({value}))
      if (id.is_number_unsigned() && id.get<uint64_t>() < noToken)
        ids.push_back(id.get<int64_t>());
    if (!ids.empty())
      return ids;
  }
  return {};
}

/// The added control tokens whose text is in `texts`.
static std::vector<uint32_t> withText(const std::vector<std::string> &texts,
                                      const TokenizerDescription &to) {
  std::vector<uint32_t> found;
  for (const AddedDescription &added : to.added)
    if (std::ranges::find(texts, added.text) != texts.end())
      found.push_back(added.token);
  return found;
}

/// True if the chat template writes the token, by its text or its role.
static bool writes(const TokenizerDescription &to, uint32_t token) {
  const std::string &text = to.tokens[token].text;
  return to.chatTemplate.find(text) != std::string::npos ||
         (token == to.end &&
          to.chatTemplate.find("eos_token") != std::string::npos);
}

void addStops(const std::vector<uint32_t> &listed,
              const std::vector<std::string> &texts, TokenizerDescription &to) {
  for (uint32_t token : listed)
    if (token < to.tokens.size())
      to.stops.push_back(token);
  std::vector<uint32_t> usual = withText(texts, to);
  if (to.stops.empty())
    to.stops = usual;
  auto inTemplate = [&](uint32_t token) { return writes(to, token); };
  if (std::ranges::any_of(to.stops, inTemplate))
    return;
  if (to.end < to.tokens.size())
    usual.push_back(to.end);
  std::ranges::copy_if(usual, std::back_inserter(to.turnStops), inTemplate);
}

} // namespace sinter::text
