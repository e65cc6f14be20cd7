//===- LineEditor.h - A text being typed ------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What keys do to a text of one or more lines; no terminal is needed.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_LINEEDITOR_H
#define SINTER_RUNTIME_REPL_LINEEDITOR_H

#include "runtime/repl/Keys.h"

namespace sinter {

class LineEditor {
public:
  /// Does what `key` does to the text; false for keys that do nothing to it
  /// here: Up in the first line, Enter, Ctrl-C, ...
  bool apply(const Key &key);

  /// Puts another text in its place, with the cursor at the end.
  void set(std::string other);

  /// UTF-8; the cursor is a byte between two characters.
  const std::string &text() const { return buffer; }
  size_t cursor() const { return at; }

private:
  void insert(std::string_view text);
  void erase(size_t begin, size_t end);
  void kill(size_t begin, size_t end);
  bool moveBy(int lines);
  size_t lineBegin(size_t pos) const;
  size_t lineEnd(size_t pos) const;
  size_t wordBefore() const;
  size_t wordAfter() const;
  size_t blankBefore() const;

  std::string buffer;
  size_t at = 0;
  std::string killed;
};

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_LINEEDITOR_H
