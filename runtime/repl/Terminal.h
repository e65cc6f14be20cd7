//===- Terminal.h - Keys from a terminal, rows to it ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Standard input gives keys, standard error shows what is typed: standard
// output is for answers alone.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_TERMINAL_H
#define SINTER_RUNTIME_REPL_TERMINAL_H

#include "runtime/repl/Keys.h"
#include "runtime/repl/Layout.h"

#include <termios.h>

namespace sinter {

class Terminal {
public:
  /// Whether a person is there who can be shown what they type.
  static bool isThere();

  /// From now on typed characters are shown by paint() alone, until the object
  /// goes, or the process is ended by a signal.
  Terminal();
  ~Terminal();
  Terminal(const Terminal &) = delete;

  /// While a text is typed, every key is read, Ctrl-C too; else that one is a
  /// signal. What is typed in between waits.
  void edit();
  void listen();

  /// What keys() came back for.
  enum class Event { Keys, Resized, Interrupted, End };
  /// Waits, appends to `keys`.
  Event read(std::vector<Key> &keys);

  /// Shows rows in the place of those that the latest call showed.
  void paint(const Layout &layout);
  /// Leaves what is shown; what comes next begins below it.
  void leave();
  void clear();

  /// Stops the process as Ctrl-Z does, until it goes on.
  void suspend();

  size_t columns() const;
  size_t rows() const;

private:
  termios original;
  KeyReader reader;
  size_t row = 0;     // of the cursor, within what is shown
  size_t painted = 0; // rows of that
};

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_TERMINAL_H
