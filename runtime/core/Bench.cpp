//===- Bench.cpp - Measuring the program itself ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Rounds of prefill and decode on made-up tokens, and the machine's read
// bandwidth beside them, measured with the same threads in the same minute.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Console.h"
#include "runtime/core/Generate.h"

#include <algorithm>
#include <cstdio>
#include <emmintrin.h>

namespace sinter {

// More than caches hold, little enough to be read often.
static constexpr int64_t kProbeBytes = int64_t(512) << 20;
static constexpr int kProbeRounds = 5;

/// Each thread reads its part of call->weights (`tokens` bytes in all).
static void readAll(const SinterCall *call, int64_t thread) {
  constexpr int64_t block = 4096;
  int64_t blocks = call->tokens / block;
  int64_t begin = blocks * thread / call->threads;
  int64_t end = blocks * (thread + 1) / call->threads;
  __m128i sums[4] = {};
  for (int64_t i = begin * block; i < end * block; i += 64) {
    const auto *line = reinterpret_cast<const __m128i *>(call->weights + i);
    for (int k = 0; k < 4; ++k)
      sums[k] = _mm_add_epi32(sums[k], _mm_load_si128(line + k));
  }
  __m128i sum = _mm_add_epi32(_mm_add_epi32(sums[0], sums[1]),
                              _mm_add_epi32(sums[2], sums[3]));
  static_cast<volatile int *>(call->outputs[thread])[0] =
      _mm_cvtsi128_si32(sum);
}

/// Best of some rounds, in bytes a second.
static Result<double> readBandwidth(Team &team) {
  Result<Memory> memory = Memory::allocate(kProbeBytes, Memory::Use::Dense,
                                           "measuring the bandwidth");
  if (!memory)
    return memory.failure();
  std::fill_n(memory->data(), memory->size(), std::byte(1));
  std::vector<int> sums(size_t(team.size()) * 16);
  std::vector<void *> outputs;
  for (size_t i = 0; i < sums.size(); i += 16)
    outputs.push_back(&sums[i]);
  SinterCall call{};
  call.weights = memory->data();
  call.tokens = kProbeBytes;
  call.outputs = outputs.data();
  double best = 0;
  for (int round = 0; round < kProbeRounds; ++round) {
    double begin = now();
    team.run(readAll, call);
    best = std::max(best, double(kProbeBytes) / (now() - begin));
  }
  return best;
}

/// {"min": ..., "median": ..., "max": ...}
static std::string summary(std::vector<double> speeds) {
  std::sort(speeds.begin(), speeds.end());
  char text[128];
  snprintf(text, sizeof(text),
           "{\"min\": %.2f, \"median\": %.2f, \"max\": %.2f}", speeds.front(),
           speeds[speeds.size() / 2], speeds.back());
  return text;
}

Failure runBench(Program &program) {
  int64_t prompt = program.options.bench[0];
  int64_t decode = program.options.bench[1];
  int64_t rounds = program.options.bench[2];
  if (prompt + decode > program.manifest.context)
    return Failure("--bench: the context has only " +
                   std::to_string(program.manifest.context) + " tokens");
  Result<Session> session = program.session(prompt + decode);
  if (!session)
    return session.failure();
  Random random(1);
  std::vector<int32_t> tokens;
  for (int64_t i = 0; i < prompt; ++i)
    tokens.push_back(int32_t(random.next() % uint64_t(session->vocab())));
  Sampler sampler({}, session->vocab());

  std::vector<double> prefillSpeeds, decodeSpeeds, bandwidths;
  // The first round warms caches and clocks up and does not count.
  for (int64_t round = 0; round <= rounds && !takeInterrupt(); ++round) {
    Result<double> bandwidth = readBandwidth(*program.team);
    if (!bandwidth)
      return bandwidth.failure();
    session->reset();
    double begin = now();
    if (Failure failure = session->feed(tokens))
      return failure;
    double fed = now();
    for (int64_t i = 0; i < decode; ++i) {
      int32_t token = sampler.choose(session->logits());
      if (Failure failure = session->feed(std::span(&token, 1)))
        return failure;
    }
    double end = now();
    if (round == 0)
      continue;
    prefillSpeeds.push_back(double(prompt) / (fed - begin));
    decodeSpeeds.push_back(double(decode) / (end - fed));
    bandwidths.push_back(*bandwidth);
  }
  if (bandwidths.empty())
    return Failure("interrupted");

  std::vector<double> sorted = decodeSpeeds;
  std::sort(sorted.begin(), sorted.end());
  std::sort(bandwidths.begin(), bandwidths.end());
  double limit = bandwidths[bandwidths.size() / 2];
  double share =
      sorted[sorted.size() / 2] * double(program.manifest.tokenBytes) / limit;
  char rest[256];
  snprintf(rest, sizeof(rest),
           "\"threads\": %lld, \"prompt\": %lld, \"tokens\": %lld, "
           "\"bytes_per_token\": %lld, \"read_bandwidth\": %.0f, "
           "\"share_of_limit\": %.4f",
           (long long)program.team->size(), (long long)prompt,
           (long long)decode, (long long)program.manifest.tokenBytes, limit,
           share);
  std::string line = "{\"prefill\": " + summary(prefillSpeeds) +
                     ", \"decode\": " + summary(decodeSpeeds) + ", " + rest +
                     "}\n";
  if (!writeText(line))
    return outputFailure();
  return Failure::none();
}

} // namespace sinter
