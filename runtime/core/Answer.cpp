//===- Answer.cpp - An answer as the options want it ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Answer.h"
#include "runtime/core/Console.h"
#include "runtime/core/StopTexts.h"

#include <algorithm>

namespace sinter {

// Longer than the text of a few tokens.
static constexpr size_t kTextCapacity = 1 << 16;

namespace {

/// An answer on its way out.
class Outlet {
public:
  Outlet(const Program &program, const TextSink &sink);

  /// A TokenSink.
  bool take(int32_t token, std::string_view text);

  /// Puts down why the answer ended, if it was here.
  void explain(GenerationStats &stats, std::vector<int32_t> &answer) const;

private:
  bool isStop(int32_t token) const;

  const text::Tokenizer &tokenizer;
  const TextSink &sink;
  std::vector<std::string> texts; // of --stop
  StopTexts stops;
  std::string ready;
  int32_t stopToken = -1;
  bool closed = false, interrupted = false;
};

std::vector<std::string> repaired(std::vector<std::string> texts) {
  for (std::string &text : texts)
    text = text::repairUtf8(text);
  return texts;
}

} // namespace

Outlet::Outlet(const Program &program, const TextSink &sink)
    : tokenizer(*program.tokenizer), sink(sink),
      texts(repaired(program.options.stops)), stops(texts) {
  ready.reserve(kTextCapacity);
}

/// Special tokens are no part of the text, but people know them by theirs.
bool Outlet::isStop(int32_t token) const {
  return tokenizer.isSpecial(uint32_t(token)) &&
         std::find(texts.begin(), texts.end(),
                   tokenizer.tokenText(uint32_t(token))) != texts.end();
}

bool Outlet::take(int32_t token, std::string_view text) {
  bool ends = token < 0;
  if (!ends && isStop(token))
    stopToken = token;
  ready.clear();
  bool stopped = stops.found() || stops.push(text, ready);
  if (ends)
    stops.finish(ready);
  if (!ready.empty())
    closed = closed || !sink(ready);
  interrupted = takeInterrupt() || interrupted;
  return !closed && !interrupted && !stopped && stopToken < 0;
}

void Outlet::explain(GenerationStats &stats,
                     std::vector<int32_t> &answer) const {
  if (stopToken >= 0) {
    stats.stop = tokenizer.tokenText(uint32_t(stopToken));
    answer.pop_back();
    --stats.tokens;
  } else if (stops.found()) {
    stats.stop = *stops.found();
  }
  if (!stats.stop.empty())
    stats.finish = Finish::StopText;
  if (interrupted)
    stats.finish = Finish::Interrupted;
  if (closed)
    stats.finish = Finish::OutputClosed;
}

/// Tokens that can be fed at once, with the same result as all together.
static size_t pieceOf(const Program &program, const Session &session,
                      size_t all) {
  bool together =
      program.manifest.dependsOnCuts() || program.manifest.dependsOnPrompt();
  return together ? all : std::min(all, size_t(session.shape().chunk));
}

Result<GenerationStats> answerPrompt(const Program &program, Session &session,
                                     Sampler &sampler,
                                     const AnswerRequest &request,
                                     std::vector<int32_t> &answer,
                                     const TextSink &sink) {
  GenerationStats early;
  double begin = now();
  std::span<const int32_t> rest = request.prompt.subspan(size_t(request.known));
  size_t piece = pieceOf(program, session, rest.size());
  while (rest.size() > piece) {
    if (Failure failure = session.feed(rest.first(piece)))
      return failure;
    early.promptTokens += int64_t(piece);
    rest = rest.subspan(piece);
    if (takeInterrupt()) {
      early.promptSeconds = now() - begin;
      early.finish = Finish::Interrupted;
      return early;
    }
  }
  early.promptSeconds = now() - begin;
  sampler.forget();
  for (int32_t token :
       request.prompt.first(request.prompt.size() - rest.size()))
    sampler.accept(token);

  int64_t most = std::min(request.most, request.room);
  answer.reserve(answer.size() + size_t(most));
  Outlet outlet(program, sink);
  Result<GenerationStats> stats = generate(
      *program.tokenizer, session, sampler, rest, most, request.continues,
      answer, [&](int32_t token, std::string_view text) {
        return outlet.take(token, text);
      });
  if (!stats)
    return stats;
  stats->promptTokens += early.promptTokens;
  stats->promptSeconds += early.promptSeconds;
  if (stats->finish == Finish::Length && request.most > request.room)
    stats->finish = Finish::Context;
  outlet.explain(*stats, answer);
  return stats;
}

std::string cutNote(const GenerationStats &stats) {
  return "the answer was cut after " + std::to_string(stats.tokens) +
         (stats.finish == Finish::Context
              ? " tokens: the context is full; --context N makes room"
              : " tokens; -n N allows more");
}

static const char *nameOf(Finish finish) {
  switch (finish) {
  case Finish::End:
  case Finish::StopText:
  case Finish::Sink:
    return "stop";
  case Finish::Length:
  case Finish::Context:
    return "length";
  case Finish::Interrupted:
  case Finish::OutputClosed:
    return "interrupted";
  }
  return "";
}

nlohmann::ordered_json answerJson(const Program &program, std::string_view text,
                                  const GenerationStats &stats,
                                  int64_t promptTokens) {
  nlohmann::ordered_json object = {{"text", text},
                                   {"finish_reason", nameOf(stats.finish)}};
  if (!stats.stop.empty())
    object["stop_text"] = stats.stop;
  object["prompt_tokens"] = promptTokens;
  object["cached_tokens"] = promptTokens - stats.promptTokens;
  object["completion_tokens"] = stats.tokens;
  if (program.sampler.temperature > 0)
    object["seed"] = program.sampler.seed;
  return object;
}

Failure printJson(const nlohmann::ordered_json &object) {
  std::string line = object.dump(
      -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return writeText(line + "\n") ? Failure::none() : outputFailure();
}

} // namespace sinter
