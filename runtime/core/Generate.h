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

#include <functional>

namespace sinter {

/// Why a generation ended.
enum class Finish {
  End,          ///< a stop token
  StopText,     ///< a text of --stop
  Length,       ///< as many tokens as were asked for
  Context,      ///< no room for more
  Interrupted,  ///< Ctrl-C
  OutputClosed, ///< why: outputFailure() before other output
  Sink,         ///< the sink had enough
};

/// How a generation went, in tokens and seconds.
struct GenerationStats {
  int64_t promptTokens = 0; ///< that were computed
  int64_t tokens = 0;
  double promptSeconds = 0;
  double seconds = 0;
  Finish finish = Finish::Length;
  std::string stop; ///< of --stop, which ended it

  bool interrupted() const { return finish == Finish::Interrupted; }
  bool outputClosed() const { return finish == Finish::OutputClosed; }
};

/// Is given each token and the text that it completes, and at the end -1 and
/// what text is left; returns whether to go on.
using TokenSink = std::function<bool(int32_t token, std::string_view text)>;

/// Feeds `prompt` (at least one token) and hands what follows to `sink`: until
/// a stop token, `most` tokens, a full context, or the sink has enough. The
/// tokens (without the stop token) are appended to `answer`, whose capacity
/// must suffice.
Result<GenerationStats> generate(const text::Tokenizer &tokenizer,
                                 Session &session, Sampler &sampler,
                                 std::span<const int32_t> prompt, int64_t most,
                                 bool continues, std::vector<int32_t> &answer,
                                 const TokenSink &sink);

/// Speeds and memory to standard error.
void printStats(const Program &program, const Session &session,
                const GenerationStats &stats);

/// The text of -p or -f.
Result<std::string> readPrompt(const ProgramOptions &options);

/// Seconds of a clock that only goes forward.
double now();

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_GENERATE_H
