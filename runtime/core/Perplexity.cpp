//===- Perplexity.cpp - How well a model predicts a text ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Counted as peers count it (docs/accuracy.md), so that numbers compare:
// windows of 512 tokens that share nothing, the first token replaced by the
// beginning-of-text token where the tokenizer adds one, predictions of the
// second half counted.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Console.h"
#include "runtime/core/Generate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sinter {

static constexpr int64_t kWindow = 512;
// So many positions' logits are in memory at once.
static constexpr int64_t kChunk = 64;

/// -log of the probability of `token`.
static double surprise(std::span<const float> logits, int32_t token) {
  float maximum = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(logit - maximum);
  return std::log(sum) - double(logits[size_t(token)] - maximum);
}

/// The sum of surprises over the second half of a window.
static Result<double> scoreWindow(Session &session,
                                  std::span<const int32_t> tokens) {
  session.reset();
  double sum = 0;
  int64_t first = kWindow / 2;
  if (Failure failure = session.feed(tokens.first(size_t(first))))
    return failure;
  // Nothing follows the last token.
  for (int64_t begin = first; begin < kWindow - 1; begin += kChunk) {
    int64_t count = std::min(kChunk, kWindow - 1 - begin);
    if (Failure failure =
            session.feed(tokens.subspan(size_t(begin), size_t(count)), count))
      return failure;
    for (int64_t i = 0; i < count; ++i) {
      size_t vocab = size_t(session.vocab());
      sum += surprise(session.logits().subspan(size_t(i) * vocab, vocab),
                      tokens[size_t(begin + i + 1)]);
    }
  }
  return sum;
}

Failure runPerplexity(Program &program) {
  if (Failure failure = program.needTokenizer("--perplexity"))
    return failure;
  Result<std::string> text =
      readFile(*program.options.perplexityFile, uint64_t(1) << 30);
  if (!text)
    return text.failure();
  std::vector<uint32_t> ids = program.tokenizer->encode(*text);
  std::vector<uint32_t> none = program.tokenizer->encode("");
  std::vector<int32_t> tokens(ids.begin(), ids.end());
  int64_t windows = int64_t(tokens.size()) / kWindow;
  if (windows == 0)
    return Failure(*program.options.perplexityFile + ": has " +
                   std::to_string(tokens.size()) + " tokens, at least " +
                   std::to_string(kWindow) + " are needed");
  SessionShape shape;
  shape.context = kWindow;
  shape.chunk = kWindow / 2;
  shape.outputs = kChunk;
  Result<Session> session = program.session(shape);
  if (!session)
    return session.failure();

  double sum = 0, squares = 0;
  int64_t counted = kWindow - kWindow / 2 - 1;
  for (int64_t i = 0; i < windows; ++i) {
    auto window =
        std::span(tokens).subspan(size_t(i * kWindow), size_t(kWindow));
    if (!none.empty() && none.front() == program.tokenizer->beginToken())
      window[0] = int32_t(none.front());
    Result<double> score = scoreWindow(*session, window);
    if (!score)
      return score.failure();
    sum += *score;
    squares += *score * *score;
    if (interruptPending())
      return Failure("interrupted");
  }
  double mean = sum / double(windows * counted);
  double variance =
      squares / double(windows) - std::pow(sum / double(windows), 2);
  double error = std::sqrt(std::max(variance, 0.0) / double(windows)) /
                 double(counted) * std::exp(mean);
  char line[160];
  snprintf(line, sizeof(line),
           "perplexity %.4f +- %.4f (%lld windows of %lld tokens)\n",
           std::exp(mean), error, (long long)windows, (long long)kWindow);
  if (!writeText(line))
    return outputFailure();
  return Failure::none();
}

} // namespace sinter
