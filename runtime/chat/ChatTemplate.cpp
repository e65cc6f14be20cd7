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

#include <algorithm>
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

/// Who may speak. Templates make control tokens of these names, so other ones
/// are text like any other: a role "endoftext" must not become <|endoftext|>.
constexpr std::string_view knownRoles[] = {
    "assistant", "context",       "developer", "document",    "documents",
    "function",  "ipython",       "model",     "observation", "system",
    "tool",      "tool_response", "tools",     "user"};

/// Makes template values of JSON, as coming from outside; the run fails for
/// what has none.
class Importer {
public:
  explicit Importer(Run &run) : run(run) {}
  Value text(const std::string &bytes, uint32_t origin = 0);
  Value trusted(const std::string &bytes);
  Value role(const std::string &name);
  Value json(const Json &json, int depth = 0);
  Value message(const ChatMessage &message, uint32_t number);
  Value globals(const ChatInput &input);

private:
  Value container(const Json &json, int depth);
  void addObject(Entries &entries, const Json &json, const char *what);
  Run &run;
};

Value Importer::text(const std::string &bytes, uint32_t origin) {
  return isValidUtf8(bytes)
             ? run.string(MarkedText::marked(bytes, origin))
             : run.fail("the conversation's text is not valid UTF-8");
}

Value Importer::trusted(const std::string &bytes) {
  return isValidUtf8(bytes) ? run.plain(bytes) : text(bytes);
}

Value Importer::role(const std::string &name) {
  bool known = std::find(std::begin(knownRoles), std::end(knownRoles), name) !=
               std::end(knownRoles);
  return known ? trusted(name) : text(name);
}

Value Importer::container(const Json &json, int depth) {
  if (json.is_array()) {
    Values items;
    for (const Json &item : json)
      items.push_back(this->json(item, depth + 1));
    return run.failed() ? Value() : run.list(std::move(items));
  }
  Entries entries;
  for (const auto &[key, value] : json.items())
    entries.emplace_back(text(key), this->json(value, depth + 1));
  return run.failed() ? Value() : run.dict(std::move(entries));
}

Value Importer::json(const Json &json, int depth) {
  if (depth > 100)
    return run.fail("the conversation's JSON nests too deep");
  if (run.failed())
    return {};
  switch (json.type()) {
  case Json::value_t::boolean:
    return Value::boolean(json.get<bool>()).withOutside(true);
  case Json::value_t::number_integer:
    return Value::integral(json.get<int64_t>()).withOutside(true);
  case Json::value_t::number_unsigned:
    if (json.get<uint64_t>() > uint64_t(std::numeric_limits<int64_t>::max()))
      return run.fail("a number of the conversation exceeds 64 bits");
    return Value::integral(json.get<int64_t>()).withOutside(true);
  case Json::value_t::number_float:
    return Value::floating(json.get<double>()).withOutside(true);
  case Json::value_t::string:
    return text(json.get_ref<const std::string &>());
  case Json::value_t::array:
  case Json::value_t::object:
    return container(json, depth).withOutside(true);
  default:
    return Value::none().withOutside(true);
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

Value Importer::message(const ChatMessage &message, uint32_t number) {
  Entries entries;
  entries.emplace_back(trusted("role"), role(message.role));
  if (message.content)
    entries.emplace_back(trusted("content"), text(*message.content, number));
  addObject(entries, message.extra, "what a message adds");
  return run.failed() ? Value() : run.dict(std::move(entries));
}

Value Importer::globals(const ChatInput &input) {
  Values messages;
  for (const ChatMessage &message : input.messages)
    messages.push_back(this->message(message, uint32_t(messages.size() + 1)));
  if (run.failed())
    return {};
  Entries entries;
  auto add = [&](const char *name, Value value) {
    entries.emplace_back(trusted(name), std::move(value));
  };
  add("messages", run.list(std::move(messages)));
  add("tools", json(input.tools));
  add("documents", Value::none());
  add("add_generation_prompt", Value::boolean(input.addGenerationPrompt));
  if (input.bosToken)
    add("bos_token", trusted(*input.bosToken));
  if (input.eosToken)
    add("eos_token", trusted(*input.eosToken));
  addObject(entries, input.variables, "the variables");
  return run.failed() ? Value() : run.dict(std::move(entries));
}

} // namespace

Result<MarkedText> ChatTemplate::render(const ChatInput &input) const {
  Run importRun;
  Value globals = Importer(importRun).globals(input);
  if (importRun.failed())
    return importRun.why();
  Evaluator evaluator(std::move(globals),
                      input.now.value_or(std::time(nullptr)));
  MarkedText out = evaluator.render(body->stmts);
  if (evaluator.failed())
    return evaluator.why();
  return out;
}

} // namespace sinter
