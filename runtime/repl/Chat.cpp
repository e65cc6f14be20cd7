//===- Chat.cpp - A dialogue through the chat template --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Console.h"
#include "runtime/repl/Conversation.h"

#include <cerrno>
#include <unistd.h>

namespace sinter {

namespace {

/// A line of standard input without its end; none when there is no more, or
/// when Ctrl-C came.
std::optional<std::string> readLine() {
  std::string line;
  for (char c;;) {
    ssize_t count = read(STDIN_FILENO, &c, 1);
    if (count < 0 && errno == EINTR)
      return std::nullopt;
    if (count <= 0)
      return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n')
      return line;
    line += c;
  }
}

Failure converse(Program &program, Conversation &conversation) {
  bool person = isatty(STDIN_FILENO);
  for (;;) {
    if (person)
      write(STDERR_FILENO, "> ", 2);
    std::optional<std::string> line = readLine();
    if (!line)
      break;
    if (line->empty())
      continue;
    Result<GenerationStats> stats = conversation.say(std::move(*line));
    if (!stats)
      return stats.failure();
    if (stats->outputClosed || !writeText("\n"))
      return outputFailure();
    if (program.options.stats)
      printStats(program, conversation.used(), *stats);
  }
  if (person)
    write(STDERR_FILENO, "\n", 1);
  return Failure::none();
}

} // namespace

Failure runChat(Program &program) {
  const ProgramOptions &options = program.options;
  Result<Conversation> conversation = Conversation::begin(program);
  if (!conversation)
    return conversation.failure();
  if (!options.prompt && !options.promptFile)
    return converse(program, *conversation);

  Result<std::string> message = readPrompt(options);
  if (!message)
    return message.failure();
  Result<GenerationStats> stats = conversation->say(std::move(*message));
  if (!stats)
    return stats.failure();
  if (stats->outputClosed || !writeText("\n"))
    return outputFailure();
  if (options.stats)
    printStats(program, conversation->used(), *stats);
  program.interrupted = stats->interrupted;
  return Failure::none();
}

} // namespace sinter
