//===- Run.h - Budget and failure of one rendering --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Templates come from checkpoints, that is from strangers: every value made
// and every step taken is charged here, and the first failure ends the run.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_RUN_H
#define SINTER_RUNTIME_CHAT_RUN_H

#include "runtime/chat/Ast.h"
#include "runtime/support/Result.h"

#include <optional>

namespace sinter::chat {

class Run {
public:
  /// Records a failure at the node being evaluated unless there is one, and
  /// returns undefined. Later results are worthless: callers check failed()
  /// before each effect and in each loop.
  Value fail(const std::string &message);
  bool failed() const { return failure.has_value(); }
  const Failure &why() const { return *failure; }

  /// Takes `units` (steps, or 16 bytes each) from the budget; false when it
  /// is spent.
  bool charge(uint64_t units);

  /// Takes the price of making `text` from the budget.
  bool charge(const MarkedText &text);

  Value string(MarkedText text);
  Value markup(MarkedText text);
  /// A text that is the template's own or Sinter's.
  Value plain(std::string bytes) {
    return string(MarkedText::plain(std::move(bytes)));
  }
  Value list(Values items, Kind kind = Kind::List);
  Value view(const char *name, Values items);
  /// Makes a dict; later entries replace earlier ones of the same key.
  Value dict(Entries entries);
  Value iterator(Values items);

  Position at; // of the node being evaluated

private:
  bool admit(const Extent &extent);

  std::optional<Failure> failure;
  uint64_t budget = uint64_t(1) << 24;
};

} // namespace sinter::chat

#endif // SINTER_RUNTIME_CHAT_RUN_H
