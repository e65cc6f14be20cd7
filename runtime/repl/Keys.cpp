//===- Keys.cpp - What a terminal sends, as keys --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/Keys.h"

#include <algorithm>
#include <optional>

namespace sinter {

static constexpr unsigned char kEscape = 0x1b;
// Longer than any sequence that is known.
static constexpr size_t kLongestParameters = 16;
static constexpr std::string_view kPasteEnd = "\x1b[201~";

namespace {

struct Row {
  std::string_view bytes;
  Key::Kind kind;
};

/// Control characters, by themselves.
constexpr Row kControls[] = {
    {"\x01", Key::Home},      {"\x02", Key::Left},
    {"\x03", Key::Interrupt}, {"\x04", Key::EndOfInput},
    {"\x05", Key::End},       {"\x06", Key::Right},
    {"\x08", Key::Backspace}, {"\x0a", Key::Enter},
    {"\x0b", Key::KillToEnd}, {"\x0c", Key::ClearScreen},
    {"\x0d", Key::Enter},     {"\x0e", Key::Down},
    {"\x10", Key::Up},        {"\x15", Key::KillToStart},
    {"\x17", Key::KillBlank}, {"\x19", Key::Yank},
    {"\x1a", Key::Suspend},   {"\x7f", Key::Backspace},
};

/// After an escape: Alt and a key.
constexpr Row kAlternates[] = {
    {"b", Key::WordLeft},        {"f", Key::WordRight},
    {"B", Key::WordLeft},        {"F", Key::WordRight},
    {"d", Key::KillWordForward}, {"D", Key::KillWordForward},
    {"\x7f", Key::KillWordBack}, {"\x08", Key::KillWordBack},
    {"\x0d", Key::NewLine},      {"\x0a", Key::NewLine},
};

/// After "ESC [" or "ESC O".
constexpr Row kSequences[] = {
    {"A", Key::Up},
    {"B", Key::Down},
    {"C", Key::Right},
    {"D", Key::Left},
    {"H", Key::Home},
    {"F", Key::End},
    {"1~", Key::Home},
    {"7~", Key::Home},
    {"4~", Key::End},
    {"8~", Key::End},
    {"3~", Key::Delete},
    {"1;5C", Key::WordRight},
    {"1;3C", Key::WordRight},
    {"1;5D", Key::WordLeft},
    {"1;3D", Key::WordLeft},
    {"5C", Key::WordRight},
    {"5D", Key::WordLeft},
    {"3;5~", Key::KillWordForward},
    {"3;3~", Key::KillWordForward},
};

template <size_t N>
std::optional<Key::Kind> find(const Row (&rows)[N], std::string_view bytes) {
  for (const Row &row : rows)
    if (row.bytes == bytes)
      return row.kind;
  return std::nullopt;
}

std::string withPlainLineEnds(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r')
      plain += text[i];
    else if (i + 1 == text.size() || text[i + 1] != '\n')
      plain += '\n';
  return plain;
}

} // namespace

void KeyReader::push(unsigned char byte, std::vector<Key> &keys) {
  switch (state) {
  case State::Ground:
    return typed(byte, keys);
  case State::Escape:
    return escaped(byte, keys);
  case State::Single:
  case State::Control:
    return control(byte, keys);
  case State::Paste:
    return pasted(byte, keys);
  }
}

void KeyReader::typed(unsigned char byte, std::vector<Key> &keys) {
  bool isControl = byte < 0x20 || byte == 0x7f;
  std::string text;
  if (isControl)
    utf8.finish(text);
  else
    utf8.push(byte, text);
  if (byte == '\t')
    text += '\t';
  if (!text.empty())
    keys.push_back({Key::Text, std::move(text)});
  bool ofReturn = byte == '\n' && afterReturn;
  afterReturn = byte == '\r';
  if (byte == kEscape)
    state = State::Escape;
  else if (isControl && !ofReturn)
    if (auto kind = find(kControls, {reinterpret_cast<char *>(&byte), 1}))
      keys.push_back({*kind, {}});
}

void KeyReader::escaped(unsigned char byte, std::vector<Key> &keys) {
  parameters.clear();
  if (byte == kEscape)
    return;
  state = byte == '['   ? State::Control
          : byte == 'O' ? State::Single
                        : State::Ground;
  if (auto kind = find(kAlternates, {reinterpret_cast<char *>(&byte), 1}))
    keys.push_back({*kind, {}});
}

void KeyReader::control(unsigned char byte, std::vector<Key> &keys) {
  // Not what a sequence has: a new one begins, or it was none.
  if (byte < 0x20 || byte > 0x7e) {
    state = State::Ground;
    return typed(byte, keys);
  }
  parameters += char(byte);
  // "ESC [ [ A" is a function key of consoles.
  if (byte < 0x40 || byte == '[') {
    if (parameters.size() > kLongestParameters)
      parameters.resize(kLongestParameters);
    return;
  }
  state = State::Ground;
  if (parameters == "200~") {
    state = State::Paste;
    paste.clear();
  } else if (auto kind = find(kSequences, parameters)) {
    keys.push_back({*kind, {}});
  }
}

void KeyReader::pasted(unsigned char byte, std::vector<Key> &keys) {
  paste += char(byte);
  if (!std::string_view(paste).ends_with(kPasteEnd))
    return;
  paste.resize(paste.size() - kPasteEnd.size());
  state = State::Ground;
  keys.push_back({Key::Paste, withPlainLineEnds(text::repairUtf8(paste))});
  paste.clear();
}

} // namespace sinter
