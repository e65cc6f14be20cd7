//===- Layout.h - A text in the rows of a terminal --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_LAYOUT_H
#define SINTER_RUNTIME_REPL_LAYOUT_H

#include <string>
#include <string_view>
#include <vector>

namespace sinter {

/// Rows of at most so many columns, and where the cursor is.
struct Layout {
  std::vector<std::string> rows;
  size_t row = 0, column = 0;

  /// `prompt`, of ASCII, stands before the first line of `text`, as many blanks
  /// before each other. Characters that a terminal must not get are shown as
  /// what they are called: ^A, U+FFFD.
  static Layout of(std::string_view prompt, std::string_view text,
                   size_t cursor, size_t columns);

  /// The part of it that fits `height` rows, around the cursor.
  Layout around(size_t height) const;
};

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_LAYOUT_H
