//===- Team.cpp - The threads that run a step together --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Team.h"
#include "runtime/core/Pace.h"
#include "runtime/profile/Profile.h"

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstring>
#include <immintrin.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sinter {

// A pause takes 40 to 140 cycles. Workers spin from step to step, while a token
// is sampled. At a barrier the others are late by microseconds; when they are
// not, something else has their processor, and sleeping lets the system move
// them to ours.
static constexpr uint32_t kSpinsBetweenSteps = 1 << 14;
static constexpr uint32_t kSpinsAtBarrier = 1 << 10;
static constexpr uint32_t kSpinsWhenCrowded = 16;

//===----------------------------------------------------------------------===//
// Signal and Barrier
//===----------------------------------------------------------------------===//

static void futex(std::atomic<uint32_t> &word, int operation, uint32_t value) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), operation, value,
          nullptr, nullptr, 0);
}

void Signal::waitWhile(uint32_t seen, uint32_t spins) {
  for (uint32_t i = 0; i < spins; ++i) {
    if (now() != seen)
      return;
    _mm_pause();
  }
  // raise() looks at `sleepers` after it has changed `value`, we do it the
  // other way round: one of the two sees the other.
  sleepers.fetch_add(1, std::memory_order_seq_cst);
  while (value.load(std::memory_order_seq_cst) == seen)
    futex(value, FUTEX_WAIT_PRIVATE, seen);
  sleepers.fetch_sub(1, std::memory_order_relaxed);
}

void Signal::raise() {
  value.fetch_add(1, std::memory_order_seq_cst);
  if (sleepers.load(std::memory_order_seq_cst))
    futex(value, FUTEX_WAKE_PRIVATE, INT_MAX);
}

void Barrier::wait() {
  uint32_t seen = passed.now();
  if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 < threads)
    return passed.waitWhile(seen, spins);
  arrived.store(0, std::memory_order_relaxed);
  passed.raise();
}

void Turns::enter() {
  uint32_t ticket = tickets.fetch_add(1, std::memory_order_relaxed);
  for (uint32_t now = served.now(); now != ticket; now = served.now())
    served.waitWhile(now, kSpinsWhenCrowded);
}

//===----------------------------------------------------------------------===//
// Team
//===----------------------------------------------------------------------===//

/// Flushes denormals to zero while generated code runs: they carry nothing
/// and would make single steps ten times slower.
class FlushDenormals {
public:
  FlushDenormals() : saved(_mm_getcsr()) { _mm_setcsr(saved | 0x8040); }
  ~FlushDenormals() { _mm_setcsr(saved); }

private:
  unsigned saved;
};

/// A thread's part of a step, which ends when all have done theirs.
void Team::runPart(int64_t thread) {
  int64_t ran = pace ? threadTime() : 0;
  auto *profile = static_cast<Profile *>(call->profile);
  step.load(std::memory_order_relaxed)(call, thread);
  if (pace)
    pace->lose(wallTime() - stepBegan - (threadTime() - ran));
  if (!profile)
    return barrier.wait();
  profile->mark(thread, Profile::kWaits, -1);
  barrier.wait();
  // By now the call may be gone.
  profile->mark(thread, Profile::kOutside, -1);
}

void *Team::work(void *argument) {
  Worker &worker = *static_cast<Worker *>(argument);
  Team &team = *worker.team;
  FlushDenormals flush;
  for (uint32_t seen = 0;; ++seen) {
    team.begun.waitWhile(seen, team.spins);
    uint32_t unparked = team.unparked.now();
    if (!team.step.load(std::memory_order_relaxed))
      return nullptr;
    if (worker.number < team.active) {
      team.runPart(worker.number);
      continue;
    }
    team.parked.fetch_add(1, std::memory_order_release);
    team.unparked.waitWhile(unparked, 0);
    seen = team.seenWhenUnparked - 1;
  }
}

Team::Team(int64_t threads, uint32_t spins, uint32_t barrierSpins)
    : threads(threads), active(threads), spins(spins),
      barrier(threads, barrierSpins) {}

void Team::yieldToOthers() {
  if (threads > 1)
    pace = std::make_unique<Pace>(threads, busyProcessors());
}

/// Before a step: `wanted` threads run it. Who is to come back can once all
/// that were sent away have gone; then nobody reads what changes here.
void Team::choose(int64_t wanted) {
  if (wanted > active) {
    if (parked.load(std::memory_order_acquire) != threads - active)
      return;
    parked.store(0, std::memory_order_relaxed);
    seenWhenUnparked = begun.now();
    active = wanted;
    unparked.raise();
  }
  active = wanted;
  barrier.expect(active);
}

Result<std::unique_ptr<Team>> Team::create(int64_t threads) {
  bool crowded = threads > usableCores();
  std::unique_ptr<Team> team(
      new Team(threads, crowded ? kSpinsWhenCrowded : kSpinsBetweenSteps,
               crowded ? kSpinsWhenCrowded : kSpinsAtBarrier));
  team->workers.reserve(size_t(threads));
  for (int64_t number = 1; number < threads; ++number) {
    Worker &worker = team->workers.emplace_back(Worker{team.get(), number, {}});
    int error = pthread_create(&worker.thread, nullptr, work, &worker);
    if (!error)
      continue;
    team->workers.pop_back();
    return Failure("cannot start thread " + std::to_string(number + 1) +
                   " of " + std::to_string(threads) + ": " + strerror(error));
  }
  return team;
}

Team::~Team() {
  step = nullptr;
  begun.raise();
  unparked.raise();
  for (Worker &worker : workers)
    pthread_join(worker.thread, nullptr);
}

void Team::run(SinterStep newStep, SinterCall &newCall) {
  turns.enter();
  FlushDenormals flush;
  if (pace && !profile)
    choose(pace->threads());
  newCall.barrier = &barrier;
  newCall.threads = active;
  step = newStep;
  call = &newCall;
  if (pace)
    stepBegan = wallTime();
  if (threads > 1)
    begun.raise();
  runPart(0);
  if (pace)
    pace->endStep(wallTime() - stepBegan,
                  newCall.batch == 1 && newCall.tokens == 1);
  turns.leave();
}

//===----------------------------------------------------------------------===//
// Processors
//===----------------------------------------------------------------------===//

/// The first processor of the core that `processor` belongs to.
static int firstSibling(int processor) {
  char path[96];
  snprintf(path, sizeof(path),
           "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
           processor);
  FILE *file = fopen(path, "re");
  int first = processor;
  if (file) {
    if (fscanf(file, "%d", &first) != 1)
      first = processor;
    fclose(file);
  }
  return first;
}

/// Processors' worth of time that the control group allows.
static int64_t quotaOfGroup() {
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
  if (!file)
    return INT_MAX;
  long long quota = 0, period = 0;
  int fields = fscanf(file, "%lld %lld", &quota, &period);
  fclose(file);
  if (fields != 2 || quota <= 0 || period <= 0)
    return INT_MAX;
  return std::max(1ll, (quota + period - 1) / period);
}

int64_t usableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0)
    return 1;
  int64_t cores = 0;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &set))
      continue;
    int first = firstSibling(processor);
    bool counted = first < processor && first >= 0 && CPU_ISSET(first, &set);
    cores += !counted;
  }
  return std::clamp<int64_t>(cores, 1, quotaOfGroup());
}

} // namespace sinter

extern "C" void sinter_barrier(const SinterCall *call) {
  if (call->threads > 1)
    static_cast<sinter::Barrier *>(call->barrier)->wait();
}
