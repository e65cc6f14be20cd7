//===- Sampling.h - How tokens are chosen, by whose wish --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The model says how its authors want it to be used; the user's options come
// first, one by one.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_SAMPLING_H
#define SINTER_RUNTIME_CORE_SAMPLING_H

#include "runtime/core/Sampler.h"

#include <optional>
#include <string>

namespace sinter {

/// SamplerOptions, those that somebody has said.
struct SamplingWishes {
  std::optional<double> temperature;
  std::optional<int64_t> topK;
  std::optional<double> topP;
  std::optional<double> minP;
  std::optional<double> repeatPenalty;
  std::optional<int64_t> penaltyTokens;
  std::optional<uint64_t> seed;

  /// Whether they make sense only where not always the likeliest is taken.
  bool wantsChance() const { return topK || topP || minP || seed; }
};

/// The user's wishes, then the model's, then always the likeliest token. Who
/// wants chance without a temperature gets 0.8. The seed is random where nobody
/// says one.
SamplerOptions decide(const SamplingWishes &user, const SamplingWishes &model);

/// "temperature 0.8, top-k 40, seed 7", "likeliest tokens".
std::string describe(const SamplerOptions &options);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_SAMPLING_H
