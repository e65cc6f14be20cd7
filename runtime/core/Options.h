//===- Options.h - A program's command line ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// One table has each option's name, value and help; parsing and --help both
// read it.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_OPTIONS_H
#define SINTER_RUNTIME_CORE_OPTIONS_H

#include "runtime/core/Sampling.h"
#include "runtime/support/Result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinter {

/// Of a program.
constexpr int64_t kMostThreads = 1024;

struct ProgramOptions {
  std::optional<std::string> prompt;     ///< -p; "-" reads stdin
  std::optional<std::string> promptFile; ///< -f
  std::optional<std::string> system;
  std::optional<std::string> perplexityFile;
  std::optional<std::string> input;
  std::optional<std::string> output;
  std::vector<std::string> stops; ///< --stop
  bool chat = false;
  bool jsonLines = false;
  bool history = true;
  bool special = false; ///< read special tokens in the prompt
  bool embed = false;
  std::optional<std::string> embedPrompt; ///< --prompt
  std::optional<std::string> promptName;
  bool quiet = false;
  bool mapWeights = false;
  bool stats = false;
  std::optional<std::string> profile; ///< table, json, trace or html
  std::string profileFile;            ///< empty: standard error
  bool version = false;
  bool help = false;
  std::optional<int64_t> tokens;  ///< -n
  std::optional<int64_t> threads; ///< -t
  std::optional<int64_t> context;
  int64_t generate = 0;       ///< --generate
  std::vector<int64_t> cuts;  ///< --cuts
  std::vector<int64_t> bench; ///< --bench: prompt, decode, rounds
  SamplingWishes sampling;
};

/// Reads the arguments after the program's name. A failure is a usage error.
Result<ProgramOptions> parseOptions(std::span<char *const> arguments);

/// The text of --help.
std::string helpText(std::string_view program);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_OPTIONS_H
