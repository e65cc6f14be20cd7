//===- History.h - What was typed before ------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Kept in a file that its owner alone can read: a text a line, where "\n" and
// "\\" stand for line ends and backslashes. Programs that run at the same time
// append to it, each what was typed there.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_HISTORY_H
#define SINTER_RUNTIME_REPL_HISTORY_H

#include "runtime/support/Result.h"

#include <string>
#include <vector>

namespace sinter {

class History {
public:
  /// $XDG_STATE_HOME/sinter/history, or ~/.local/state/sinter/history; empty
  /// when there is no such place.
  static std::string defaultPath();

  /// Reads a file, which need not be there yet, and keeps the latest entries.
  Failure open(std::string path);

  /// Remembers a text, unless it is the latest.
  Failure add(const std::string &text);

  /// The text before or after the one that is looked at, or null. `current` is
  /// remembered when the first is asked for, and comes after the last.
  const std::string *older(const std::string &current);
  const std::string *newer();

  const std::vector<std::string> &entries() const { return texts; }

private:
  Failure shorten() const;

  std::string file; ///< empty: nothing is kept
  std::vector<std::string> texts;
  std::string draft;
  size_t place = 0; ///< texts.size(): the draft
};

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_HISTORY_H
