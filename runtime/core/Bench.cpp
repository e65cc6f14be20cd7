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
#include "runtime/profile/Machine.h"

#include <algorithm>
#include <cstdio>

namespace sinter {

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
  for (int64_t round = 0; round <= rounds && !interruptPending(); ++round) {
    Result<double> bandwidth = memoryBandwidth(*program.team);
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
