//===- PatternSyntax.h - Regular expressions as trees -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEXT_PATTERNSYNTAX_H
#define SINTER_TEXT_PATTERNSYNTAX_H

#include "runtime/support/Result.h"
#include "text/PatternCompiler.h"

#include <memory>
#include <string_view>
#include <vector>

namespace sinter::text {

struct PatternNode {
  enum class Kind {
    Sequence,     ///< of children; matches nothing if there are none
    Alternatives, ///< one of children, the first that works
    Set,          ///< one code point of set
    Repeat,       ///< child 0, least to most times
    Look,         ///< child 0 matches here (or not: negated)
    Behind,       ///< the code point before is of set (or not: negated)
    Atomic,       ///< child 0, never reconsidered
    AtStart,
    AtEnd
  };
  enum class Greed { Much, Little, All };

  Kind kind = Kind::Sequence;
  std::vector<std::unique_ptr<PatternNode>> children;
  CodeSet set;
  uint32_t least = 0, most = 0; // noLimit: any number
  Greed greed = Greed::Much;
  bool negated = false;
};

/// Parses `pattern`, valid UTF-8 (anything else is an error).
Result<std::unique_ptr<PatternNode>>
parsePattern(std::string_view pattern, const PatternCompiler::Options &options);

} // namespace sinter::text

#endif // SINTER_TEXT_PATTERNSYNTAX_H
