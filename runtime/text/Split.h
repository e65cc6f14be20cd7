//===- Split.h - Text to the pieces that become words -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Splitters run one after another, each on every piece that the one before
// left, as if the piece were a text of its own.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_SPLIT_H
#define SINTER_RUNTIME_TEXT_SPLIT_H

#include "runtime/text/Normalize.h"

#include <string>
#include <string_view>
#include <vector>

namespace sinter::text {

struct Pieces {
  struct Range {
    size_t begin, end; // bytes of text
  };
  MarkedText text;
  std::vector<Range> ranges; // in order, none empty

  std::string_view operator[](size_t index) const {
    return std::string_view(text.bytes)
        .substr(ranges[index].begin, ranges[index].end - ranges[index].begin);
  }
};

/// Splits normalized text that stands at `place`.
Pieces splitText(const TablesView &tables, MarkedText text, TextPlace place);

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_SPLIT_H
