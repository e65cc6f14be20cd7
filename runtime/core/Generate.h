//===- Generate.h - Token by token ------------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The loop that prompts and chats share. Nothing is allocated in it.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_GENERATE_H
#define SINTER_RUNTIME_CORE_GENERATE_H

#include "runtime/core/Program.h"

namespace sinter {

/// How a generation went, in tokens and seconds.
struct GenerationStats {
  int64_t promptTokens = 0;
  int64_t tokens = 0;
  double promptSeconds = 0;
  double seconds = 0;
  bool interrupted = false;
  bool outputClosed = false; ///< why: outputFailure() before other output
};

/// Feeds `prompt` (at least one token) and streams what follows to standard
/// output: until a stop token, `most` tokens, a full context, or Ctrl-C. The
/// tokens (without the stop token) are appended to `answer`, whose capacity
/// must suffice.
Result<GenerationStats> generate(Program &program, Session &session,
                                 Sampler &sampler,
                                 std::span<const int32_t> prompt, int64_t most,
                                 bool continues, std::vector<int32_t> &answer);

/// Speeds and memory to standard error.
void printStats(const Program &program, const Session &session,
                const GenerationStats &stats);

/// The text of -p or -f.
Result<std::string> readPrompt(const ProgramOptions &options);

/// Seconds of a clock that only goes forward.
double now();

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_GENERATE_H
