//===- Keys.h - What a terminal sends, as keys ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_KEYS_H
#define SINTER_RUNTIME_REPL_KEYS_H

#include "runtime/text/Utf8.h"

#include <string>
#include <string_view>
#include <vector>

namespace sinter {

struct Key {
  enum Kind {
    Text,  ///< `text` is typed
    Paste, ///< `text` is pasted, of any number of lines
    Enter,
    NewLine, ///< within the text
    Backspace,
    Delete,
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Up,
    Down,
    KillToEnd,
    KillToStart,
    KillBlank,       ///< back to a blank
    KillWordBack,    ///< back to where a word begins
    KillWordForward, ///< to where a word ends
    Yank,
    ClearScreen,
    Interrupt,  ///< Ctrl-C
    EndOfInput, ///< Ctrl-D
    Suspend,    ///< Ctrl-Z
  };
  Kind kind;
  std::string text;
};

/// Reads the bytes of terminals of the xterm kind: UTF-8, control characters,
/// escape sequences, bracketed paste. What it does not know it drops.
class KeyReader {
public:
  /// Appends the keys that a byte completes.
  void push(unsigned char byte, std::vector<Key> &keys);

private:
  enum class State { Ground, Escape, Single, Control, Paste };
  void typed(unsigned char byte, std::vector<Key> &keys);
  void escaped(unsigned char byte, std::vector<Key> &keys);
  void control(unsigned char byte, std::vector<Key> &keys);
  void pasted(unsigned char byte, std::vector<Key> &keys);

  State state = State::Ground;
  text::Utf8Stream utf8;
  std::string parameters; // of a control sequence
  std::string paste;
  bool afterReturn = false; // the line feed of a CRLF is no key
};

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_KEYS_H
