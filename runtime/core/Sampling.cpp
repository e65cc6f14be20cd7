//===- Sampling.cpp - How tokens are chosen, by whose wish ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Sampling.h"

#include <cstdio>
#include <ctime>
#include <sys/random.h>
#include <unistd.h>

namespace sinter {

static constexpr double kTemperature = 0.8;

/// Short enough to be typed again. Systems without entropy have a clock.
static uint64_t randomSeed() {
  uint32_t seed;
  if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == ssize_t(sizeof(seed)))
    return seed;
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return uint32_t(time.tv_nsec ^ (time.tv_sec << 10) ^ (long(getpid()) << 16));
}

SamplerOptions decide(const SamplingWishes &user, const SamplingWishes &model) {
  SamplerOptions options;
  options.temperature =
      user.temperature.value_or(model.temperature.value_or(0));
  if (!user.temperature && options.temperature == 0 && user.wantsChance())
    options.temperature = kTemperature;
  auto choose = [](auto &option, const auto &users, const auto &models) {
    option = users ? *users : models.value_or(option);
  };
  choose(options.topK, user.topK, model.topK);
  choose(options.topP, user.topP, model.topP);
  choose(options.minP, user.minP, model.minP);
  choose(options.repeatPenalty, user.repeatPenalty, model.repeatPenalty);
  // How far back goes with the penalty it belongs to.
  if (!user.repeatPenalty)
    choose(options.penaltyTokens, user.penaltyTokens, model.penaltyTokens);
  if (options.temperature > 0)
    options.seed = user.seed ? *user.seed : randomSeed();
  return options;
}

std::string describe(const SamplerOptions &options) {
  std::string text;
  auto add = [&](const char *name, double value) {
    char part[64];
    snprintf(part, sizeof(part), "%s %.6g, ", name, value);
    text += part;
  };
  if (options.temperature > 0)
    add("temperature", options.temperature);
  if (options.temperature > 0 && options.topK > 0)
    add("top-k", double(options.topK));
  if (options.temperature > 0 && options.topP < 1)
    add("top-p", options.topP);
  if (options.temperature > 0 && options.minP > 0)
    add("min-p", options.minP);
  if (options.repeatPenalty != 1)
    add("repeat penalty", options.repeatPenalty);
  return text + (options.temperature > 0
                     ? "seed " + std::to_string(options.seed)
                     : "likeliest tokens");
}

} // namespace sinter
