//===- LineEditor.cpp - A text being typed --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/LineEditor.h"
#include "runtime/repl/Width.h"

#include <algorithm>

namespace sinter {

void LineEditor::set(std::string other) {
  buffer = std::move(other);
  at = buffer.size();
}

bool LineEditor::apply(const Key &key) {
  switch (key.kind) {
  case Key::Text:
  case Key::Paste:
    insert(key.text);
    return true;
  case Key::NewLine:
    insert("\n");
    return true;
  case Key::Backspace:
    erase(at ? beforeCharacter(buffer, at) : 0, at);
    return true;
  case Key::Delete:
    erase(at, at < buffer.size() ? afterCharacter(buffer, at) : at);
    return true;
  case Key::Left:
    at = at ? beforeCharacter(buffer, at) : 0;
    return true;
  case Key::Right:
    at = at < buffer.size() ? afterCharacter(buffer, at) : at;
    return true;
  case Key::WordLeft:
    at = wordBefore();
    return true;
  case Key::WordRight:
    at = wordAfter();
    return true;
  case Key::Home:
    at = lineBegin(at);
    return true;
  case Key::End:
    at = lineEnd(at);
    return true;
  case Key::Up:
    return moveBy(-1);
  case Key::Down:
    return moveBy(1);
  case Key::KillToEnd:
    // At the end of a line, the line's end.
    kill(at, std::max(lineEnd(at), std::min(at + 1, buffer.size())));
    return true;
  case Key::KillToStart:
    kill(lineBegin(at), at);
    return true;
  case Key::KillBlank:
    kill(blankBefore(), at);
    return true;
  case Key::KillWordBack:
    kill(wordBefore(), at);
    return true;
  case Key::KillWordForward:
    kill(at, wordAfter());
    return true;
  case Key::Yank:
    insert(killed);
    return true;
  default:
    return false;
  }
}

void LineEditor::insert(std::string_view text) {
  buffer.insert(at, text);
  at += text.size();
}

void LineEditor::erase(size_t begin, size_t end) {
  buffer.erase(begin, end - begin);
  at = begin;
}

void LineEditor::kill(size_t begin, size_t end) {
  if (begin == end)
    return;
  killed = buffer.substr(begin, end - begin);
  erase(begin, end);
}

size_t LineEditor::lineBegin(size_t pos) const {
  size_t before = pos ? buffer.rfind('\n', pos - 1) : std::string::npos;
  return before == std::string::npos ? 0 : before + 1;
}

size_t LineEditor::lineEnd(size_t pos) const {
  return std::min(buffer.find('\n', pos), buffer.size());
}

/// To the line above or below, as many characters from its begin.
bool LineEditor::moveBy(int lines) {
  size_t begin = lineBegin(at), end = lineEnd(at);
  if (lines < 0 ? begin == 0 : end == buffer.size())
    return false;
  size_t column = 0;
  for (size_t pos = begin; pos < at; pos = afterCharacter(buffer, pos))
    ++column;
  at = lines < 0 ? lineBegin(begin - 1) : end + 1;
  for (size_t last = lineEnd(at); column && at < last; --column)
    at = afterCharacter(buffer, at);
  return true;
}

/// Letters and digits; of characters outside ASCII all but blanks.
static bool isOfWord(std::string_view text, size_t pos) {
  uint32_t code = text::codeAt(text, pos);
  if (code >= 0x80)
    return code != 0xa0 && (code < 0x2000 || code > 0x206f) && code != 0x3000;
  return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
         (code >= 'a' && code <= 'z') || code == '_';
}

size_t LineEditor::wordBefore() const {
  size_t pos = at;
  for (bool inWord : {false, true})
    while (pos && isOfWord(buffer, beforeCharacter(buffer, pos)) == inWord)
      pos = beforeCharacter(buffer, pos);
  return pos;
}

size_t LineEditor::wordAfter() const {
  size_t pos = at;
  for (bool inWord : {false, true})
    while (pos < buffer.size() && isOfWord(buffer, pos) == inWord)
      pos = afterCharacter(buffer, pos);
  return pos;
}

size_t LineEditor::blankBefore() const {
  auto isBlank = [&](size_t pos) {
    return buffer[pos] == ' ' || buffer[pos] == '\t' || buffer[pos] == '\n';
  };
  size_t pos = at;
  while (pos && isBlank(pos - 1))
    --pos;
  while (pos && !isBlank(pos - 1))
    --pos;
  return pos;
}

} // namespace sinter
