//===- AddedVocabulary.h - Tokens that join a vocabulary --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Tokens that are found whole join a vocabulary one by one, as in the original
// library: whatever id a file gives them, known texts keep theirs and new ones
// get the next that is free; a text that comes again changes how it is found.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_ADDEDVOCABULARY_H
#define SINTER_TEXT_ADDEDVOCABULARY_H

#include "text/NamedTokens.h"
#include "text/TablesWriter.h"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sinter::text {

class AddedVocabulary {
public:
  /// `ids` are those of the model's own tokens.
  explicit AddedVocabulary(const std::unordered_map<std::string, uint32_t> &ids)
      : modelIds(ids) {}

  void add(const NamedToken &token);
  bool has(const std::string &text) const { return byText.contains(text); }

  struct Entry {
    NamedToken token;
    uint32_t id;
    bool isNew; ///< the model has no such token
  };
  const std::vector<Entry> &entries() const { return all; }

  /// True for texts that were special when they came, once at least.
  bool isSpecial(const std::string &text) const {
    return special.contains(text);
  }
  /// What is looked for in text, with which flags.
  std::vector<AddedDescription> descriptions() const;

private:
  uint32_t nextId() const;

  const std::unordered_map<std::string, uint32_t> &modelIds;
  std::vector<Entry> all;
  std::unordered_map<std::string, size_t> byText; // to `all`
  std::unordered_set<std::string> special;
  uint32_t greatest = 0; // of the added ids
};

} // namespace sinter::text

#endif // SINTER_TEXT_ADDEDVOCABULARY_H
