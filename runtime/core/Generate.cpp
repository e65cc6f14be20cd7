//===- Generate.cpp - Token by token --------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Answer.h"
#include "runtime/core/Console.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <unistd.h>

namespace sinter {

static constexpr uint64_t kLongestPrompt = uint64_t(1) << 30;
// Longer than any token's text.
static constexpr size_t kTextCapacity = 1 << 16;

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

static Result<std::string> readInput() {
  std::string text;
  char block[65536];
  for (;;) {
    ssize_t count = read(STDIN_FILENO, block, sizeof(block));
    if (count < 0 && errno == EINTR && !takeInterrupt())
      continue;
    if (count < 0)
      return Failure(std::string("cannot read standard input: ") +
                     strerror(errno));
    if (count == 0)
      return text;
    text.append(block, size_t(count));
    if (text.size() > kLongestPrompt)
      return Failure("the prompt on standard input is too long");
  }
}

Result<std::string> readPrompt(const ProgramOptions &options) {
  if (options.promptFile && *options.promptFile != "-")
    return readFile(*options.promptFile, kLongestPrompt);
  if (options.promptFile || options.prompt == "-")
    return readInput();
  return options.prompt.value_or("");
}

Result<GenerationStats> generate(const text::Tokenizer &tokenizer,
                                 Session &session, Sampler &sampler,
                                 std::span<const int32_t> prompt, int64_t most,
                                 bool continues, std::vector<int32_t> &answer,
                                 const TokenSink &sink) {
  GenerationStats stats;
  stats.promptTokens = int64_t(prompt.size());
  double begin = now();
  if (Failure failure = session.feed(prompt))
    return failure;
  for (int32_t token : prompt)
    sampler.accept(token);
  double fed = now();
  stats.promptSeconds = fed - begin;

  text::StreamDecoder decoder(tokenizer, /*skipSpecial=*/true,
                              /*atStart=*/!continues);
  std::string text;
  text.reserve(kTextCapacity);
  while (stats.tokens < most) {
    int32_t token = sampler.choose(session.logits());
    if (tokenizer.isStop(uint32_t(token))) {
      stats.finish = Finish::End;
      break;
    }
    sampler.accept(token);
    answer.push_back(token);
    ++stats.tokens;
    text.clear();
    decoder.push(uint32_t(token), text);
    if (!sink(token, text)) {
      stats.finish = Finish::Sink;
      break;
    }
    if (stats.tokens == most)
      break;
    if (session.length() == session.shape().context) {
      stats.finish = Finish::Context;
      break;
    }
    if (Failure failure = session.feed(std::span(&token, 1)))
      return failure;
  }
  text.clear();
  decoder.finish(text);
  sink(-1, text);
  stats.seconds = now() - fed;
  return stats;
}

void printStats(const Program &program, const Session &session,
                const GenerationStats &stats) {
  char line[512];
  snprintf(line, sizeof(line),
           "prompt %lld tokens, %.3f s, %.1f tokens/s; answer %lld tokens, "
           "%.3f s, %.1f tokens/s; threads %lld; weights %.1f MiB, caches "
           "%.1f MiB for %lld tokens, scratch %.1f MiB",
           (long long)stats.promptTokens, stats.promptSeconds,
           double(stats.promptTokens) / std::max(stats.promptSeconds, 1e-9),
           (long long)stats.tokens, stats.seconds,
           double(stats.tokens) / std::max(stats.seconds, 1e-9),
           (long long)program.team->size(),
           double(program.weights.bytes().size()) / (1 << 20),
           double(session.cacheBytes()) / (1 << 20),
           (long long)session.shape().context,
           double(session.scratchBytes()) / (1 << 20));
  report(program.name, line + ("; " + describe(program.sampler)));
}

/// Tokens of a text that nothing precedes.
static Result<std::vector<int32_t>> promptTokens(const Program &program,
                                                 std::string_view text) {
  text::EncodeOptions encoding;
  encoding.parseSpecial = program.options.special;
  std::vector<uint32_t> ids = program.tokenizer->encode(text, encoding);
  if (ids.empty() && program.tokenizer->beginToken() < program.manifest.vocab)
    ids.push_back(program.tokenizer->beginToken());
  if (ids.empty())
    return Failure("the prompt is empty, and this model has no token for the "
                   "beginning of a text");
  return std::vector<int32_t>(ids.begin(), ids.end());
}

/// Gives the answer as it comes, or as a line of JSON.
static Failure printAnswer(Program &program, Session &session,
                           const AnswerRequest &request, int64_t promptTokens) {
  Sampler sampler(program.sampler, program.manifest.vocab);
  bool json = program.options.jsonLines;
  std::string text;
  std::vector<int32_t> answer;
  Result<GenerationStats> stats = answerPrompt(
      program, session, sampler, request, answer, [&](std::string_view part) {
        if (json)
          text += part;
        return json || writeText(part);
      });
  if (!stats)
    return stats.failure();
  if (stats->outputClosed())
    return outputFailure();
  if (json)
    if (Failure failure =
            printJson(answerJson(program, text, *stats, promptTokens)))
      return failure;
  if (!json)
    writeText("\n");
  if (stats->finish == Finish::Context && !json)
    report(program.name, cutNote(*stats));
  if (program.options.stats)
    printStats(program, session, *stats);
  program.interrupted = stats->interrupted();
  return Failure::none();
}

Failure runPrompt(Program &program) {
  if (Failure failure = program.needTokenizer("-p"))
    return failure;
  Result<std::string> text = readPrompt(program.options);
  if (!text)
    return text.failure();
  Result<std::vector<int32_t>> prompt = promptTokens(program, *text);
  if (!prompt)
    return prompt.failure();
  int64_t length = int64_t(prompt->size());
  if (length > program.context())
    return Failure("the prompt has " + std::to_string(length) +
                   " tokens, the context only " +
                   std::to_string(program.context()));
  bool encodes = program.manifest.entry("encode");
  int64_t start = program.manifest.decoderStart;
  if (encodes && start < 0)
    return Failure("-p: nothing says which token this model's answers begin "
                   "with; use --input and --output");
  AnswerRequest request;
  request.most = program.answerTokens();
  request.room = program.context() - (encodes ? 0 : length - 1);
  request.continues = !encodes;
  if (request.most == 0 && !program.options.jsonLines)
    return Failure::none();
  Result<Session> session =
      program.session(std::min(program.context(), length + request.most));
  if (!session)
    return session.failure();
  if (encodes) {
    // The prompt is for the encoder; the answer begins a text of its own.
    if (Failure failure = session->encode({prompt->data(), length, length}))
      return failure;
    prompt->assign(1, int32_t(start));
  }
  request.prompt = *prompt;
  return printAnswer(program, *session, request, length);
}

} // namespace sinter
