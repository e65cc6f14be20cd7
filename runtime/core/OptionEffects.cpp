//===- OptionEffects.cpp - Options that would do nothing ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/OptionEffects.h"

#include <algorithm>

namespace sinter {

namespace {

/// Ways to use a program.
enum Mode : unsigned {
  Prompt = 1,
  Chat = 2,
  Embed = 4,
  Tensors = 8,
  Perplexity = 16,
  Bench = 32,
};

struct Effect {
  std::string_view option;
  unsigned modes; ///< those in which the option does something
};

// Options that are not here count whatever is asked for.
constexpr Effect kEffects[] = {
    {"-n", Prompt | Chat},
    {"--temp", Prompt | Chat},
    {"--top-k", Prompt | Chat},
    {"--top-p", Prompt | Chat},
    {"--min-p", Prompt | Chat},
    {"--repeat-penalty", Prompt | Chat},
    {"--stop", Prompt | Chat},
    {"--json-lines", Prompt | Chat},
    {"--seed", Prompt | Chat},
    {"--stats", Prompt | Chat | Embed},
    {"--context", Prompt | Chat | Embed | Tensors},
};

} // namespace

static Mode modeOf(const ProgramOptions &options, std::string_view &name) {
  auto is = [&](Mode mode, std::string_view option) {
    name = option;
    return mode;
  };
  if (options.input)
    return is(Tensors, "--input");
  if (options.embed)
    return is(Embed, "--embed");
  if (options.perplexityFile)
    return is(Perplexity, "--perplexity");
  if (!options.bench.empty())
    return is(Bench, "--bench");
  return options.chat ? is(Chat, "--chat") : is(Prompt, "-p");
}

Failure checkEffects(const ProgramOptions &options,
                     std::span<const std::string_view> given) {
  if (options.help || options.version)
    return Failure::none();
  std::string_view name;
  Mode mode = modeOf(options, name);
  for (const Effect &effect : kEffects)
    if (!(effect.modes & mode) &&
        std::ranges::find(given, effect.option) != given.end())
      return Failure(std::string(effect.option) + " has no effect on " +
                     std::string(name));
  return Failure::none();
}

} // namespace sinter
