//===- Profile.cpp - When each thread did what ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/Profile.h"

#include <algorithm>
#include <ctime>

namespace sinter {

// A model of 30 layers makes some 400 marks a token.
static constexpr int64_t kMostEvents = int64_t(1) << 21;

static int64_t moment() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t(time.tv_sec) * 1000000000 + time.tv_nsec;
}

Result<std::unique_ptr<Profile>> Profile::create(const Manifest &manifest,
                                                 int64_t threads, bool trace) {
  std::unique_ptr<Profile> profile(new Profile);
  size_t count = manifest.kernels.size();
  if (count == 0)
    return Failure("--profile: this program says nothing of its kernels");
  profile->kernels = &manifest.kernels;
  for (const EntryDescription &entry : manifest.entries)
    for (bool one : {false, true})
      profile->kinds.push_back({&entry, one});
  profile->work.resize(profile->kinds.size() * count);
  profile->callsBefore.resize(count);
  profile->threads.reserve(size_t(threads));
  for (int64_t i = 0; i < threads; ++i) {
    Thread &thread = profile->threads.emplace_back();
    thread.sums.resize(profile->kinds.size() * count);
    if (!trace)
      continue;
    Result<Memory> events = Memory::allocate(
        kMostEvents * int64_t(sizeof(Event)), Memory::Use::Sparse, "a trace");
    if (!events)
      return events.failure();
    thread.events = std::move(*events);
  }
  profile->firstMoment = moment();
  return profile;
}

void Profile::keep(Thread &thread, int64_t end) {
  if (!thread.events.data())
    return;
  if (thread.eventCount == kMostEvents) {
    ++thread.lost;
    return;
  }
  thread.events.as<Event>()[thread.eventCount++] = {
      thread.since, end, int32_t(thread.current), int32_t(thread.layer)};
}

void Profile::mark(int64_t number, int64_t kernel, int64_t layer) {
  Thread &thread = threads[size_t(number)];
  int64_t time = moment();
  // A thread may leave long after the step, if it lost its processor.
  if (kernel == kOutside)
    if (int64_t ended = stepEnded; ended > thread.since)
      time = std::min(time, ended);
  if (thread.current >= 0) {
    thread.ofCurrent->busy += time - thread.since;
    ++thread.ofCurrent->calls;
  } else if (thread.current == kWaits && thread.ofCurrent) {
    thread.ofCurrent->waits += time - thread.since;
  }
  if (thread.current != kOutside)
    keep(thread, time);
  thread.since = time;
  thread.current = kernel < int64_t(kernels->size()) ? kernel : kWaits;
  if (thread.current >= 0)
    thread.ofCurrent =
        &thread.sums[stepKind * kernels->size() + size_t(kernel)];
  thread.layer = layer;
}

size_t Profile::kindOf(const EntryDescription &entry, bool one) {
  for (size_t i = 0; i < kinds.size(); ++i)
    if (kinds[i].entry == &entry && kinds[i].one == one)
      return i;
  return 0;
}

void Profile::beginStep(const EntryDescription &entry, const SinterCall &call) {
  stepKind = kindOf(entry, call.batch == 1 && call.tokens == 1);
  sizes = {call.batch, call.tokens, call.last};
  inputs = call.inputs;
  const Sum *sums = &threads[0].sums[stepKind * kernels->size()];
  for (size_t i = 0; i < kernels->size(); ++i)
    callsBefore[i] = sums[i].calls;
  stepBegan = moment();
}

void Profile::endStep() {
  Kind &kind = kinds[stepKind];
  stepEnded = moment();
  kind.time += stepEnded - stepBegan;
  ++kind.steps;
  kind.tokens += sizes.batch * sizes.tokens;
  size_t first = stepKind * kernels->size();
  for (size_t i = 0; i < kernels->size(); ++i) {
    int64_t calls = threads[0].sums[first + i].calls - callsBefore[i];
    if (calls == 0)
      continue;
    const Kernel &kernel = (*kernels)[i];
    std::span<const int32_t> before;
    const std::string &name = kernel.past.empty() ? kernel.keys : kernel.past;
    const std::vector<EntryTensor> &tensors = kind.entry->inputs;
    for (size_t k = 0; k < tensors.size() && !name.empty(); ++k)
      if (tensors[k].name == name && inputs[k])
        before = {static_cast<const int32_t *>(inputs[k]), size_t(sizes.batch)};
    Work one = kernel.work(sizes, before);
    Work &sum = work[first + i];
    sum.flops += double(calls) * one.flops;
    sum.memory += double(calls) * one.memory;
    sum.near += double(calls) * one.near;
  }
}

Report Profile::report(const Machine &machine) const {
  Report report;
  report.machine = machine;
  report.threads = int64_t(threads.size());
  report.measured = true;
  for (size_t kind = 0; kind < kinds.size(); ++kind) {
    if (kinds[kind].steps == 0)
      continue;
    ReportPart &part = report.parts.emplace_back();
    part.name = kinds[kind].entry->name +
                (kinds[kind].one ? ", one token" : ", several tokens");
    part.steps = kinds[kind].steps;
    part.tokens = kinds[kind].tokens;
    part.seconds = double(kinds[kind].time) * 1e-9;
    for (size_t k = 0; k < kernels->size(); ++k) {
      size_t i = kind * kernels->size() + k;
      int64_t calls = threads[0].sums[i].calls;
      if (calls == 0)
        continue;
      ReportLine &line = part.lines.emplace_back();
      line.kernel = &(*kernels)[k];
      line.calls = calls;
      line.work = work[i];
      for (const Thread &thread : threads) {
        line.busy += double(thread.sums[i].busy) * 1e-9;
        line.waits += double(thread.sums[i].waits) * 1e-9;
      }
      line.busy /= double(threads.size());
      line.waits /= double(threads.size());
    }
  }
  return report;
}

int64_t Profile::lostEvents() const {
  int64_t lost = 0;
  for (const Thread &thread : threads)
    lost += thread.lost;
  return lost;
}

std::string Profile::traceJson() const {
  TraceWriter writer(int64_t(threads.size()));
  for (size_t t = 0; t < threads.size(); ++t) {
    const Event *events = threads[t].events.as<Event>();
    for (int64_t i = 0; i < threads[t].eventCount; ++i) {
      const Event &event = events[i];
      const Kernel *kernel =
          event.kernel >= 0 ? &(*kernels)[size_t(event.kernel)] : nullptr;
      writer.add(int64_t(t), event.begin - firstMoment, event.end - event.begin,
                 kernel, event.layer);
    }
  }
  return writer.finish();
}

} // namespace sinter

extern "C" void sinter_mark(const SinterCall *call, int64_t thread,
                            int64_t kernel, int64_t layer) {
  static_cast<sinter::Profile *>(call->profile)->mark(thread, kernel, layer);
}
