//===- Pace.cpp - How many threads a busy machine has for us --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Pace.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <unistd.h>

namespace sinter {

// Decisions are made after so much time in steps, a few slices of the
// scheduler's.
static constexpr int64_t kWindow = 15'000'000;
// Threads that wait at barriers lose a little; one that shares its processor
// with another process loses half.
static constexpr double kMuch = 0.2;
static constexpr int64_t kShortestPause = 500'000'000;
static constexpr int64_t kLongestPause = 8'000'000'000;

Pace::Pace(int64_t threads, int64_t busy)
    : most(threads), active(threads), wait(kShortestPause / 10),
      pause(kShortestPause) {
  int64_t processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (processors > 0)
    active = std::clamp<int64_t>(processors - busy, 1, threads);
}

void Pace::lose(int64_t nanoseconds) {
  int64_t most = lostInStep.load(std::memory_order_relaxed);
  while (nanoseconds > most &&
         !lostInStep.compare_exchange_weak(most, nanoseconds,
                                           std::memory_order_relaxed))
    ;
}

void Pace::endStep(int64_t nanoseconds, bool one) {
  length += nanoseconds;
  lost += lostInStep.exchange(0, std::memory_order_relaxed);
  if (one) {
    ofOne += nanoseconds;
    ++steps;
  }
  if (length < kWindow)
    return;
  decide(double(lost) / double(length),
         steps ? double(ofOne) / double(steps) : 0);
  wait -= length;
  length = ofOne = steps = lost = 0;
  if (wait > 0 || active == most || before > 0)
    return;
  trying = true;
  change(1);
}

/// `lost` is a share of the window's steps, `step` the time of one of a token.
void Pace::decide(double lost, double step) {
  if (before > 0 && step > 0) {
    // The window after a thread went: was that right?
    bool slower = step > before;
    before = 0;
    if (slower) {
      change(1);
      wait = pause;
      pause = std::min(2 * pause, kLongestPause);
      return;
    }
  }
  if (lost > kMuch && active > 1) {
    if (trying)
      pause = std::min(2 * pause, kLongestPause);
    before = trying ? 0 : step;
    change(-1);
    wait = pause;
  } else if (trying) {
    pause = kShortestPause;
    wait = kShortestPause / 10; // the next one, if there is one
  }
  trying = false;
}

void Pace::change(int64_t by) {
  active = std::clamp<int64_t>(active + by, 1, most);
}

/// A moment's count of what runs or waits to run, without this thread.
static int64_t otherRunners() {
  FILE *file = fopen("/proc/loadavg", "re");
  if (!file)
    return 0;
  int64_t running = 1;
  long long count;
  if (fscanf(file, "%*s %*s %*s %lld/", &count) == 1)
    running = count;
  fclose(file);
  return std::max<int64_t>(running - 1, 0);
}

int64_t busyProcessors() {
  // What runs for a moment only is seen once.
  int64_t least = otherRunners();
  for (int i = 0; i < 4 && least > 0; ++i) {
    usleep(300);
    least = std::min(least, otherRunners());
  }
  return least;
}

static int64_t timeOf(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

int64_t wallTime() { return timeOf(CLOCK_MONOTONIC); }
int64_t threadTime() { return timeOf(CLOCK_THREAD_CPUTIME_ID); }

} // namespace sinter
