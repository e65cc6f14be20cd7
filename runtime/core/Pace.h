//===- Pace.h - How many threads a busy machine has for us ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A step takes as long as its slowest thread. One that shares its processor
// with another process takes twice as long, and all others wait for it: fewer
// threads are faster then. Threads measure how much of a step they were not
// running; when that is much, one of them stays away, and now and then it is
// tried whether it may come back. Results do not depend on it.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_PACE_H
#define SINTER_RUNTIME_CORE_PACE_H

#include <atomic>
#include <cstdint>

namespace sinter {

class Pace {
public:
  /// For at most `threads`; `busy` processors are taken by others now.
  Pace(int64_t threads, int64_t busy);

  /// How many threads take part in the next step.
  int64_t threads() const { return active; }

  /// What a thread lost in a step, in nanoseconds; from any thread.
  void lose(int64_t nanoseconds);
  /// Ends a step that took so long; `one`: of one token, all of which are much
  /// the same work. No thread is in the step any more.
  void endStep(int64_t nanoseconds, bool one);

private:
  void decide(double lost, double step);
  void change(int64_t by);

  int64_t most, active;
  // Of this window: nanoseconds of its steps, of those of one token, what the
  // threads lost that lost most.
  int64_t length = 0, ofOne = 0, steps = 0, lost = 0;
  std::atomic<int64_t> lostInStep{0};
  // Nanoseconds of steps until the next try with a thread more, and from try to
  // try.
  int64_t wait, pause;
  double before = 0; ///< a step's time with a thread more; 0: unknown
  bool trying = false;
};

/// Processors that other processes use now.
int64_t busyProcessors();

/// Nanoseconds of a clock that goes on, and of one that goes on while this
/// thread runs.
int64_t wallTime();
int64_t threadTime();

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_PACE_H
