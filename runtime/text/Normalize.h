//===- Normalize.h - Text to text before it is split ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Unicode normalization and replacements, from tables.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_NORMALIZE_H
#define SINTER_RUNTIME_TEXT_NORMALIZE_H

#include "runtime/text/MarkedText.h"
#include "runtime/text/TablesView.h"

#include <string>
#include <string_view>

namespace sinter::text {

/// What stands before a stretch of text.
enum class TextPlace {
  Start,      ///< nothing
  AfterToken, ///< a token that was found in the text
  Inside      ///< more text, whose tokens are known
};

/// `text`, valid UTF-8, after all of the tokenizer's NormalizeSteps. What is
/// made of marked bytes is marked.
MarkedText normalize(const TablesView &tables, MarkedText text,
                     TextPlace place = TextPlace::Start);

/// `text` after one step that is not a splitter.
MarkedText applyStep(const TablesView &tables, const TextStep &step,
                     const MarkedText &text);

/// The text operands of a step: `length` bytes at `offset` of StepText.
inline std::string_view stepText(const TablesView &tables, uint32_t offset,
                                 uint32_t length) {
  return tables.bytes(SectionKind::StepText).substr(offset, length);
}

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_NORMALIZE_H
