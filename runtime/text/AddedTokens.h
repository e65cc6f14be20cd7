//===- AddedTokens.h - Tokens that are found whole in a text ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_ADDEDTOKENS_H
#define SINTER_RUNTIME_TEXT_ADDEDTOKENS_H

#include "runtime/text/TablesView.h"

#include <string_view>
#include <vector>

namespace sinter::text {

/// Which set of added tokens: those looked for before normalization, or after.
enum class TrieRoot : uint32_t { Raw = 0, Normalized = 1 };

struct AddedMatch {
  size_t begin, end; // bytes of the text
  uint32_t token;    // noToken: plain text
};

/// Splits `text` at added tokens: from the left, the longest first. Special
/// ones stay text unless `parseSpecial`, and hide what they contain.
std::vector<AddedMatch> splitAdded(const TablesView &tables, TrieRoot root,
                                   std::string_view text, bool parseSpecial);

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_ADDEDTOKENS_H
