//===- Sampler.h - Choosing the next token ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Penalty, temperature, top-k, top-p, min-p, in this order; then a draw from
// our own generator, so that a seed gives the same text everywhere.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_SAMPLER_H
#define SINTER_RUNTIME_CORE_SAMPLER_H

#include "runtime/support/Result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sinter {

struct SamplerOptions {
  double temperature = 0;   ///< 0: always the likeliest token
  int64_t topK = 0;         ///< only the K likeliest; 0: all
  double topP = 1;          ///< the likeliest that together have probability P
  double minP = 0;          ///< only those with P times the likeliest's
  double repeatPenalty = 1; ///< divides the logits of recent tokens
  uint64_t seed = 0;
  int64_t penaltyTokens = 64; ///< how many are recent; 0: all

  /// Fails on values that mean nothing, and names them.
  Failure check() const;
};

/// xoshiro256** (Blackman and Vigna), seeded by splitmix64.
class Random {
public:
  explicit Random(uint64_t seed);
  uint64_t next();
  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return double(next() >> 11) * 0x1p-53; }

private:
  uint64_t state[4];
};

class Sampler {
public:
  Sampler(const SamplerOptions &options, int64_t vocab);

  /// Chooses from the logits of a position; allocates nothing. The lowest id
  /// wins a tie; NaN counts as the least of all.
  int32_t choose(std::span<const float> logits);

  /// Remembers a token for the repetition penalty; choose() does not.
  void accept(int32_t token);

  /// Forgets what was accepted.
  void forget();

private:
  struct Candidate {
    float logit;
    int32_t id;
  };
  void penalize();
  void keepLikeliest();
  void applyTemperature();
  void keepMass();
  void keepAbove();
  int32_t draw();

  SamplerOptions options;
  Random random;
  std::vector<Candidate> candidates;
  std::vector<int32_t> recent;  // a ring of the latest tokens
  size_t recentCount = 0;       // accepted ones
  std::vector<uint32_t> counts; // by token, how often it is recent
};

/// The id of the largest logit, the lowest one of equals.
int32_t likeliest(std::span<const float> logits);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_SAMPLER_H
