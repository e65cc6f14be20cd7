//===- ChatPrompt.cpp - A conversation as tokens ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/ChatPrompt.h"

namespace sinter {

using Json = nlohmann::ordered_json;

/// The answers that stand in `prompt` as they were generated.
static std::vector<text::KnownTokens>
keptAnswers(const text::Tokenizer &tokenizer, const text::MarkedText &prompt,
            const ChatInput &input) {
  std::vector<text::KnownTokens> kept;
  std::string_view bytes = prompt.bytes;
  size_t leadBegin = 0; // of what the template wrote before a mark
  for (const text::Mark &mark : prompt.marks) {
    std::string_view lead = bytes.substr(leadBegin, mark.begin - leadBegin);
    leadBegin = mark.end;
    if (mark.origin == 0)
      continue;
    const ChatMessage &message = input.messages[mark.origin - 1];
    if (!message.tokens.empty() && lead == message.lead &&
        bytes.substr(mark.begin, mark.end - mark.begin) == message.content &&
        tokenizer.decode(message.tokens) == message.content)
      kept.push_back({mark.begin, mark.end, message.tokens});
  }
  return kept;
}

Result<ChatPrompt> encodeChat(const text::Tokenizer &tokenizer,
                              const ChatTemplate &chatTemplate,
                              ChatInput input) {
  auto name = [&](std::optional<std::string> &as, uint32_t token) {
    if (!as && token < tokenizer.size())
      as = tokenizer.tokenText(token);
  };
  name(input.bosToken, tokenizer.beginToken());
  name(input.eosToken, tokenizer.endToken());
  Result<text::MarkedText> text = chatTemplate.render(input);
  if (!text)
    return text.failure();
  // Templates write special tokens themselves, the first one included.
  text::EncodeOptions options;
  options.addSpecial = false;
  options.parseSpecial = true;
  ChatPrompt prompt;
  prompt.tokens =
      tokenizer.encode(*text, options, keptAnswers(tokenizer, *text, input));
  prompt.lead =
      text->bytes.substr(text->marks.empty() ? 0 : text->marks.back().end);
  return prompt;
}

/// Removes and returns a member; null if it is not there.
static Json takeMember(Json &object, const char *name) {
  Json member = object.contains(name) ? object[name] : Json();
  object.erase(name);
  return member;
}

static std::optional<std::string> takeText(Json &object, const char *name) {
  Json member = takeMember(object, name);
  return member.is_string() ? std::optional(member.get<std::string>())
                            : std::nullopt;
}

ChatInput readChatInput(Json json) {
  ChatInput input;
  input.addGenerationPrompt = false;
  if (!json.is_object())
    return input;
  for (Json &message : takeMember(json, "messages")) {
    ChatMessage &made = input.messages.emplace_back();
    if (message.is_object())
      made.role = takeText(message, "role").value_or("");
    made.extra = std::move(message);
  }
  input.tools = takeMember(json, "tools");
  Json generate = takeMember(json, "add_generation_prompt");
  input.addGenerationPrompt = generate.is_boolean() && generate.get<bool>();
  input.bosToken = takeText(json, "bos_token");
  input.eosToken = takeText(json, "eos_token");
  Json now = takeMember(json, "now");
  if (now.is_number())
    input.now = now.get<int64_t>();
  input.variables = std::move(json);
  return input;
}

} // namespace sinter
