//===- JsonLines.cpp - A dialogue of scripts ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/JsonLines.h"
#include "formats/Json.h"
#include "runtime/core/Console.h"
#include "runtime/repl/MessageJson.h"
#include "runtime/repl/MessageSource.h"

namespace sinter {

using Json = nlohmann::ordered_json;

namespace {

// Looking a key up in an object takes time by the number of its keys.
constexpr JsonLimits kLimits{64, uint64_t(1) << 30, uint64_t(1) << 20};

bool ignore(std::string_view) { return true; }

/// An answer, or none where nobody asked.
using Outcome = Result<std::optional<ChatAnswer>>;

Outcome asOutcome(Result<ChatAnswer> answer) {
  if (!answer)
    return answer.failure();
  return std::optional(std::move(*answer));
}

Outcome say(Conversation &conversation, ChatMessage message) {
  if (message.role == "user" || message.role == "tool")
    return asOutcome(conversation.say(std::move(message), ignore));
  conversation.add(std::move(message));
  return std::optional<ChatAnswer>();
}

/// A whole conversation. When it cannot be answered, the former one goes on.
Outcome answerAll(Conversation &conversation, Json list) {
  if (!list.is_array() || list.empty())
    return Failure("a conversation: expected a list of messages");
  std::vector<ChatMessage> messages;
  for (Json &item : list) {
    Result<ChatMessage> message = readMessage(std::move(item));
    if (!message)
      return message.failure();
    messages.push_back(std::move(*message));
  }
  if (messages.back().role == "assistant")
    return Failure("a conversation: its last message is the assistant's, which "
                   "wants no answer");
  std::vector<ChatMessage> former = conversation.all();
  conversation.replace(std::move(messages));
  Outcome outcome = asOutcome(conversation.answer(ignore));
  if (!outcome)
    conversation.replace(std::move(former));
  return outcome;
}

Outcome take(Conversation &conversation, Json json) {
  if (json.is_array())
    return answerAll(conversation, std::move(json));
  if (json.is_object() && json.contains("messages")) {
    if (json.contains("tools"))
      conversation.setTools(std::move(json["tools"]));
    return answerAll(conversation, std::move(json["messages"]));
  }
  if (json.is_object() && json.contains("text")) {
    if (!json["text"].is_string() || json.size() != 1)
      return Failure("expected {\"text\": \"...\"} and nothing beside");
    return say(conversation, {"user", json["text"].get<std::string>(), {}});
  }
  Result<ChatMessage> message = readMessage(std::move(json));
  if (!message)
    return message.failure();
  return say(conversation, std::move(*message));
}

} // namespace

Failure printAnswer(const Program &program, const Conversation &conversation,
                    const ChatAnswer &answer) {
  Json line =
      answerJson(program, answer.text, answer.stats, answer.promptTokens);
  if (answer.left)
    line["left_out_messages"] = answer.left;
  if (Failure failure = printJson(line))
    return failure;
  if (program.options.stats)
    printStats(program, conversation.used(), answer.stats);
  return Failure::none();
}

Failure converseInJson(Program &program, Conversation &conversation) {
  LineReader lines;
  for (int64_t number = 1;; ++number) {
    Result<std::optional<std::string>> line = lines.next();
    if (!line)
      return line.failure();
    if (!*line)
      return Failure::none();
    if ((*line)->find_first_not_of(" \t") == std::string::npos)
      continue;
    Result<Json> json =
        parseOrderedJson(**line, "line " + std::to_string(number), kLimits);
    Outcome outcome =
        json ? take(conversation, std::move(*json)) : Outcome(json.failure());
    Failure failure;
    if (!outcome)
      failure = printJson({{"error", outcome.message()}});
    else if (*outcome)
      failure = printAnswer(program, conversation, **outcome);
    if (failure)
      return failure;
  }
}

} // namespace sinter
