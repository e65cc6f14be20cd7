//===- LinearBench.cpp - Speed of linear kernels alone --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//   sinter-linear-bench [FEATURES [THREADS [TYPE]]]
//
// One token: bytes of weights a second, beside a read of as much memory with
// four streams a thread, run alternately. Many tokens: multiply-adds (two
// operations each) a second; `sinter explain --machine=probe` gives the peaks.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/linear/Data.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <sys/mman.h>
#include <thread>

using namespace sinter;

namespace {

/// CPU time of this thread: what others on the machine take does not count.
double now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

/// Threads that run one function after another, all at once.
class Team {
public:
  explicit Team(int64_t size) : size(size) {
    for (int64_t i = 1; i < size; ++i)
      threads.emplace_back([this, i] { serve(i); });
  }
  ~Team() {
    stop = true;
    ++turn;
    for (std::thread &thread : threads)
      thread.join();
  }
  /// Seconds that `body(thread)` takes the slowest of the threads.
  double run(const std::function<void(int64_t)> &body) {
    work = &body;
    done = 0;
    seconds.assign(size, 0);
    ++turn;
    timed(0);
    while (done != size - 1)
      std::this_thread::yield();
    return *std::max_element(seconds.begin(), seconds.end());
  }
  const int64_t size;

private:
  void serve(int64_t index) {
    for (int64_t seen = 0;; ++seen) {
      while (turn == seen)
        std::this_thread::yield();
      if (stop)
        return;
      timed(index);
      ++done;
    }
  }
  void timed(int64_t index) {
    double start = now();
    (*work)(index);
    seconds[index] = now() - start;
  }
  std::atomic<int64_t> turn = 0, done = 0;
  std::atomic<bool> stop = false;
  const std::function<void(int64_t)> *work = nullptr;
  std::vector<double> seconds;
  std::vector<std::thread> threads;
};

/// Weights whose values do not matter, on huge pages, so that they can be
/// large.
Bytes patterned(size_t size) {
  Bytes bytes(size);
  madvise(bytes.as<void>(), bytes.size, MADV_HUGEPAGE);
  memset(bytes.as<void>(), 0x11, bytes.size);
  return bytes;
}

/// Reads a thread's share of the bytes as four streams.
uint64_t readShare(const uint64_t *data, int64_t words, int64_t thread,
                   int64_t threads) {
  int64_t share = words / threads / 64 * 64, stream = share / 4;
  const uint64_t *from = data + share * thread;
  uint64_t sums[32] = {};
  for (int64_t i = 0; i + 8 <= stream; i += 8)
    for (int64_t s = 0; s < 4; ++s)
      for (int64_t w = 0; w < 8; ++w)
        sums[8 * s + w] ^= from[s * stream + i + w];
  uint64_t all = 0;
  for (uint64_t sum : sums)
    all ^= sum;
  return all;
}

std::atomic<uint64_t> sink;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Case {
  ElementType type;
  InputKind input;
};

const char *nameOf(InputKind input) {
  switch (input) {
  case InputKind::A8:
    return "a8";
  case InputKind::A16:
    return "a16";
  case InputKind::BF16:
    return "bf16";
  default:
    return "f32";
  }
}

/// Decode: GB/s of weights and the median ratio to the read beside it.
void decode(Team &team, const Target &target, const Case &of, int matrices) {
  constexpr int64_t columns = 2048;
  KernelShape shape{{}, columns, of.input, 1, true, 1};
  PackedMatrix unit{of.type, target.panelRows(), columns, target.panelRows(),
                    target.biasedQ8()};
  int64_t panels = (int64_t(400) << 20) / unit.panelBytes() / matrices;
  shape.groups = {{panels * target.panelRows(),
                   std::vector<ElementType>(matrices, of.type)}};
  CompiledKernel kernel = compileKernel(shape, target);
  int64_t size = panels * unit.panelBytes();
  Bytes weights = patterned(size * matrices);
  Random random;
  Activations input = randomActivations(random, shape, 1);
  Bytes output(shape.groups[0].rows * 4);
  std::vector<void *> args = {input.bytes.as<void>()};
  for (int i = 0; i < matrices; ++i)
    args.push_back(weights.as<uint8_t>() + i * size);
  args.push_back(output.as<void>());
  std::vector<double> ratios, rates, reads;
  for (int repeat = 0; repeat < 11; ++repeat) {
    double mine = team.run([&](int64_t thread) {
      kernel.function(args.data(), 1, thread, team.size);
    });
    double read = team.run([&](int64_t thread) {
      sink += readShare(weights.as<uint64_t>(), size * matrices / 8, thread,
                        team.size);
    });
    ratios.push_back(read / mine);
    rates.push_back(size * matrices / mine / 1e9);
    reads.push_back(size * matrices / read / 1e9);
  }
  printf("decode  %-5s x %-4s %d matrices  %6.1f GB/s, read %6.1f, ratio %.2f "
         "(best %.1f of %.1f)\n",
         std::string(nameOf(of.type)).c_str(), nameOf(of.input), matrices,
         median(rates), median(reads), median(ratios),
         *std::max_element(rates.begin(), rates.end()),
         *std::max_element(reads.begin(), reads.end()));
  fflush(stdout);
}

/// Prefill of 512 tokens: GOP/s.
void prefill(Team &team, const Target &target, const Case &of, int matrices) {
  constexpr int64_t columns = 2048, rows = 2048, tokens = 512;
  KernelShape shape{{{rows, std::vector<ElementType>(matrices, of.type)}},
                    columns,
                    of.input,
                    target.tileTokens};
  CompiledKernel kernel = compileKernel(shape, target);
  Random random;
  Activations input = randomActivations(random, shape, tokens);
  Bytes output(rows * tokens * 4);
  std::vector<Bytes> weights;
  std::vector<void *> args = {input.bytes.as<void>()};
  for (int i = 0; i < matrices; ++i) {
    weights.push_back(patterned(shape.matrix(target, 0, i).bytes()));
    args.push_back(weights.back().as<void>());
  }
  args.push_back(output.as<void>());
  std::vector<double> rates;
  for (int repeat = 0; repeat < 11; ++repeat) {
    double mine = team.run([&](int64_t thread) {
      kernel.function(args.data(), tokens, thread, team.size);
    });
    rates.push_back(2.0 * columns * rows * tokens * matrices / mine / 1e9);
  }
  printf("prefill %-5s x %-4s %d matrices  %6.1f GOP/s (best %.1f)\n",
         std::string(nameOf(of.type)).c_str(), nameOf(of.input), matrices,
         median(rates), *std::max_element(rates.begin(), rates.end()));
  fflush(stdout);
}

} // namespace

int main(int argc, char **argv) {
  Result<Target> target = parseTarget(argc > 1 ? argv[1] : "native");
  if (!target) {
    fprintf(stderr, "%s\n", target.message().c_str());
    return 2;
  }
  Team team(argc > 2 ? atoi(argv[2]) : std::thread::hardware_concurrency());
  const Case cases[] = {
      {ElementType::Q4_0, InputKind::A8},   {ElementType::Q4_1, InputKind::A8},
      {ElementType::Q8_0, InputKind::A8},   {ElementType::Q4_1, InputKind::A16},
      {ElementType::Q8_0, InputKind::A16},  {ElementType::BF16, InputKind::F32},
      {ElementType::BF16, InputKind::BF16}, {ElementType::F16, InputKind::F32},
      {ElementType::F32, InputKind::F32},   {ElementType::Q4_0, InputKind::F32},
  };
  for (const Case &of : cases) {
    if (argc > 3 && nameOf(of.type) != argv[3])
      continue;
    for (int matrices : {1, 2})
      decode(team, *target, of, matrices);
    for (int matrices : {1, 2})
      prefill(team, *target, of, matrices);
  }
  return 0;
}
