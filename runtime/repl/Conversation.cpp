//===- Conversation.cpp - What was said, and its caches -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/Conversation.h"

#include <algorithm>

namespace sinter {

Result<Conversation> Conversation::begin(Program &program) {
  if (Failure failure = program.needTokenizer("--chat"))
    return failure;
  std::string source(program.tokenizer->chatTemplate());
  if (source.empty())
    return Failure("--chat: this model has no chat template");
  Result<ChatTemplate> chatTemplate = ChatTemplate::parse(std::move(source));
  if (!chatTemplate)
    return Failure("--chat: the model's template: " + chatTemplate.message());
  program.tokenizer->stopAtTurns();
  Result<Session> session = program.session(program.context());
  if (!session)
    return session.failure();
  return Conversation(program, std::move(*chatTemplate), std::move(*session));
}

Conversation::Conversation(Program &program, ChatTemplate chatTemplate,
                           Session session)
    : program(&program), chatTemplate(std::move(chatTemplate)),
      session(std::move(session)),
      sampler(program.sampler, program.manifest.vocab) {
  if (program.options.system)
    messages.push_back(
        {"system", text::repairUtf8(*program.options.system), {}});
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

/// Where the turns begin, after what the system said.
size_t Conversation::headEnd() const {
  size_t end = 0;
  while (end < messages.size() &&
         (messages[end].role == "system" || messages[end].role == "developer"))
    ++end;
  return end;
}

/// Where the turn after that of `message` begins. A turn is all that follows
/// what a user says: calls of tools stay beside their results.
size_t Conversation::nextTurn(size_t message) const {
  auto next = std::find_if(
      messages.begin() + ptrdiff_t(std::min(message + 1, messages.size())),
      messages.end(), [](const ChatMessage &m) { return m.role == "user"; });
  return size_t(next - messages.begin());
}

const std::string *Conversation::system() const {
  bool has = !messages.empty() && messages[0].role == "system";
  return has && messages[0].content ? &*messages[0].content : nullptr;
}

Failure Conversation::setSystem(std::string text) {
  std::vector<ChatMessage> before = messages;
  size_t keptBefore = kept;
  messages.erase(messages.begin(), messages.begin() + ptrdiff_t(headEnd()));
  messages.insert(messages.begin(), {"system", std::move(text), {}});
  kept = 0;
  // Templates may want that somebody says something.
  bool silent = messages.size() == 1;
  if (silent)
    messages.push_back({"user", "", {}});
  Result<std::vector<int32_t>> tokens = promptTokens();
  if (silent)
    messages.pop_back();
  if (tokens)
    return Failure::none();
  messages = std::move(before);
  kept = keptBefore;
  return tokens.failure();
}

void Conversation::clear() {
  messages.resize(headEnd());
  kept = 0;
}

void Conversation::replace(std::vector<ChatMessage> others) {
  messages = std::move(others);
  kept = 0;
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

Result<std::vector<int32_t>> Conversation::promptTokens() {
  size_t head = headEnd();
  input.messages.assign(messages.begin(), messages.begin() + ptrdiff_t(head));
  input.messages.insert(input.messages.end(),
                        messages.begin() + ptrdiff_t(std::max(head, kept)),
                        messages.end());
  Result<ChatPrompt> prompt =
      encodeChat(*program->tokenizer, chatTemplate, input);
  if (!prompt)
    return Failure("the chat template: " + prompt.message());
  lead = std::move(prompt->lead);
  return std::vector<int32_t>(prompt->tokens.begin(), prompt->tokens.end());
}

/// Leaves the oldest turns out until the conversation fits. An answer needs
/// room as well; and once turns go, a quarter of the context is made free, so
/// that the rest is not computed again for every message.
Result<std::vector<int32_t>> Conversation::fittingTokens() {
  int64_t context = program->context();
  int64_t reserve = std::min(program->answerTokens(), context / 4);
  int64_t wanted = context - reserve;
  for (size_t keptBefore = kept;;) {
    Result<std::vector<int32_t>> prompt = promptTokens();
    if (!prompt)
      return prompt;
    int64_t size = int64_t(prompt->size());
    if (size == 0)
      return Failure("the chat template makes nothing of the conversation");
    if (size <= wanted)
      return prompt;
    size_t next = nextTurn(std::max(kept, headEnd()));
    if (next < messages.size()) {
      kept = next;
      wanted = std::min(wanted, context - context / 4);
      continue;
    }
    if (size <= context)
      return prompt;
    kept = keptBefore;
    return Failure(
        "the message needs " + std::to_string(size) +
        " tokens with all that cannot be left out, the context has " +
        std::to_string(context) + "; see --context");
  }
}

Result<ChatAnswer> Conversation::say(ChatMessage message,
                                     const TextSink &sink) {
  messages.push_back(std::move(message));
  size_t count = messages.size();
  Result<ChatAnswer> made = answer(sink);
  if (!made)
    messages.resize(count - 1);
  return made;
}

Result<ChatAnswer> Conversation::answerAgain(const TextSink &sink) {
  if (messages.empty() || messages.back().role != "assistant")
    return answer(sink);
  ChatMessage former = std::move(messages.back());
  messages.pop_back();
  Result<ChatAnswer> made = answer(sink);
  if (!made)
    messages.push_back(std::move(former));
  return made;
}

Result<ChatAnswer> Conversation::answer(const TextSink &sink) {
  size_t before = std::max(kept, headEnd());
  Result<std::vector<int32_t>> prompt = fittingTokens();
  if (!prompt)
    return prompt.failure();
  Result<ChatAnswer> made = answerTokens(std::move(*prompt), sink);
  if (made)
    made->left = std::max(kept, headEnd()) - before;
  return made;
}

Result<ChatAnswer> Conversation::answerTokens(std::vector<int32_t> prompt,
                                              const TextSink &sink) {
  // At least one token is fed: its logits are where the answer starts.
  auto differs = std::mismatch(cached.begin(), cached.end(), prompt.begin(),
                               prompt.end() - 1);
  AnswerRequest request;
  request.prompt = prompt;
  request.known = session.truncate(differs.first - cached.begin());
  request.most = program->answerTokens();
  request.room = program->context() - int64_t(prompt.size()) + 1;
  ChatAnswer made;
  made.promptTokens = int64_t(prompt.size());
  std::vector<int32_t> tokens;
  Result<GenerationStats> stats = answerPrompt(
      *program, session, sampler, request, tokens, [&](std::string_view text) {
        made.text += text;
        return sink(text);
      });
  if (!stats) {
    session.reset();
    cached.clear();
    return stats.failure();
  }
  cached = std::move(prompt);
  cached.insert(cached.end(), tokens.begin(), tokens.end());
  cached.resize(std::min(cached.size(), size_t(session.length())));
  messages.push_back(
      {"assistant", made.text, {}, {tokens.begin(), tokens.end()}, lead});
  made.stats = std::move(*stats);
  return made;
}

} // namespace sinter
