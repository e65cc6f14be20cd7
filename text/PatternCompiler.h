//===- PatternCompiler.h - Regular expressions to programs ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Tokenizers split text by patterns in Perl's manner that speak of Unicode
// classes. ICU says here, when compiling, which code points a class holds;
// the program gets ranges and instructions (runtime/text/Matcher.h).
//
// Known: literals, '.', classes (nested, '&&'), \p \P \d \w \s \b and their
// opposites, \xHH \x{H} \uHHHH, groups (plain, named, (?:), (?i:), (?>)),
// alternatives, greedy, lazy and possessive repetition, (?= (?! of anything,
// (?<= (?<! of one code point, anchors. Not known, and refused with a message:
// back references, conditionals, repetition of what can match nothing.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_PATTERNCOMPILER_H
#define SINTER_TEXT_PATTERNCOMPILER_H

#include "runtime/support/Result.h"
#include "runtime/text/TokenizerTables.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::text {

/// Sets that every tokenizer has: the runtime's added tokens use them.
inline constexpr uint32_t whiteSpaceSet = 0, wordSet = 1;

/// A sorted list of code point ranges that do not touch.
using CodeSet = std::vector<CodeRange>;

/// All the patterns of one tokenizer; equal sets are kept once.
class PatternCompiler {
public:
  PatternCompiler();

  struct Options {
    /// Ruby's manner: ^ and $ also match at line ends, {n,m}+ and {n}? repeat
    /// a repetition.
    bool rubyManner = false;
  };
  /// Adds `pattern` and gives its program's number. The message of a failure
  /// names the pattern, the place in it, and what is not understood.
  Result<uint32_t> compile(std::string_view pattern, const Options &options);
  /// Adds a pattern that matches `text` and nothing else.
  uint32_t compileLiteral(std::string_view text);

  uint32_t addSet(const CodeSet &set);

  const std::vector<uint32_t> &programs() const { return starts; }
  const std::vector<Instruction> &instructions() const { return code; }
  const std::vector<CodeSet> &sets() const { return allSets; }

private:
  std::vector<uint32_t> starts;
  std::vector<Instruction> code;
  std::vector<CodeSet> allSets;
  std::map<std::vector<uint32_t>, uint32_t> setNumbers;
};

} // namespace sinter::text

#endif // SINTER_TEXT_PATTERNCOMPILER_H
