//===- Team.h - The threads that run a step together ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A step is one parallel region: every thread of the team runs all of it and
// meets the others at barriers. Small models pass a barrier every few
// microseconds, hence threads spin first, and sleep only when it takes long
// (or at once when there are more threads than processors).
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_TEAM_H
#define SINTER_RUNTIME_CORE_TEAM_H

#include "runtime/core/Abi.h"
#include "runtime/support/Result.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <pthread.h>
#include <vector>

namespace sinter {

class Pace;
class Profile;

/// A number that others wait for to change.
class Signal {
public:
  uint32_t now() const { return value.load(std::memory_order_acquire); }
  /// Returns when the number is not `seen` any more.
  void waitWhile(uint32_t seen, uint32_t spins);
  /// Adds one and wakes who sleeps.
  void raise();

private:
  alignas(64) std::atomic<uint32_t> value{0};
  std::atomic<uint32_t> sleepers{0};
};

/// Where a fixed number of threads meet.
class Barrier {
public:
  Barrier(int64_t threads, uint32_t spins) : threads(threads), spins(spins) {}
  void wait();
  /// While nobody waits: how many threads meet.
  void expect(int64_t count) { threads = count; }

private:
  int64_t threads;
  uint32_t spins;
  alignas(64) std::atomic<int64_t> arrived{0};
  Signal passed;
};

/// Lets one thread in at a time, in the order in which they came: a thread that
/// leaves and comes back at once, as a generation does, goes behind who waits.
class Turns {
public:
  void enter();
  void leave() { served.raise(); }

private:
  std::atomic<uint32_t> tickets{0};
  Signal served;
};

class Team {
public:
  /// Starts threads - 1 threads; the caller of run() is the first.
  static Result<std::unique_ptr<Team>> create(int64_t threads);
  Team(const Team &) = delete;
  Team &operator=(const Team &) = delete;
  ~Team();

  int64_t size() const { return threads; }

  /// From now on fewer threads run steps while other processes need their
  /// processors.
  void yieldToOthers();

  /// Runs the step on all threads (call's barrier and threads are set here);
  /// returns when all have finished. Callers of several threads take turns.
  void run(SinterStep step, SinterCall &call);

  /// Where models tell their times; null: nowhere.
  Profile *profile = nullptr;

private:
  Team(int64_t threads, uint32_t spins, uint32_t barrierSpins);
  struct Worker {
    Team *team;
    int64_t number;
    pthread_t thread;
  };
  static void *work(void *worker);
  void choose(int64_t wanted);
  void runPart(int64_t thread);

  int64_t threads;
  std::atomic<int64_t> active; ///< run steps; the others are parked
  uint32_t spins;
  std::vector<Worker> workers;
  Turns turns;
  Signal begun;
  // Those parked sleep here until all of them look again.
  Signal unparked;
  std::atomic<int64_t> parked{0};
  uint32_t seenWhenUnparked = 0; ///< of `begun`
  std::unique_ptr<Pace> pace;    ///< null: all threads, always
  int64_t stepBegan = 0;
  Barrier barrier;
  std::atomic<SinterStep> step = nullptr; ///< null tells workers to end
  const SinterCall *call = nullptr;
};

/// Processors that this process may use: those of its affinity mask, one for
/// each core, within the limit of its control group.
int64_t usableCores();

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_TEAM_H
