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
  Result<Session> session = program.session(program.context());
  if (!session)
    return session.failure();
  int64_t most = program.options.tokens.value_or(program.context());
  return Conversation(program, std::move(*chatTemplate), std::move(*session),
                      std::min(most, program.context()));
}

Conversation::Conversation(Program &program, ChatTemplate chatTemplate,
                           Session session, int64_t most)
    : program(&program), chatTemplate(std::move(chatTemplate)),
      session(std::move(session)), most(most),
      sampler(program.options.sampler, program.manifest.vocab) {
  answer.reserve(size_t(most));
  input.addGenerationPrompt = true;
  const text::Tokenizer &tokenizer = *program.tokenizer;
  if (tokenizer.beginToken() < tokenizer.size())
    input.bosToken = tokenizer.tokenText(tokenizer.beginToken());
  if (tokenizer.endToken() < tokenizer.size())
    input.eosToken = tokenizer.tokenText(tokenizer.endToken());
  if (program.options.system)
    input.messages.push_back({"system", program.options.system, {}});
}

Result<std::vector<int32_t>> Conversation::promptTokens() const {
  Result<std::string> text = chatTemplate.render(input);
  if (!text)
    return Failure("the chat template: " + text.message());
  // Templates write special tokens themselves, the first one included.
  text::EncodeOptions options;
  options.addSpecial = false;
  options.parseSpecial = true;
  std::vector<uint32_t> ids = program->tokenizer->encode(*text, options);
  return std::vector<int32_t>(ids.begin(), ids.end());
}

Result<GenerationStats> Conversation::say(std::string message) {
  input.messages.push_back({"user", std::move(message), {}});
  Result<std::vector<int32_t>> prompt = promptTokens();
  if (!prompt)
    return prompt.failure();
  int64_t room = session.shape().context - int64_t(prompt->size());
  if (room < 0 || prompt->empty())
    return Failure("the conversation has " + std::to_string(prompt->size()) +
                   " tokens, the context has " +
                   std::to_string(session.shape().context) + "; see --context");
  // At least one token is fed: its logits are where the answer starts.
  auto differs = std::mismatch(cached.begin(), cached.end(), prompt->begin(),
                               prompt->end() - 1);
  int64_t known = session.truncate(differs.first - cached.begin());
  answer.clear();
  Result<GenerationStats> stats = print(
      *program, session, sampler, std::span(*prompt).subspan(size_t(known)),
      std::min(most, room + 1), /*continues=*/false, answer);
  if (!stats)
    return stats;
  cached = std::move(*prompt);
  cached.insert(cached.end(), answer.begin(), answer.end());
  cached.resize(std::min(cached.size(), size_t(session.length())));
  std::vector<uint32_t> ids(answer.begin(), answer.end());
  input.messages.push_back({"assistant", program->tokenizer->decode(ids), {}});
  return stats;
}

} // namespace sinter
