//===- sinter-chat-render.cpp - Renders a chat template ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// For tests, and for looking at a template without its model:
//   sinter-chat-render TEMPLATE INPUT.json   prints the prompt
//   sinter-chat-render TEMPLATE              only parses
//   sinter-chat-render --lines               for each {"template": "...",
//       "input": {...}} of standard input, a line {"text", "marks"} (where
//       the text comes from the input, in bytes) or {"error"}
// INPUT holds messages, tools, add_generation_prompt and further variables;
// "now" is the time of strftime_now in seconds.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"
#include "runtime/chat/ChatPrompt.h"

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

static Result<text::MarkedText> render(const std::string &text,
                                       const Json &input) {
  Result<ChatTemplate> parsed = ChatTemplate::parse(text);
  if (!parsed)
    return parsed.failure();
  return parsed->render(readChatInput(input));
}

/// [[begin, end], ...] of what came from the input, in bytes.
static Json marksOf(const text::MarkedText &text) {
  Json marks = Json::array();
  for (const text::Mark &mark : text.marks) {
    if (!marks.empty() && marks.back()[1] == mark.begin)
      marks.back()[1] = mark.end;
    else
      marks.push_back({mark.begin, mark.end});
  }
  return marks;
}

static int renderLines() {
  for (std::string line; std::getline(std::cin, line);) {
    Json job = Json::parse(line, nullptr, false);
    if (!job.is_object() || !job.contains("template"))
      return 2;
    Result<text::MarkedText> text =
        render(job["template"].get<std::string>(), job["input"]);
    Json answer;
    answer[text ? "text" : "error"] = text ? text->bytes : text.message();
    if (text)
      answer["marks"] = marksOf(*text);
    std::printf("%s\n", answer.dump().c_str());
    std::fflush(stdout);
  }
  return 0;
}

static void say(const std::string &error) {
  std::fprintf(stderr, "error: %s\n", printable(error).c_str());
}

static constexpr char usage[] =
    "usage: sinter-chat-render TEMPLATE [INPUT.json] | --lines\n"
    "Prints the prompt that a chat template makes of a conversation.\n"
    "  TEMPLATE     a file of Jinja; alone, it is only parsed\n"
    "  INPUT.json   messages, tools, add_generation_prompt, variables\n"
    "  --lines      read {\"template\", \"input\"} on each line of standard "
    "input,\n"
    "               write {\"text\", \"marks\"} or {\"error\"}\n";

int main(int argc, char **argv) {
  std::string first = argc > 1 ? argv[1] : "";
  if (argc == 2 && first == "--lines")
    return renderLines();
  if (argc == 2 && (first == "--help" || first == "-h")) {
    std::fputs(usage, stdout);
    return 0;
  }
  if (argc < 2 || argc > 3) {
    std::fputs(usage, stderr);
    return 2;
  }
  std::optional<std::string> text = readFile(argv[1]);
  std::optional<std::string> inputText = argc > 2 ? readFile(argv[2]) : "{}";
  Json input =
      inputText ? Json::parse(*inputText, nullptr, false) : Json::object();
  if (!text || !inputText || input.is_discarded()) {
    say(std::string("cannot read ") + argv[text && argc > 2 ? 2 : 1]);
    return 2;
  }
  Result<ChatTemplate> parsed = ChatTemplate::parse(*text);
  if (!parsed) {
    say(parsed.message());
    return 1;
  }
  if (argc == 2)
    return 0;
  Result<text::MarkedText> out =
      parsed->render(readChatInput(std::move(input)));
  if (!out) {
    say(out.message());
    return 1;
  }
  std::fwrite(out->bytes.data(), 1, out->size(), stdout);
  return 0;
}
