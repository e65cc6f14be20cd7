//===- ChatTemplate.h - A checkpoint's chat template ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Renders a conversation to a prompt by the template that comes with the
// checkpoint, byte for byte as Jinja2 does in the settings of transformers'
// apply_chat_template. docs/chat-templates.md documents the subset; a
// template beyond it is refused, never approximated.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_CHATTEMPLATE_H
#define SINTER_RUNTIME_CHAT_CHATTEMPLATE_H

#include "runtime/support/Result.h"
#include "runtime/text/MarkedText.h"

#include <nlohmann/json.hpp>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinter {

/// One turn. `extra` is an object with further keys for the template
/// (tool_calls, name, ...), or null; `content` may stand there instead.
struct ChatMessage {
  std::string role;
  std::optional<std::string> content;
  nlohmann::ordered_json extra;
  /// Of an answer that was generated: its tokens, and the ChatPrompt::lead
  /// that it was generated behind.
  std::vector<uint32_t> tokens = {};
  std::string lead = {};
};

/// What a template is given to render. Texts must be UTF-8. All are from
/// outside but the begin and end tokens and roles of the known names.
struct ChatInput {
  std::vector<ChatMessage> messages;
  nlohmann::ordered_json tools; // array of schemas, or null
  bool addGenerationPrompt = true;
  std::optional<std::string> bosToken, eosToken;
  nlohmann::ordered_json variables; // object with further ones, or null
  std::optional<std::time_t> now;   // for strftime_now; the clock if absent
};

class ChatTemplate {
public:
  /// Parses a template. Fails with line and column of whatever is malformed
  /// or beyond the subset.
  static Result<ChatTemplate> parse(std::string text);

  /// Renders the conversation. Fails with line and column where the template
  /// refuses it, or would fail under Jinja2, or takes too long, or reaches
  /// what the subset lacks. What came from the input is marked; the origin of
  /// a message's content is its number, from 1.
  Result<text::MarkedText> render(const ChatInput &input) const;

private:
  struct Body;
  std::shared_ptr<const Body> body;
};

} // namespace sinter

#endif // SINTER_RUNTIME_CHAT_CHATTEMPLATE_H
