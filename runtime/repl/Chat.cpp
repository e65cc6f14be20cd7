//===- Chat.cpp - A dialogue through the chat template --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"
#include "runtime/core/Console.h"
#include "runtime/repl/Commands.h"
#include "runtime/repl/JsonLines.h"
#include "runtime/repl/Prompt.h"

#include <unistd.h>

namespace sinter {

namespace {

/// Messages in, answers out, until there are no more.
class Dialogue {
public:
  Dialogue(Program &program, Conversation &conversation)
      : program(program), conversation(conversation) {}

  Failure run(MessageSource &source);

  /// Whether the latest message was refused.
  bool hasFailed() const { return failed; }

  /// Shows what came of a message; fails when nobody can be shown any more.
  Failure show(const Result<ChatAnswer> &answer);

private:
  Failure take(std::string text);
  Failure obey(const CommandCall &call);
  void note(const std::string &text) { report(program.name, text); }
  void refuse(const Failure &failure) {
    failed = true;
    note(failure.message());
  }

  Program &program;
  Conversation &conversation;
  bool ended = false, failed = false;
};

} // namespace

Failure Dialogue::run(MessageSource &source) {
  while (!ended) {
    Result<std::optional<std::string>> text = source.next();
    if (!text)
      return text.failure();
    if (!*text)
      break;
    if ((*text)->find_first_not_of(" \t\n") == std::string::npos)
      continue;
    failed = false;
    if (Failure failure = take(std::move(**text)))
      return failure;
  }
  return Failure::none();
}

Failure Dialogue::take(std::string text) {
  if (looksLikeCommand(text)) {
    Result<CommandCall> call = parseCommand(text);
    if (call)
      return obey(*call);
    refuse(call.failure());
    return Failure::none();
  }
  if (text.starts_with("//"))
    text.erase(0, 1);
  return show(conversation.say({"user", std::move(text), {}}, writeText));
}

Failure Dialogue::obey(const CommandCall &call) {
  Failure failure;
  switch (call.kind) {
  case CommandKind::Help:
    writeError(commandHelp());
    break;
  case CommandKind::Clear:
    conversation.clear();
    break;
  case CommandKind::Save:
    failure = saveConversation(conversation, call.argument);
    if (!failure)
      note(std::to_string(conversation.all().size()) +
           " messages written to '" + call.argument + "'");
    break;
  case CommandKind::System:
    if (!call.argument.empty())
      failure = conversation.setSystem(call.argument);
    else if (const std::string *text = conversation.system())
      writeError(printable(*text) + "\n");
    else
      note("no message of the system is set");
    break;
  case CommandKind::Regenerate:
    if (conversation.hasTurns())
      return show(conversation.answerAgain(writeText));
    failure = Failure("/regen: nothing was said yet");
    break;
  case CommandKind::Exit:
    ended = true;
    break;
  }
  if (failure)
    refuse(failure);
  return Failure::none();
}

Failure Dialogue::show(const Result<ChatAnswer> &answer) {
  if (!answer) {
    refuse(answer.failure());
    return Failure::none();
  }
  const GenerationStats &stats = answer->stats;
  if (stats.outputClosed() || !writeText("\n"))
    return outputFailure();
  if (answer->left)
    note("the context is full: the oldest " + std::to_string(answer->left) +
         " messages were left out");
  if (stats.finish == Finish::Length || stats.finish == Finish::Context)
    note(cutNote(stats));
  if (program.options.stats)
    printStats(program, conversation.used(), stats);
  return Failure::none();
}

static History openHistory(const Program &program) {
  History history;
  if (program.options.history)
    if (Failure failure = history.open(History::defaultPath()))
      report(program.name, failure.message() + " (see --no-history)");
  return history;
}

/// What was said already is known to the one who is to be told by exit code.
static Failure alreadyReported() { return Failure(""); }

static Failure converse(Program &program, Conversation &conversation) {
  Dialogue dialogue(program, conversation);
  if (Terminal::isThere()) {
    Prompt prompt(openHistory(program),
                  [&](const std::string &text) { report(program.name, text); });
    return dialogue.run(prompt);
  }
  bool person = isatty(STDIN_FILENO);
  LineReader lines(person ? "> " : "");
  if (Failure failure = dialogue.run(lines))
    return failure;
  if (person)
    writeError("\n");
  return dialogue.hasFailed() && !person ? alreadyReported() : Failure::none();
}

static Failure answerOnce(Program &program, Conversation &conversation) {
  Result<std::string> text = readPrompt(program.options);
  if (!text)
    return text.failure();
  ChatMessage message{"user", text::repairUtf8(*text), {}};
  bool json = program.options.jsonLines;
  Result<ChatAnswer> answer = conversation.say(
      std::move(message),
      json ? [](std::string_view) { return true; } : writeText);
  if (!answer)
    return answer.failure();
  program.interrupted = answer->stats.interrupted();
  if (json)
    return printAnswer(program, conversation, *answer);
  return Dialogue(program, conversation).show(answer);
}

Failure runChat(Program &program) {
  Result<Conversation> conversation = Conversation::begin(program);
  if (!conversation)
    return conversation.failure();
  if (program.options.prompt || program.options.promptFile)
    return answerOnce(program, *conversation);
  return program.options.jsonLines ? converseInJson(program, *conversation)
                                   : converse(program, *conversation);
}

} // namespace sinter
