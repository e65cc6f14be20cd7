//===- Sampler.cpp - Choosing the next token ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sinter {

Random::Random(uint64_t seed) {
  for (uint64_t &word : state) {
    seed += 0x9e3779b97f4a7c15u;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    word = z ^ (z >> 31);
  }
}

uint64_t Random::next() {
  uint64_t result = std::rotl(state[1] * 5, 7) * 9;
  uint64_t shifted = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = std::rotl(state[3], 45);
  return result;
}

int32_t likeliest(std::span<const float> logits) {
  size_t best = 0;
  for (size_t i = 1; i < logits.size(); ++i)
    if (logits[i] > logits[best] || std::isnan(logits[best]))
      best = i;
  return int32_t(best);
}

Failure SamplerOptions::check() const {
  // Written so that NaN fails as well.
  auto refuse = [](const char *name, const char *expected, double found) {
    return Failure(std::string(name) + ": expected " + expected + ", found " +
                   std::to_string(found));
  };
  if (!(temperature >= 0) || std::isinf(temperature))
    return refuse("temperature", "a number of at least 0", temperature);
  if (topK < 0)
    return refuse("top_k", "a number of at least 0", double(topK));
  if (!(topP > 0 && topP <= 1))
    return refuse("top_p", "a number above 0, at most 1", topP);
  if (!(minP >= 0 && minP <= 1))
    return refuse("min_p", "a number from 0 to 1", minP);
  if (!(repeatPenalty > 0) || std::isinf(repeatPenalty))
    return refuse("repeat_penalty", "a number above 0", repeatPenalty);
  return Failure::none();
}

Sampler::Sampler(const SamplerOptions &options, int64_t vocab)
    : options(options), random(options.seed) {
  candidates.reserve(size_t(vocab));
  counts.resize(size_t(vocab));
  recent.resize(size_t(options.penaltyTokens));
}

void Sampler::accept(int32_t token) {
  if (size_t(token) >= counts.size())
    return;
  ++counts[size_t(token)];
  size_t window = recent.size(), place = window ? recentCount % window : 0;
  if (window && recentCount >= window)
    --counts[size_t(recent[place])];
  if (window)
    recent[place] = token;
  ++recentCount;
}

void Sampler::forget() {
  std::fill(counts.begin(), counts.end(), 0);
  recentCount = 0;
}

int32_t Sampler::choose(std::span<const float> logits) {
  bool greedy = options.temperature <= 0;
  if (greedy && options.repeatPenalty == 1)
    return likeliest(logits);
  candidates.clear();
  for (size_t id = 0; id < logits.size(); ++id) {
    float logit = std::isnan(logits[id]) ? -INFINITY : logits[id];
    candidates.push_back({logit, int32_t(id)});
  }
  if (options.repeatPenalty != 1)
    penalize();
  keepLikeliest();
  if (greedy)
    return candidates.front().id;
  applyTemperature();
  keepMass();
  keepAbove();
  return draw();
}

/// Every recent token once: likely ones lose, unlikely ones lose too.
void Sampler::penalize() {
  float penalty = float(options.repeatPenalty);
  for (Candidate &candidate : candidates) {
    float &logit = candidate.logit;
    if (size_t(candidate.id) < counts.size() && counts[size_t(candidate.id)])
      logit = logit > 0 ? logit / penalty : logit * penalty;
  }
}

/// Ordered by falling logit, then rising id: the same on every machine.
static bool before(float logit, int32_t id, float otherLogit, int32_t otherId) {
  return logit != otherLogit ? logit > otherLogit : id < otherId;
}

/// Sorts the K likeliest candidates to the front and drops the others; without
/// top-k, moves the likeliest one to the front.
void Sampler::keepLikeliest() {
  size_t keep = options.temperature <= 0 || options.topK <= 0
                    ? 1
                    : std::min(size_t(options.topK), candidates.size());
  std::partial_sort(candidates.begin(), candidates.begin() + ptrdiff_t(keep),
                    candidates.end(),
                    [](const Candidate &a, const Candidate &b) {
                      return before(a.logit, a.id, b.logit, b.id);
                    });
  if (options.topK > 0)
    candidates.resize(keep);
}

/// The likeliest candidate's logit becomes 0.
void Sampler::applyTemperature() {
  float maximum = candidates.front().logit;
  for (Candidate &candidate : candidates) {
    float &logit = candidate.logit;
    // Infinities less infinities are no numbers.
    logit = logit == maximum
                ? 0
                : float((double(logit) - maximum) / options.temperature);
  }
}

/// Keeps the shortest sorted prefix with probability topP. A heap gives it
/// without sorting the rest of the vocabulary.
void Sampler::keepMass() {
  if (options.topP >= 1)
    return;
  double total = 0;
  for (const Candidate &candidate : candidates)
    total += std::exp(double(candidate.logit));
  auto later = [](const Candidate &a, const Candidate &b) {
    return before(b.logit, b.id, a.logit, a.id);
  };
  std::make_heap(candidates.begin(), candidates.end(), later);
  auto heapEnd = candidates.end();
  double mass = 0;
  while (heapEnd != candidates.begin()) {
    std::pop_heap(candidates.begin(), heapEnd--, later);
    mass += std::exp(double(heapEnd->logit));
    if (mass >= options.topP * total)
      break;
  }
  // Popped candidates lie at the end, the likeliest last.
  std::reverse(candidates.begin(), candidates.end());
  candidates.resize(size_t(candidates.end() - heapEnd));
}

void Sampler::keepAbove() {
  if (options.minP <= 0)
    return;
  float least = float(std::log(options.minP));
  std::erase_if(candidates,
                [&](const Candidate &c) { return c.logit < least; });
}

int32_t Sampler::draw() {
  double total = 0;
  for (const Candidate &candidate : candidates)
    total += std::exp(double(candidate.logit));
  double left = random.uniform() * total;
  for (const Candidate &candidate : candidates)
    if ((left -= std::exp(double(candidate.logit))) < 0)
      return candidate.id;
  return candidates.front().id;
}

} // namespace sinter
