//===- Matcher.h - Runs compiled patterns over text -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Patterns mean what they mean in Perl (the first alternative that works, not
// the longest), which takes backtracking. A text on which that becomes slow
// makes the matcher remember the states that failed, which bounds the work by
// pattern size times text length. There is no recursion but into look-arounds
// and atomic groups, nested as deep as the pattern; what these may take in all
// is bounded too: after that they match nothing.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TEXT_MATCHER_H
#define SINTER_RUNTIME_TEXT_MATCHER_H

#include "runtime/text/TablesView.h"

#include <string_view>
#include <vector>

namespace sinter::text {

/// Look and Atomic may nest this deep.
inline constexpr uint32_t maxPatternDepth = 16;

class Matcher {
public:
  /// Program `program` over `text`; both must outlive the matcher.
  Matcher(const TablesView &tables, uint32_t program, std::string_view text);

  struct Match {
    size_t begin, end; // in bytes
  };
  /// The first match that begins at `from` or later; false if there is none.
  bool find(size_t from, Match &match);

private:
  /// A place to go on from when the current path fails.
  struct Choice {
    enum Kind : uint32_t { Other, GiveBack, TakeMore } kind;
    uint32_t pc;
    size_t pos;
    size_t limit; // GiveBack: down to this position; TakeMore: so many more
  };
  /// States (pc, pos) known to fail.
  class Failed {
  public:
    void start(size_t programSize, size_t first, size_t last);
    bool active() const { return !bits.empty(); }
    /// True when the state was there already.
    bool insert(uint32_t pc, size_t pos);
    void forget(size_t pos);

  private:
    std::vector<uint64_t> bits;
    size_t width = 0, origin = 0;
  };
  enum class Outcome { Matched, Failed, TooLong };

  Outcome run(uint32_t pc, size_t pos, size_t &end, Failed &failed,
              uint64_t &steps, uint64_t limit, uint32_t depth);
  bool runApart(uint32_t pc, size_t pos, size_t &end, uint32_t depth);
  bool step(uint32_t &pc, size_t &pos, uint32_t depth, uint64_t &steps);
  bool repeat(const Instruction &what, uint32_t &pc, size_t &pos,
              uint64_t &steps);
  bool resume(size_t base, uint32_t &pc, size_t &pos);
  bool setHolds(uint32_t set, size_t pos) const;
  bool assertion(const Instruction &what, size_t pos) const;

  const TablesView &tables;
  std::span<const Instruction> code;
  uint32_t first;
  std::string_view text;
  std::vector<Choice> choices;
  Failed failedStates;
  uint64_t stepsSoFar = 0;
  uint64_t stepsApart = 0; ///< in look-arounds and atomic groups, in all
  uint64_t apartLimit;
};

} // namespace sinter::text

#endif // SINTER_RUNTIME_TEXT_MATCHER_H
