//===- Embed.cpp - Texts to vectors ---------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Texts of about the same length are computed together, so that little of what
// is computed is padding; what comes out has the order of what came in.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Console.h"
#include "runtime/core/Generate.h"
#include "runtime/embed/EmbeddingOutput.h"
#include "runtime/embed/Progress.h"
#include "runtime/embed/TextList.h"

#include <algorithm>
#include <numeric>

namespace sinter {

namespace {

// Tokens of a batch, padding included, unless one text has more.
constexpr int64_t kBatchTokens = 512;
// Vectors of so many texts are kept until they can be written in order.
constexpr size_t kWindowTexts = 16384;

/// One run over a list of texts.
class Embedder {
public:
  explicit Embedder(Program &program)
      : program(program), rules(program.manifest.embedding),
        entry(*program.manifest.entry("features")) {}

  Failure run();

private:
  int64_t limit() const;
  Failure readTokens();
  Failure readTokens(const EmbedText &text, std::vector<uint32_t> &to) const;
  int64_t leftOutOf(const std::string &prompt) const;
  Failure computeWindow(size_t begin, size_t end, Progress &progress);
  size_t takeBatch(std::span<const size_t> order) const;
  Failure computeBatch(std::span<const size_t> texts, size_t begin);
  void printStats(double seconds) const;

