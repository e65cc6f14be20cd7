//===- sinter-chat-render.cpp - Renders a chat template ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// For tests, and for looking at a template without its model:
//   sinter-chat-render TEMPLATE INPUT.json   prints the prompt
//   sinter-chat-render TEMPLATE              only parses
//   sinter-chat-render --lines               for each {"template": "...",
//       "input": {...}} of standard input, a line {"text"} or {"error"}
// INPUT holds messages, tools, add_generation_prompt and further variables;
// "now" is the time of strftime_now in seconds.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/ChatTemplate.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace sinter;
using Json = nlohmann::ordered_json;

static std::optional<std::string> readFile(const char *path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// Removes and returns a member; null if it is not there.
static Json takeMember(Json &object, const char *name) {
  Json member = object.contains(name) ? object[name] : Json();
  object.erase(name);
  return member;
}

static ChatInput makeInput(Json json) {
  ChatInput input;
  input.addGenerationPrompt = false;
  if (!json.is_object())
    return input;
  for (Json &message : takeMember(json, "messages")) {
    Json role = message.is_object() ? takeMember(message, "role") : Json();
    ChatMessage &made = input.messages.emplace_back();
    made.role = role.is_string() ? role.get<std::string>() : "";
    made.extra = std::move(message);
  }
  input.tools = takeMember(json, "tools");
  Json generate = takeMember(json, "add_generation_prompt");
  input.addGenerationPrompt = generate.is_boolean() && generate.get<bool>();
  Json now = takeMember(json, "now");
  if (now.is_number())
    input.now = now.get<int64_t>();
  input.variables = std::move(json);
  return input;
}

static Result<std::string> render(const std::string &text, const Json &input) {
  Result<ChatTemplate> parsed = ChatTemplate::parse(text);
  if (!parsed)
    return parsed.failure();
  return parsed->render(makeInput(input));
}

static int renderLines() {
  for (std::string line; std::getline(std::cin, line);) {
    Json job = Json::parse(line, nullptr, false);
    if (!job.is_object() || !job.contains("template"))
      return 2;
    Result<std::string> text =
        render(job["template"].get<std::string>(), job["input"]);
    Json answer;
    answer[text ? "text" : "error"] = text ? *text : text.message();
    std::printf("%s\n", answer.dump().c_str());
    std::fflush(stdout);
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && std::string(argv[1]) == "--lines")
    return renderLines();
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: sinter-chat-render TEMPLATE [INPUT.json]\n");
    return 2;
  }
  std::optional<std::string> text = readFile(argv[1]);
  std::optional<std::string> inputText = argc > 2 ? readFile(argv[2]) : "{}";
  Json input =
      inputText ? Json::parse(*inputText, nullptr, false) : Json::object();
  if (!text || !inputText || input.is_discarded()) {
    std::fprintf(stderr, "error: cannot read %s\n",
                 argv[text && argc > 2 ? 2 : 1]);
    return 2;
  }
  Result<ChatTemplate> parsed = ChatTemplate::parse(*text);
  if (!parsed) {
    std::fprintf(stderr, "error: %s\n", parsed.message().c_str());
    return 1;
  }
  if (argc == 2)
    return 0;
  Result<std::string> out = parsed->render(makeInput(std::move(input)));
  if (!out) {
    std::fprintf(stderr, "error: %s\n", out.message().c_str());
    return 1;
  }
  std::fwrite(out->data(), 1, out->size(), stdout);
  return 0;
}
