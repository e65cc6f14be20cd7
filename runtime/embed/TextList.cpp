//===- TextList.cpp - Texts that are to be embedded -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A file has a text on each line, or is JSON Lines: a string, or an object with
// "text" and perhaps "prompt", "prompt_name" and "id", on each.
//
//===----------------------------------------------------------------------===//

#include "runtime/embed/TextList.h"

#include "formats/Json.h"
#include "formats/Text.h"
#include "runtime/core/Generate.h"

#include <algorithm>
#include <map>

namespace sinter {

using nlohmann::json;

static constexpr size_t kMostErrors = 20;

/// The prompt of that name.
static Result<std::string> promptNamed(const Program &program,
                                       const std::string &name) {
  const auto &prompts = program.manifest.embedding.prompts;
  std::string names;
  for (const auto &[known, text] : prompts) {
    if (known == name)
      return text;
    names += (names.empty() ? "" : ", ") + quote(known);
  }
  return Failure("this model has no prompt " + quote(name) + "; it has " +
                 (names.empty() ? "none" : names));
}

/// The prompt that stands before all texts that have none of their own.
static Result<std::string> usualPrompt(const Program &program) {
  const ProgramOptions &options = program.options;
  if (options.embedPrompt)
    return *options.embedPrompt;
  if (options.promptName)
    return promptNamed(program, *options.promptName);
  const std::string &name = program.manifest.embedding.defaultPrompt;
  return name.empty() ? Result<std::string>(std::string())
                      : promptNamed(program, name);
}

namespace {

/// Reads a file's lines.
class TextReader {
public:
  TextReader(const Program &program, TextList &list)
      : program(program), list(list) {}

  Failure read(std::string_view content);

private:
  Failure readLine(std::string_view line);
  Failure readJsonLine(std::string_view line);
  Failure choosePrompt(const json &object, EmbedText &to);
  size_t numberOf(const std::string &prompt);

  const Program &program;
  TextList &list;
  std::map<std::string, size_t> numbers; ///< of prompts
  bool isJson = false;
};

} // namespace

/// By the file's name, or else by its first line.
static bool holdsJson(const std::string &name, std::string_view content) {
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson"))
    return true;
  std::string_view line = content.substr(0, content.find('\n'));
  size_t first = line.find_first_not_of(" \t");
  bool mayBeText =
      line.empty() || first == line.npos ||
      (line[first] != '{' && (line[first] != '"' || name.ends_with(".txt")));
  if (mayBeText)
    return false;
  Result<json> value = parseJson(line, name);
  return value && (value->is_string() ||
                   (value->is_object() && value->contains("text")));
}

size_t TextReader::numberOf(const std::string &prompt) {
  auto [found, isNew] = numbers.try_emplace(prompt, list.prompts.size());
  if (isNew)
    list.prompts.push_back(prompt);
  return found->second;
}

Failure TextReader::choosePrompt(const json &object, EmbedText &to) {
  auto prompt = object.find("prompt"), name = object.find("prompt_name");
  for (auto found : {prompt, name})
    if (found != object.end() && !found->is_string())
      return Failure("\"prompt\" and \"prompt_name\" must be strings");
  if (prompt != object.end()) {
    to.prompt = numberOf(prompt->get<std::string>());
  } else if (name != object.end()) {
    Result<std::string> text = promptNamed(program, name->get<std::string>());
    if (!text)
      return text.failure();
    to.prompt = numberOf(*text);
  }
  return Failure::none();
}

Failure TextReader::readJsonLine(std::string_view line) {
  Result<json> value = parseJson(line, "");
  EmbedText &to = list.texts.back();
  if (!value) {
    // ":1:COLUMN: error: what"
    size_t at = value.message().find("error: ");
    return Failure("not JSON: " + value.message().substr(
                                      at == std::string::npos ? 0 : at + 7));
  }
  if (value->is_string()) {
    to.text = value->get<std::string>();
    return Failure::none();
  }
  auto text = value->is_object() ? value->find("text") : value->end();
  if (!value->is_object() || text == value->end() || !text->is_string())
    return Failure("expected a string, or an object whose \"text\" is one, "
                   "found " +
                   quote(line));
  to.text = text->get<std::string>();
  if (auto id = value->find("id"); id != value->end())
    to.id = id->dump();
  return choosePrompt(*value, to);
}

Failure TextReader::readLine(std::string_view line) {
  list.texts.back().text = line;
  if (!isUtf8(line))
    return Failure("not UTF-8: " + quote(line));
  return isJson ? readJsonLine(line) : Failure::none();
}

Failure TextReader::read(std::string_view content) {
  const std::string &name = *program.options.promptFile;
  isJson = holdsJson(name, content);
  std::string errors;
  size_t wrong = 0;
  int64_t number = 0;
  while (!content.empty()) {
    size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    content.remove_prefix(std::min(content.size(), line.size() + 1));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    // JSON Lines may end with empty ones.
    if (isJson && line.empty() &&
        content.find_first_not_of("\r\n") == content.npos)
      break;
    list.texts.emplace_back().line = ++number;
    if (Failure failure = readLine(line)) {
      errors += (errors.empty() ? "" : "\n") +
                placeOf(program, list.texts.back()) +
                "error: " + failure.message();
      if (++wrong == kMostErrors)
        break;
    }
  }
  return wrong ? Failure(errors) : Failure::none();
}

std::string placeOf(const Program &program, const EmbedText &text) {
  return text.line ? *program.options.promptFile + ":" +
                         std::to_string(text.line) + ": "
                   : "";
}

Result<TextList> readTexts(const Program &program) {
  TextList list;
  Result<std::string> prompt = usualPrompt(program);
  if (!prompt)
    return prompt.failure();
  list.prompts.push_back(std::move(*prompt));
  Result<std::string> content = readPrompt(program.options);
  if (!content)
    return content.failure();
  if (!program.options.promptFile) {
    list.texts.emplace_back().text = std::move(*content);
    return list;
  }
  if (Failure failure = TextReader(program, list).read(*content))
    return failure;
  return list;
}

} // namespace sinter
