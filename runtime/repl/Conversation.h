//===- Conversation.h - What was said, and its caches -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Every turn renders the whole conversation anew, since templates may change
// what they said before; of its tokens, those that are in the caches already
// are not computed again. When the context is full, the oldest turns are left
// out: what the system said stays, and so do its keys and values in the caches,
// but what follows is computed again, for its keys saw the turns that went.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_REPL_CONVERSATION_H
#define SINTER_RUNTIME_REPL_CONVERSATION_H

#include "runtime/chat/ChatPrompt.h"
#include "runtime/core/Answer.h"

namespace sinter {

/// What came of a message.
struct ChatAnswer {
  std::string text;
  GenerationStats stats;
  int64_t promptTokens = 0; ///< of the conversation up to the answer
  size_t left = 0;          ///< messages that were left out for the first time
};

class Conversation {
public:
  /// Fails when the model has no template, or one that cannot be read.
  static Result<Conversation> begin(Program &program);

  /// Adds `message` and answers; `sink` gets the text as it comes. After a
  /// failure the conversation is what it was before.
  Result<ChatAnswer> say(ChatMessage message, const TextSink &sink);

  /// Answers what was said last.
  Result<ChatAnswer> answer(const TextSink &sink);

  /// The same in the place of the answer that is there.
  Result<ChatAnswer> answerAgain(const TextSink &sink);

  /// Adds a message that wants no answer.
  void add(ChatMessage message) { messages.push_back(std::move(message)); }

  /// Puts `text` in the place of what the system said. Fails, and leaves
  /// everything as it was, when the template refuses it.
  Failure setSystem(std::string text);
  /// What the system said, or null.
  const std::string *system() const;

  /// Whether anything was said after that.
  bool hasTurns() const { return messages.size() > headEnd(); }

  /// Forgets all but what the system said.
  void clear();

  /// Puts other messages in the place of all there are.
  void replace(std::vector<ChatMessage> messages);

  /// What templates say of tools, or null.
  void setTools(nlohmann::ordered_json tools) {
    input.tools = std::move(tools);
  }

  /// All messages, those that were left out too.
  const std::vector<ChatMessage> &all() const { return messages; }
  const Session &used() const { return session; }

private:
  Conversation(Program &program, ChatTemplate chatTemplate, Session session);

  /// The tokens of the conversation so far with an answer to come.
  Result<std::vector<int32_t>> promptTokens();
  Result<std::vector<int32_t>> fittingTokens();
  Result<ChatAnswer> answerTokens(std::vector<int32_t> prompt,
                                  const TextSink &sink);
  size_t headEnd() const;
  size_t nextTurn(size_t message) const;

  Program *program;
  ChatTemplate chatTemplate;
  Session session;
  Sampler sampler;
  ChatInput input;                   ///< but for its messages
  std::string lead;                  ///< what the template wrote last
  std::vector<ChatMessage> messages; ///< all
  size_t kept = 0;                   ///< first after the head that is not out
  std::vector<int32_t> cached;       ///< tokens in the session's caches
};

} // namespace sinter

#endif // SINTER_RUNTIME_REPL_CONVERSATION_H
