//===- ChatPrompt.h - A conversation as tokens ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The template's text and the tokenizer together. docs/chat-templates.md says
// what typed text can do and what it cannot.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_CHATPROMPT_H
#define SINTER_RUNTIME_CHAT_CHATPROMPT_H

#include "runtime/chat/ChatTemplate.h"
#include "runtime/text/Tokenizer.h"

namespace sinter {

struct ChatPrompt {
  std::vector<uint32_t> tokens;
  /// What the template itself wrote last: an answer begins behind it.
  std::string lead;
};

/// The tokens of a conversation, encoded as a whole. Begin and end tokens are
/// the tokenizer's where the input names none. A message's `tokens` are taken
/// for its content where the template repeats that behind its `lead`.
Result<ChatPrompt> encodeChat(const text::Tokenizer &tokenizer,
                              const ChatTemplate &chatTemplate,
                              ChatInput input);

/// The conversation of a JSON object: messages, tools, add_generation_prompt
/// (false without), bos_token, eos_token, "now" (the time in seconds), and
/// further variables.
ChatInput readChatInput(nlohmann::ordered_json json);

} // namespace sinter

#endif // SINTER_RUNTIME_CHAT_CHATPROMPT_H
