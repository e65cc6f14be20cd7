//===- AddedTokens.h - Tokens that are found whole in a text ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_ADDEDTOKENS_H
#define SINTER_RUNTIME_TEXT_ADDEDTOKENS_H

#include "runtime/text/MarkedText.h"
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

/// Whether text from outside must not become `token`: it is special, or begins
/// or ends texts.
bool isControl(const TablesView &tables, uint32_t token);

/// Whether models must not make `token` of text from outside either, where it
/// is one of their pieces too. What ends texts and is a mere character (a new
/// line) is still text.
bool isControlPiece(const TablesView &tables, uint32_t token);

/// Splits `text` at added tokens: from the left, the longest first. Special
/// ones stay text unless `parseSpecial`, control tokens where any of them is
/// marked. They hide what they contain, but marked bytes hide no others.
std::vector<AddedMatch> splitAdded(const TablesView &tables, TrieRoot root,
                                   const MarkedText &text, bool parseSpecial);

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_ADDEDTOKENS_H
