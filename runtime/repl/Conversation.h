//===- Conversation.h - What was said, and its caches -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Every turn renders the whole conversation anew, since templates may change
// what they said before; of its tokens, those that are in the caches already
// are not computed again.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_CONVERSATION_H
#define SINTER_RUNTIME_REPL_CONVERSATION_H

#include "runtime/chat/ChatTemplate.h"
#include "runtime/core/Generate.h"

namespace sinter {

class Conversation {
public:
  /// Fails when the model has no template, or one that cannot be read.
  static Result<Conversation> begin(Program &program);

  /// Says `message`, streams the answer.
  Result<GenerationStats> say(std::string message);

  const Session &used() const { return session; }

private:
  Conversation(Program &program, ChatTemplate chatTemplate, Session session,
               int64_t most);

  /// The tokens of the conversation so far with an answer to come.
  Result<std::vector<int32_t>> promptTokens() const;

  Program *program;
  ChatTemplate chatTemplate;
  Session session;
  int64_t most; ///< tokens of an answer
  Sampler sampler;
  ChatInput input;
  std::vector<int32_t> cached; ///< tokens in the session's caches
  std::vector<int32_t> answer;
};

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_CONVERSATION_H
