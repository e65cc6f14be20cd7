//===- Answer.h - An answer as the options want it --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What prompts and chats share beyond the loop over tokens: texts that end an
// answer, Ctrl-C, and why an answer is no longer than it is.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_ANSWER_H
#define SINTER_RUNTIME_CORE_ANSWER_H

#include "runtime/core/Generate.h"

#include <nlohmann/json.hpp>

namespace sinter {

/// Takes the next piece of an answer's text; false when nobody reads it.
using TextSink = std::function<bool(std::string_view text)>;

struct AnswerRequest {
  std::span<const int32_t> prompt; ///< all of it
  int64_t known = 0;               ///< of its tokens, those in the caches
  int64_t most = 0;                ///< tokens of the answer
  int64_t room = 0;                ///< for tokens of the answer
  bool continues = false;
};

/// Computes the prompt and gives the answer's text to `sink`, never a part of a
/// text of --stop. Ctrl-C ends it, also while the prompt is computed. The
/// answer's tokens are appended to `answer`.
Result<GenerationStats> answerPrompt(const Program &program, Session &session,
                                     Sampler &sampler,
                                     const AnswerRequest &request,
                                     std::vector<int32_t> &answer,
                                     const TextSink &sink);

/// Says that an answer was cut by Finish::Length or Finish::Context.
std::string cutNote(const GenerationStats &stats);

/// An answer as an object of --json-lines. Of the prompt's tokens the others
/// than stats.promptTokens were in the caches.
nlohmann::ordered_json answerJson(const Program &program, std::string_view text,
                                  const GenerationStats &stats,
                                  int64_t promptTokens);

/// Prints an object on a line; fails when nobody can read it.
Failure printJson(const nlohmann::ordered_json &object);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_ANSWER_H
