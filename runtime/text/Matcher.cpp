//===- Matcher.cpp - The pattern machine ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Matcher.h"
#include "runtime/text/Utf8.h"

namespace sinter::text {

/// Steps per byte of text after which failed states are remembered. The
/// patterns in use stay below ten.
static constexpr uint64_t patience = 64;
/// The same for one look-around or atomic group, in all.
static constexpr uint64_t patienceApart = 4096;
/// Steps per byte of text in look-arounds and atomic groups after which none of
/// them matches any more. Nested ones could take a power of the text's length.
static constexpr uint64_t patienceInAll = 16384;

//===----------------------------------------------------------------------===//
// Failed states
//===----------------------------------------------------------------------===//

void Matcher::Failed::start(size_t programSize, size_t first, size_t last) {
  width = programSize;
  origin = first;
  bits.assign((last - first + 1) * width / 64 + 1, 0);
}

bool Matcher::Failed::insert(uint32_t pc, size_t pos) {
  size_t index = (pos - origin) * width + pc;
  uint64_t bit = uint64_t(1) << (index % 64);
  bool known = bits[index / 64] & bit;
  bits[index / 64] |= bit;
  return known;
}

void Matcher::Failed::forget(size_t pos) {
  for (size_t pc = 0; pc < width; ++pc) {
    size_t index = (pos - origin) * width + pc;
    bits[index / 64] &= ~(uint64_t(1) << (index % 64));
  }
}

//===----------------------------------------------------------------------===//
// Single instructions
//===----------------------------------------------------------------------===//

Matcher::Matcher(const TablesView &tables, uint32_t program,
                 std::string_view text)
    : tables(tables),
      code(tables.section<Instruction>(SectionKind::Instructions)),
      first(tables.section<uint32_t>(SectionKind::Programs)[program]),
      text(text), apartLimit(patienceInAll * (text.size() + 64)) {}

bool Matcher::setHolds(uint32_t set, size_t pos) const {
  return pos < text.size() && tables.contains(set, codeAt(text, pos));
}

bool Matcher::assertion(const Instruction &what, size_t pos) const {
  switch (what.op) {
  case Opcode::Ahead:
    return setHolds(what.a, pos);
  case Opcode::NotAhead:
    return !setHolds(what.a, pos);
  case Opcode::Behind:
    return pos > 0 && setHolds(what.a, startBefore(text, pos));
  case Opcode::NotBehind:
    return pos == 0 || !setHolds(what.a, startBefore(text, pos));
  case Opcode::AtStart:
    return pos == 0;
  default: // AtEnd
    return pos == text.size();
  }
}

/// Takes what a repeated set can take; leaves a choice behind where it may
/// take less (Repeat) or more (RepeatFew).
bool Matcher::repeat(const Instruction &what, uint32_t &pc, size_t &pos,
                     uint64_t &steps) {
  uint32_t most = what.op == Opcode::RepeatFew ? what.b : what.c;
  uint32_t taken = 0;
  size_t least = pos;
  while (taken < most && setHolds(what.a, pos)) {
    pos += sizeAt(text, pos);
    if (++taken == what.b)
      least = pos;
    ++steps;
  }
  if (taken < what.b)
    return false;
  if (what.op == Opcode::RepeatFew) {
    if (taken < what.c)
      choices.push_back({Choice::TakeMore, pc, pos, what.c - taken});
  } else if (what.op == Opcode::Repeat && pos > least) {
    choices.push_back({Choice::GiveBack, pc, pos, least});
  }
  ++pc;
  return true;
}

/// One instruction other than Accept; false when the path fails.
bool Matcher::step(uint32_t &pc, size_t &pos, uint32_t depth, uint64_t &steps) {
  const Instruction &what = code[pc];
  size_t end = pos;
  switch (what.op) {
  case Opcode::Set:
    if (!setHolds(what.a, pos))
      return false;
    pos += sizeAt(text, pos);
    break;
  case Opcode::Repeat:
  case Opcode::RepeatAll:
  case Opcode::RepeatFew:
    return repeat(what, pc, pos, steps);
  case Opcode::Jump:
    pc = what.a;
    return true;
  case Opcode::Split:
    choices.push_back({Choice::Other, what.b, pos, 0});
    pc = what.a;
    return true;
  case Opcode::Look:
    if (runApart(what.b, pos, end, depth) == (what.c != 0))
      return false;
    pc = what.a;
    return true;
  case Opcode::Atomic:
    if (!runApart(what.b, pos, end, depth))
      return false;
    pos = end;
    pc = what.a;
    return true;
  default:
    if (!assertion(what, pos))
      return false;
    break;
  }
  ++pc;
  return true;
}

/// Goes back to the latest choice above `base`; false if there is none.
bool Matcher::resume(size_t base, uint32_t &pc, size_t &pos) {
  while (choices.size() > base) {
    Choice &last = choices.back();
    pc = last.pc;
    bool exhausted = true;
    if (last.kind == Choice::GiveBack) {
      last.pos = startBefore(text, last.pos);
      exhausted = last.pos <= last.limit;
      ++pc;
    } else if (last.kind == Choice::TakeMore) {
      if (!setHolds(code[pc].a, last.pos)) {
        choices.pop_back();
        continue;
      }
      last.pos += sizeAt(text, last.pos);
      exhausted = --last.limit == 0;
      ++pc;
    }
    pos = last.pos;
    if (exhausted)
      choices.pop_back();
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

Matcher::Outcome Matcher::run(uint32_t pc, size_t pos, size_t &end,
                              Failed &failed, uint64_t &steps, uint64_t limit,
                              uint32_t depth) {
  size_t base = choices.size();
  for (;;) {
    bool alive = true;
    ++steps;
    bool spent = depth > 0 && stepsApart + steps > apartLimit;
    if (spent || (!failed.active() && steps > limit)) {
      choices.resize(base);
      return Outcome::TooLong;
    }
    if (failed.active())
      alive = !failed.insert(pc, pos);
    if (alive && code[pc].op == Opcode::Accept) {
      choices.resize(base);
      end = pos;
      return Outcome::Matched;
    }
    if ((alive && step(pc, pos, depth, steps)) || resume(base, pc, pos))
      continue;
    return Outcome::Failed;
  }
}

/// Runs instructions whose outcome alone matters. Failed states are its own:
/// a state that is on the way to success here says nothing about a later run.
bool Matcher::runApart(uint32_t pc, size_t pos, size_t &end, uint32_t depth) {
  if (depth >= maxPatternDepth)
    return false;
  Failed failed;
  uint64_t steps = 0;
  Outcome outcome = run(pc, pos, end, failed, steps, patienceApart, depth + 1);
  if (outcome == Outcome::TooLong) {
    failed.start(code.size(), pos, text.size());
    steps += (text.size() - pos) * code.size() / 64;
    outcome = run(pc, pos, end, failed, steps, patienceApart, depth + 1);
  }
  stepsApart += steps;
  return outcome == Outcome::Matched;
}

bool Matcher::find(size_t from, Match &match) {
  uint64_t limit = patience * (text.size() + 64);
  for (size_t pos = from; pos <= text.size();) {
    Outcome outcome =
        run(first, pos, match.end, failedStates, stepsSoFar, limit, 0);
    if (outcome == Outcome::TooLong) {
      failedStates.start(code.size(), 0, text.size());
      continue;
    }
    if (outcome == Outcome::Matched) {
      // States on the way to success did not fail. All that a later search
      // can meet lie where this match ends.
      if (failedStates.active())
        failedStates.forget(match.end);
      match.begin = pos;
      return true;
    }
    if (pos == text.size())
      break;
    pos += sizeAt(text, pos);
  }
  return false;
}

} // namespace sinter::text
