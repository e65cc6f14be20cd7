//===- Chat.cpp - A dialogue through the chat template --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Every turn renders the whole conversation anew, since templates may change
// what they said before; of its tokens, those that are in the caches already
// are not computed again.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/ChatTemplate.h"
#include "runtime/core/Console.h"
#include "runtime/core/Generate.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace sinter {

namespace {

/// One conversation.
class Dialogue {
public:
  Dialogue(Program &program, ChatTemplate chatTemplate, Session session,
           int64_t most)
      : program(program), chatTemplate(std::move(chatTemplate)),
        session(std::move(session)), most(most),
        sampler(program.options.sampler, program.manifest.vocab) {
    answer.reserve(size_t(most));
    input.addGenerationPrompt = true;
    const text::Tokenizer &tokenizer = *program.tokenizer;
    if (tokenizer.beginToken() < tokenizer.size())
      input.bosToken = tokenizer.tokenText(tokenizer.beginToken());
    if (tokenizer.endToken() < tokenizer.size())
      input.eosToken = tokenizer.tokenText(tokenizer.endToken());
    if (program.options.system)
      input.messages.push_back({"system", program.options.system, {}});
  }

  /// Says `message`, streams the answer.
  Result<GenerationStats> say(std::string message);

  /// The tokens of the conversation so far with an answer to come.
  Result<std::vector<int32_t>> promptTokens() const;

  const Session &used() const { return session; }

private:
  Program &program;
  ChatTemplate chatTemplate;
  Session session;
  int64_t most;
  Sampler sampler;
  ChatInput input;
  std::vector<int32_t> cached; // tokens in the session's caches
  std::vector<int32_t> answer;
};

Result<std::vector<int32_t>> Dialogue::promptTokens() const {
  Result<std::string> text = chatTemplate.render(input);
  if (!text)
    return Failure("the chat template: " + text.message());
  // Templates write special tokens themselves, the first one included.
  text::EncodeOptions options;
  options.addSpecial = false;
  options.parseSpecial = true;
  std::vector<uint32_t> ids = program.tokenizer->encode(*text, options);
  return std::vector<int32_t>(ids.begin(), ids.end());
}

Result<GenerationStats> Dialogue::say(std::string message) {
  input.messages.push_back({"user", std::move(message), {}});
  Result<std::vector<int32_t>> prompt = promptTokens();
  if (!prompt)
    return prompt.failure();
  int64_t room = session.shape().context - int64_t(prompt->size());
  if (room < 0 || prompt->empty())
    return Failure("the conversation has " + std::to_string(prompt->size()) +
                   " tokens, the context has " +
                   std::to_string(session.shape().context) + "; see --context");
  // At least one token is fed: its logits are where the answer starts.
  auto differs = std::mismatch(cached.begin(), cached.end(), prompt->begin(),
                               prompt->end() - 1);
  int64_t known = session.truncate(differs.first - cached.begin());
  answer.clear();
  Result<GenerationStats> stats = print(
      program, session, sampler, std::span(*prompt).subspan(size_t(known)),
      std::min(most, room + 1), /*continues=*/false, answer);
  if (!stats)
    return stats;
  cached = std::move(*prompt);
  cached.insert(cached.end(), answer.begin(), answer.end());
  cached.resize(std::min(cached.size(), size_t(session.length())));
  std::vector<uint32_t> ids(answer.begin(), answer.end());
  input.messages.push_back({"assistant", program.tokenizer->decode(ids), {}});
  return stats;
}

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

Failure converse(Program &program, Dialogue &dialogue) {
  bool person = isatty(STDIN_FILENO);
  for (;;) {
    if (person)
      write(STDERR_FILENO, "> ", 2);
    std::optional<std::string> line = readLine();
    if (!line)
      break;
    if (line->empty())
      continue;
    Result<GenerationStats> stats = dialogue.say(std::move(*line));
    if (!stats)
      return stats.failure();
    if (stats->outputClosed || !writeText("\n"))
      return outputFailure();
    if (program.options.stats)
      printStats(program, dialogue.used(), *stats);
  }
  if (person)
    write(STDERR_FILENO, "\n", 1);
  return Failure::none();
}

} // namespace

Failure runChat(Program &program) {
  const ProgramOptions &options = program.options;
  if (Failure failure = program.needTokenizer("--chat"))
    return failure;
  std::string source(program.tokenizer->chatTemplate());
  if (source.empty())
    return Failure("--chat: this model has no chat template");
  Result<ChatTemplate> chatTemplate = ChatTemplate::parse(std::move(source));
  if (!chatTemplate)
    return Failure("--chat: the model's template: " + chatTemplate.message());
  int64_t most = options.tokens.value_or(program.context());
  Result<Session> session = program.session(program.context());
  if (!session)
    return session.failure();
  Dialogue dialogue(program, std::move(*chatTemplate), std::move(*session),
                    std::min(most, program.context()));
  if (!options.prompt && !options.promptFile)
    return converse(program, dialogue);

  Result<std::string> message = readPrompt(options);
  if (!message)
    return message.failure();
  Result<GenerationStats> stats = dialogue.say(std::move(*message));
  if (!stats)
    return stats.failure();
  if (stats->outputClosed || !writeText("\n"))
    return outputFailure();
  if (options.stats)
    printStats(program, dialogue.used(), *stats);
  program.interrupted = stats->interrupted;
  return Failure::none();
}

} // namespace sinter
