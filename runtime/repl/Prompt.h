//===- Prompt.h - Messages of a person --------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_PROMPT_H
#define SINTER_RUNTIME_REPL_PROMPT_H

#include "runtime/repl/History.h"
#include "runtime/repl/LineEditor.h"
#include "runtime/repl/MessageSource.h"
#include "runtime/repl/Terminal.h"

#include <functional>

namespace sinter {

/// Lets a person type, with all that an editor of lines does.
class Prompt : public MessageSource {
public:
  /// `note` is told what went wrong beside.
  Prompt(History history, std::function<void(const std::string &)> note)
      : history(std::move(history)), note(std::move(note)) {}

  Result<std::optional<std::string>> next() override;

private:
  enum class Step { Goes, Said, Ended };
  Step take(const Key &key);
  Step enter();
  void drop();
  void recall(const std::string *text);
  void paint();

  Terminal terminal;
  History history;
  LineEditor editor;
  std::vector<Key> keys; // that were typed ahead
  std::function<void(const std::string &)> note;
};

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_PROMPT_H
