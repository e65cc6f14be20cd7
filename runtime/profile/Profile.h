//===- Profile.h - When each thread did what --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Generated code tells a profile, where a call has one, which kernel a thread
// begins (sinter_mark). Times are added up by kernel; for a trace each mark is
// kept too. All memory is allocated when the profile is made.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROFILE_PROFILE_H
#define SINTER_RUNTIME_PROFILE_PROFILE_H

#include "runtime/core/Manifest.h"
#include "runtime/core/Memory.h"
#include "runtime/profile/Report.h"

#include <atomic>
#include <memory>

namespace sinter {

class Profile {
public:
  /// Numbers of no kernel: waiting for others, and outside of a step.
  static constexpr int64_t kWaits = -1, kOutside = -2;

  /// Of a model whose kernels are `kernels`; `trace` keeps every mark. The
  /// manifest must outlive the profile.
  static Result<std::unique_ptr<Profile>> create(const Manifest &manifest,
                                                 int64_t threads, bool trace);

  /// Thread `thread` begins a kernel, or waits, or leaves the step.
  void mark(int64_t thread, int64_t kernel, int64_t layer);

  /// Around a step that all threads run; by the caller of the team.
  void beginStep(const EntryDescription &entry, const SinterCall &call);
  void endStep();

  /// What was measured, for a machine that may be unknown.
  Report report(const Machine &machine) const;

  int64_t threadCount() const { return int64_t(threads.size()); }
  /// Events that a trace has no room for.
  int64_t lostEvents() const;

  /// Events in the Trace Event Format, for chrome://tracing and Perfetto.
  std::string traceJson() const;

private:
  /// A mark, as long as it lasted.
  struct Event {
    int64_t begin, end; // ns
    int32_t kernel, layer;
  };
  /// Times of a kernel by one thread.
  struct Sum {
    int64_t calls = 0, busy = 0, waits = 0;
  };
  struct alignas(64) Thread {
    int64_t since = 0, current = kOutside, layer = -1;
    Sum *ofCurrent = nullptr; // of the latest kernel
    std::vector<Sum> sums;    // by kind of step and kernel
    Memory events;
    int64_t eventCount = 0, lost = 0;
  };
  /// Steps of an entry, of one token or of several.
  struct Kind {
    const EntryDescription *entry;
    bool one;
    int64_t steps = 0, tokens = 0, time = 0;
  };

  Profile() = default;
  size_t kindOf(const EntryDescription &entry, bool one);
  void keep(Thread &thread, int64_t end);

  const std::vector<Kernel> *kernels = nullptr;
  std::vector<Thread> threads;
  std::vector<Kind> kinds;
  std::vector<Work> work;           // by kind of step and kernel
  std::vector<int64_t> callsBefore; // by kernel, of the step
  int64_t firstMoment = 0;
  // Of the step.
  int64_t stepBegan = 0;
  std::atomic<int64_t> stepEnded = 0; // of the latest that did
  size_t stepKind = 0;
  StepSizes sizes;
  const void *const *inputs = nullptr;
};

} // namespace sinter

#endif // SINTER_RUNTIME_PROFILE_PROFILE_H
