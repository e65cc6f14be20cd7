//===- Layout.cpp - A text in the rows of a terminal ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/Layout.h"
#include "runtime/repl/Width.h"
#include "runtime/text/Utf8.h"

#include <algorithm>

namespace sinter {

static constexpr size_t kTab = 8;

namespace {

/// What stands for a code point on the screen.
struct Cell {
  std::string text;
  size_t width;
};

Cell cellOf(std::string_view text, size_t pos, size_t column) {
  uint32_t code = text::codeAt(text, pos);
  if (code == '\t') {
    size_t width = kTab - column % kTab;
    return {std::string(width, ' '), width};
  }
  if (code < 0x20 || code == 0x7f)
    return {std::string{'^', char(code ^ 0x40)}, 2};
  int width = widthOf(code);
  if (width < 0)
    return {"\xef\xbf\xbd", 1};
  return {std::string(text.substr(pos, text::sizeAt(text, pos))),
          size_t(width)};
}

} // namespace

Layout Layout::of(std::string_view prompt, std::string_view text, size_t cursor,
                  size_t columns) {
  Layout layout;
  layout.rows.emplace_back(prompt);
  size_t column = prompt.size();
  // The cursor never stands beside the last column.
  columns = std::max<size_t>(columns, prompt.size() + kTab);
  for (size_t pos = 0;; pos += text::sizeAt(text, pos)) {
    bool ends = pos == text.size(), lineEnds = !ends && text[pos] == '\n';
    // The cursor needs a place.
    Cell cell =
        ends || lineEnds ? Cell{"", pos == cursor} : cellOf(text, pos, column);
    if (column + cell.width > columns) {
      layout.rows.emplace_back();
      column = 0;
    }
    if (pos == cursor) {
      layout.row = layout.rows.size() - 1;
      layout.column = column;
    }
    if (ends)
      return layout;
    if (lineEnds) {
      layout.rows.emplace_back(prompt.size(), ' ');
      column = prompt.size();
      continue;
    }
    layout.rows.back() += cell.text;
    column += cell.width;
  }
}

Layout Layout::around(size_t height) const {
  if (rows.size() <= height)
    return *this;
  size_t first =
      std::min(row - std::min(row, height / 2), rows.size() - height);
  Layout part = *this;
  part.rows.assign(rows.begin() + ptrdiff_t(first),
                   rows.begin() + ptrdiff_t(first + height));
  part.row = row - first;
  return part;
}

} // namespace sinter
