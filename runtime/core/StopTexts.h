//===- StopTexts.h - Where an answer ends, by its text ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Text goes through here on its way out. What may be the beginning of a stop
// text waits until more has come, so that how tokens cut the text does not
// matter.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_STOPTEXTS_H
#define SINTER_RUNTIME_CORE_STOPTEXTS_H

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sinter {

class StopTexts {
public:
  /// None of `texts` is empty; they must outlive this.
  explicit StopTexts(std::span<const std::string> texts) : texts(texts) {}

  /// Takes text; appends to `out` what is no part of a stop text. True once one
  /// is complete: of several the one that is first, and of those that end at
  /// the same place the longest.
  bool push(std::string_view text, std::string &out);

  /// Ends the text: appends what was held back.
  void finish(std::string &out);

  /// The stop text that push() came upon.
  const std::optional<std::string> &found() const { return match; }

private:
  std::span<const std::string> texts;
  std::string held;
  std::optional<std::string> match;
};

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_STOPTEXTS_H
