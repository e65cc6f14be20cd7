//===- ChatTemplate.cpp - A checkpoint's chat template ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Turns the conversation into template values and runs the template.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/ChatTemplate.h"

#include "runtime/chat/Evaluator.h"
#include "runtime/chat/Parser.h"
#include "runtime/chat/PythonText.h"

#include <limits>

namespace sinter {

using namespace chat;
using Json = nlohmann::ordered_json;

struct ChatTemplate::Body {
  std::vector<Stmt> stmts;
};

/// Line ends become "\n" and the last one goes, as Jinja's lexer has it.
static std::string normalizeLines(const std::string &text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
      continue;
    out += text[i] == '\r' ? '\n' : text[i];
  }
  if (!out.empty() && out.back() == '\n')
    out.pop_back();
  return out;
}

Result<ChatTemplate> ChatTemplate::parse(std::string text) {
  if (text.size() > (size_t(1) << 20))
    return Failure("chat template: longer than 1 MiB");
  if (!isValidUtf8(text))
    return Failure("chat template: not valid UTF-8");
  std::string source = normalizeLines(text);
  Result<std::vector<Token>> tokens = tokenize(source);
  if (!tokens)
    return tokens.failure();
  Result<std::vector<Stmt>> stmts = Parser(std::move(*tokens)).parse();
  if (!stmts)
    return stmts.failure();
  auto body = std::make_shared<Body>();
  body->stmts = std::move(*stmts);
  ChatTemplate made;
  made.body = std::move(body);
  return made;
}

namespace {

/// Makes template values of JSON; the run fails for what has none.
class Importer {
public:
  explicit Importer(Run &run) : run(run) {}
  Value text(const std::string &bytes);
  Value json(const Json &json, int depth = 0);
  Value message(const ChatMessage &message);
  Value globals(const ChatInput &input);

private:
  void addObject(Entries &entries, const Json &json, const char *what);
  Run &run;
};

Value Importer::text(const std::string &bytes) {
  return isValidUtf8(bytes)
             ? run.string(bytes)
             : run.fail("the conversation's text is not valid UTF-8");
}

Value Importer::json(const Json &json, int depth) {
  if (depth > 100)
    return run.fail("the conversation's JSON nests too deep");
  if (run.failed())
    return {};
  switch (json.type()) {
  case Json::value_t::boolean:
    return Value::boolean(json.get<bool>());
  case Json::value_t::number_integer:
    return Value::integral(json.get<int64_t>());
  case Json::value_t::number_unsigned:
    if (json.get<uint64_t>() > uint64_t(std::numeric_limits<int64_t>::max()))
      return run.fail("a number of the conversation exceeds 64 bits");
    return Value::integral(json.get<int64_t>());
  case Json::value_t::number_float:
    return Value::floating(json.get<double>());
  case Json::value_t::string:
    return text(json.get_ref<const std::string &>());
  case Json::value_t::array: {
    Values items;
    for (const Json &item : json)
      items.push_back(this->json(item, depth + 1));
    return run.failed() ? Value() : run.list(std::move(items));
  }
  case Json::value_t::object: {
    Entries entries;
    for (const auto &[key, value] : json.items())
      entries.emplace_back(text(key), this->json(value, depth + 1));
    return run.failed() ? Value() : run.dict(std::move(entries));
  }
  default:
    return Value::none();
  }
}

void Importer::addObject(Entries &entries, const Json &json, const char *what) {
  if (json.is_null())
    return;
  if (!json.is_object()) {
    run.fail(std::string(what) + " must be a JSON object");
    return;
  }
  for (const auto &[key, value] : json.items())
    entries.emplace_back(text(key), this->json(value));
}

Value Importer::message(const ChatMessage &message) {
  Entries entries;
  entries.emplace_back(text("role"), text(message.role));
  if (message.content)
    entries.emplace_back(text("content"), text(*message.content));
  addObject(entries, message.extra, "what a message adds");
  return run.failed() ? Value() : run.dict(std::move(entries));
}

Value Importer::globals(const ChatInput &input) {
  Values messages;
  for (const ChatMessage &message : input.messages)
    messages.push_back(this->message(message));
  if (run.failed())
    return {};
  Entries entries;
  entries.emplace_back(text("messages"), run.list(std::move(messages)));
  entries.emplace_back(text("tools"), json(input.tools));
  entries.emplace_back(text("documents"), Value::none());
  entries.emplace_back(text("add_generation_prompt"),
                       Value::boolean(input.addGenerationPrompt));
  if (input.bosToken)
    entries.emplace_back(text("bos_token"), text(*input.bosToken));
  if (input.eosToken)
    entries.emplace_back(text("eos_token"), text(*input.eosToken));
  addObject(entries, input.variables, "the variables");
  return run.failed() ? Value() : run.dict(std::move(entries));
}

} // namespace

Result<std::string> ChatTemplate::render(const ChatInput &input) const {
  Run importRun;
  Value globals = Importer(importRun).globals(input);
  if (importRun.failed())
    return importRun.why();
  Evaluator evaluator(std::move(globals),
                      input.now.value_or(std::time(nullptr)));
  std::string out = evaluator.render(body->stmts);
  if (evaluator.failed())
    return evaluator.why();
  return out;
}

} // namespace sinter