  Program &program;
  const EmbeddingRules &rules;
  const EntryDescription &entry;
  TextList list;
  std::vector<std::vector<uint32_t>> tokens; ///< of each text
  std::vector<int64_t> leftOut;              ///< tokens, by prompt
  std::vector<int32_t> ids;                  ///< of a batch
  std::vector<float> vectors;                ///< of a window
  std::optional<Session> session;
  std::optional<EmbeddingOutput> output;
  int64_t width = 0; ///< numbers of a vector
  int64_t fedTokens = 0, paddedTokens = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

int64_t Embedder::limit() const {
  return program.options.context.value_or(program.manifest.context);
}

Failure Embedder::readTokens(const EmbedText &text,
                             std::vector<uint32_t> &to) const {
  text::EncodeOptions options;
  if (rules.mostTokens)
    options.most = size_t(std::min(rules.mostTokens, limit()));
  options.losesFirst = rules.losesFirst;
  const std::string &prompt = list.prompts[text.prompt];
  to = program.tokenizer->encode(
      prompt.empty() ? text.text : prompt + text.text, options);
  uint32_t begin = program.tokenizer->beginToken();
  if (to.empty() && int64_t(begin) < program.manifest.vocab)
    to.push_back(begin);
  if (to.empty())
    return Failure("the text is empty, and this model has no token for the "
                   "beginning of a text");
  if (int64_t(to.size()) > limit())
    return Failure("the text has " + std::to_string(to.size()) +
                   " tokens, the model reads at most " +
                   std::to_string(limit()));
  return Failure::none();
}

/// The tokens of a prompt that are not pooled: all but one that ends a text.
int64_t Embedder::leftOutOf(const std::string &prompt) const {
  if (rules.poolsPrompt || prompt.empty())
    return 0;
  std::vector<uint32_t> ids = program.tokenizer->encode(prompt);
  bool ends = !ids.empty() && program.tokenizer->isSpecial(ids.back());
  return int64_t(ids.size()) - ends;
}

Failure Embedder::readTokens() {
  for (const std::string &prompt : list.prompts)
    leftOut.push_back(leftOutOf(prompt));
  tokens.resize(list.texts.size());
  for (size_t i = 0; i < tokens.size(); ++i)
    if (Failure failure = readTokens(list.texts[i], tokens[i]))
      return Failure(placeOf(program, list.texts[i]) + failure.message());
  return Failure::none();
}

//===----------------------------------------------------------------------===//
// Batches
//===----------------------------------------------------------------------===//

/// How many of the texts, the longest first, make a batch: those of one kind
/// of prompt that fit.
size_t Embedder::takeBatch(std::span<const size_t> order) const {
  int64_t longest = int64_t(tokens[order[0]].size());
  int64_t skipped = leftOut[list.texts[order[0]].prompt];
  size_t most = size_t(std::max<int64_t>(1, kBatchTokens / longest));
  size_t count = 1;
  while (count < std::min(most, order.size()) &&
         leftOut[list.texts[order[count]].prompt] == skipped)
    ++count;
  return count;
}

Failure Embedder::computeBatch(std::span<const size_t> texts, size_t begin) {
  int64_t longest = int64_t(tokens[texts[0]].size());
  int64_t batch = int64_t(texts.size());
  ids.assign(size_t(batch * longest), 0);
  std::vector<int64_t> counts;
  for (size_t b = 0; b < texts.size(); ++b) {
    const std::vector<uint32_t> &text = tokens[texts[b]];
    std::copy(text.begin(), text.end(),
              ids.begin() + ptrdiff_t(int64_t(b) * longest));
    counts.push_back(int64_t(text.size()));
    fedTokens += counts.back();
  }
  paddedTokens += batch * longest;
  if (!session) {
    SessionShape shape;
    shape.batch = batch;
    shape.context = shape.chunk = shape.outputs = longest;
    shape.embed = true;
    Result<Session> made = program.session(shape);
    if (!made)
      return made.failure();
    session = std::move(*made);
  } else if (Failure failure = session->reshape(batch, longest)) {
    return failure;
  }
  session->leaveOutOfPool(leftOut[list.texts[texts[0]].prompt]);
  if (Failure failure =
          session->feed({ids.data(), longest, longest, counts.data()}))
    return failure;
  std::span<const float> found = session->output("embedding");
  for (size_t b = 0; b < texts.size(); ++b)
    std::copy_n(found.begin() + ptrdiff_t(b) * width, width,
                vectors.begin() + ptrdiff_t(texts[b] - begin) * width);
  return Failure::none();
}

/// Texts [begin, end), and writes their vectors.
Failure Embedder::computeWindow(size_t begin, size_t end, Progress &progress) {
  std::vector<size_t> order(end - begin);
  std::iota(order.begin(), order.end(), begin);
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    int64_t ofA = leftOut[list.texts[a].prompt];
    int64_t ofB = leftOut[list.texts[b].prompt];
    return ofA != ofB ? ofA < ofB : tokens[a].size() > tokens[b].size();
  });
  vectors.resize((end - begin) * size_t(width));
  std::span<const size_t> rest(order);
  while (!rest.empty()) {
    size_t count = takeBatch(rest);
    if (Failure failure = computeBatch(rest.first(count), begin))
      return failure;
    rest = rest.subspan(count);
    progress.show(int64_t(end - rest.size()));
    if (interruptPending())
      return Failure("interrupted");
  }
  for (size_t i = begin; i < end; ++i) {
    auto vector = std::span<const float>(vectors).subspan(
        (i - begin) * size_t(width), size_t(width));
    if (Failure failure = output->write(vector, list.texts[i].id))
      return failure;
  }
  return Failure::none();
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

void Embedder::printStats(double seconds) const {
  char line[256];
  snprintf(line, sizeof(line),
           "%lld texts, %lld tokens (%lld with padding), %.3f s, %.1f texts/s, "
           "%.1f tokens/s; threads %lld",
           (long long)list.texts.size(), (long long)fedTokens,
           (long long)paddedTokens, seconds,
           double(list.texts.size()) / std::max(seconds, 1e-9),
           double(fedTokens) / std::max(seconds, 1e-9),
           (long long)program.team->size());
  report(program.name, line);
}

Failure Embedder::run() {
  const EntryTensor *embedding = entry.output("embedding");
  if (!embedding)
    return Failure("--embed: nothing says what stands for a text in this "
                   "model; --input gives features of its tokens");
  width = embedding->features();
  Result<TextList> read = readTexts(program);
  if (!read)
    return read.failure();
  list = std::move(*read);
  double begin = now();
  if (Failure failure = readTokens())
    return failure;
  Result<EmbeddingOutput> made = EmbeddingOutput::create(
      program.options.output, !program.options.promptFile,
      int64_t(list.texts.size()), width);
  if (!made)
    return made.failure();
  output = std::move(*made);
  Progress progress(program.options.quiet, int64_t(list.texts.size()));
  for (size_t at = 0; at < list.texts.size(); at += kWindowTexts)
    if (Failure failure = computeWindow(
            at, std::min(list.texts.size(), at + kWindowTexts), progress))
      return failure;
  if (Failure failure = output->finish())
    return failure;
  if (program.options.stats)
    printStats(now() - begin);
  return Failure::none();
}

Failure runEmbed(Program &program) {
  if (Failure failure = program.needTokenizer("--embed"))
    return failure;
  return Embedder(program).run();
}

} // namespace sinter
