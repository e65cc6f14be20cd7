//===- MessageSource.h - Where messages come from ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_MESSAGESOURCE_H
#define SINTER_RUNTIME_REPL_MESSAGESOURCE_H

#include "runtime/support/Result.h"

#include <optional>
#include <string>
#include <string_view>

namespace sinter {

class MessageSource {
public:
  virtual ~MessageSource() = default;
  /// The next message, in UTF-8; none at the end, or after Ctrl-C
  /// (interruptPending()).
  virtual Result<std::optional<std::string>> next() = 0;
};

/// Lines of standard input, which end with "\n" or "\r\n".
class LineReader : public MessageSource {
public:
  /// `sign` is shown to a person who is to type.
  explicit LineReader(std::string_view sign = "") : sign(sign) {}

  Result<std::optional<std::string>> next() override;

private:
  std::string_view sign;
  std::string buffer;
  size_t begin = 0; // of what was not given out
  bool ended = false;
};

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_MESSAGESOURCE_H
