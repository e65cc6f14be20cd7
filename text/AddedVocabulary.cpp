//===- AddedVocabulary.cpp - Tokens that join a vocabulary ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/AddedVocabulary.h"

#include <algorithm>

namespace sinter::text {

uint32_t AddedVocabulary::nextId() const {
  // The original counts the model's tokens, whatever their ids.
  auto count = static_cast<uint32_t>(modelIds.size());
  return all.empty() ? count : std::max(count, greatest + 1);
}

void AddedVocabulary::add(const NamedToken &token) {
  if (token.text.empty())
    return;
  if (token.flags & Special)
    special.insert(token.text);
  auto [place, isNew] = byText.emplace(token.text, all.size());
  if (!isNew) {
    all[place->second].token = token;
    return;
  }
  auto known = modelIds.find(token.text);
  bool inModel = known != modelIds.end();
  uint32_t id = inModel ? known->second : nextId();
  greatest = std::max(greatest, id);
  all.push_back({token, id, !inModel});
}

std::vector<AddedDescription> AddedVocabulary::descriptions() const {
  std::vector<AddedDescription> result;
  for (const auto &[token, id, isNew] : all) {
    uint32_t flags = token.flags & ~uint32_t(Special);
    if (isSpecial(token.text))
      flags |= Special;
    result.push_back({id, token.text, flags, token.normalized});
  }
  return result;
}

} // namespace sinter::text
