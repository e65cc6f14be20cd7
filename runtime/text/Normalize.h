//===- Normalize.h - Text to text before it is split ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Unicode normalization and replacements, from tables.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_NORMALIZE_H
#define SINTER_RUNTIME_TEXT_NORMALIZE_H

#include "runtime/text/TablesView.h"

#include <string>
#include <string_view>

namespace sinter::text {

/// `text`, valid UTF-8, after all of the tokenizer's NormalizeSteps.
std::string normalize(const TablesView &tables, std::string_view text);

/// `text` after one step that is not a splitter.
std::string applyStep(const TablesView &tables, const TextStep &step,
                      std::string_view text);

/// The text operands of a step: `length` bytes at `offset` of StepText.
inline std::string_view stepText(const TablesView &tables, uint32_t offset,
                                 uint32_t length) {
  return tables.bytes(SectionKind::StepText).substr(offset, length);
}

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_NORMALIZE_H
