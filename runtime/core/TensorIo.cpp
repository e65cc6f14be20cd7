//===- TensorIo.cpp - Tensors in and out ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// --input and --output: the program as a function on safetensors files, for
// tests and for users with tokenizers of their own.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/TensorIo.h"
#include "formats/Safetensors.h"
#include "runtime/core/Console.h"
#include "runtime/core/Sampler.h"
#include "runtime/core/TensorInput.h"

#include <algorithm>

namespace sinter {

namespace {

// Chunks are so long that their logits take about so much memory.
constexpr int64_t kLogitBytes = int64_t(64) << 20;

/// One run from a file to a file.
class TensorRun {
public:
  TensorRun(const Manifest &manifest, const TensorRunOptions &options)
      : manifest(manifest), options(options),
        forward(*manifest.entry(options.embed ? "features" : "forward")),
        encode(manifest.entry("encode")) {}

  Failure run(const SessionMaker &makeSession);

private:
  Failure readInput();
  SessionShape shape() const;
  void declareOutputs();
  Failure encodeAll();
  Failure feedAll();
  Failure generate();
  Failure writeRows(int64_t begin, int64_t count);
  Failure writeSequence(size_t output, int64_t sequence, int64_t begin,
                        std::span<const float> rows, int64_t perToken);
  Failure writePadding();
  void keepLast(int64_t begin, int64_t count);
  TokenRows rowsFrom(int64_t begin, int64_t count);

  const Manifest &manifest;
  const TensorRunOptions &options;
  const EntryDescription &forward;
  const EntryDescription *encode;
  TensorInput input;
  std::optional<Session> session;
  std::optional<SafetensorsWriter> writer;
  std::vector<TensorDeclaration> outputs;
  size_t ofForward = 0; // outputs that forward has
  std::vector<int64_t> pieceCounts;
  std::vector<float> next; // (batch, vocab): what the next token is chosen of
};

Failure TensorRun::readInput() {
  Result<TensorInput> read = readTensorInput(options.input, manifest, forward);
  if (!read)
    return read.failure();
  input = std::move(*read);
  int64_t steps = forward.continues() ? options.generate : 0;
  if (steps < options.generate)
    return Failure("--generate: this model does not continue a text");
  if (!options.cuts.empty() &&
      (manifest.dependsOnCuts() || !forward.continues()))
    return Failure("--cuts: what this model computes depends on how its input "
                   "is cut");
  int64_t needed =
      std::max(input.tokens + std::max<int64_t>(steps - 1, 0), input.source);
  if (needed > options.context)
    return Failure("needs a context of " + std::to_string(needed) +
                   " tokens, there are only " +
                   std::to_string(options.context));
  return Failure::none();
}

SessionShape TensorRun::shape() const {
  SessionShape shape;
  shape.batch = input.batch;
  shape.source = input.source;
  shape.embed = options.embed;
  shape.context = input.tokens + std::max<int64_t>(options.generate - 1, 0);
  int64_t features = forward.outputs.front().features();
  shape.chunk = std::clamp<int64_t>(
      kLogitBytes / std::max<int64_t>(4 * features * input.batch, 1), 1, 512);
  if (manifest.dependsOnCuts() || !forward.continues())
    shape.chunk = input.segment ? input.segment : input.tokens;
  shape.chunk = std::min(shape.chunk, input.tokens);
  if (!options.cuts.empty())
    shape.chunk = std::min(shape.chunk, std::ranges::max(options.cuts));
  shape.outputs = shape.chunk;
  return shape;
}

void TensorRun::declareOutputs() {
  auto add = [&](const EntryTensor &tensor, int64_t tokens) {
    std::vector<int64_t> sizes = {input.batch, tokens};
    if (tensor.shape.size() > 1 && tensor.shape[1] != "T" &&
        tensor.shape[1] != "last")
      sizes[1] = std::atoll(tensor.shape[1].c_str());
    for (size_t i = 2; i < tensor.shape.size(); ++i)
      sizes.push_back(std::atoll(tensor.shape[i].c_str()));
    outputs.push_back({tensor.name, ElementType::F32, std::move(sizes)});
  };
  for (const EntryTensor &tensor : forward.outputs)
    if (!tensor.isCache())
      add(tensor, input.width);
  ofForward = outputs.size();
  int64_t vocab = forward.outputs.front().features();
  if (options.generate > 0) {
    outputs.push_back(
        {"generated", ElementType::I64, {input.batch, options.generate}});
    outputs.push_back({"generated_logits",
                       ElementType::F32,
                       {input.batch, options.generate, vocab}});
  }
  for (size_t i = 0; encode && i < encode->outputs.size(); ++i)
    if (!encode->outputs[i].isCache())
      add(encode->outputs[i], input.source);
}

/// Tokens [begin, begin + count) of each sequence, as many as are real.
TokenRows TensorRun::rowsFrom(int64_t begin, int64_t count) {
  pieceCounts.clear();
  for (int64_t real : input.counts)
    pieceCounts.push_back(std::clamp<int64_t>(real - begin, 0, count));
  return {input.ids.data() + begin, input.tokens, count, pieceCounts.data()};
}

Failure TensorRun::encodeAll() {
  if (!encode)
    return Failure::none();
  if (Failure failure =
          session->encode({input.sourceIds.data(), input.source, input.source}))
    return failure;
  for (size_t i = 0; i < outputs.size(); ++i) {
    std::span<const float> values = session->output(outputs[i].name);
    bool ours = i >= ofForward && !values.empty();
    if (!ours)
      continue;
    if (Failure failure = writer->write(i, 0, std::as_bytes(values)))
      return failure;
  }
  return Failure::none();
}

/// Writes what forward computed of the tokens [begin, begin + count).
Failure TensorRun::writeRows(int64_t begin, int64_t count) {
  for (size_t i = 0; i < ofForward; ++i) {
    std::span<const float> values = session->output(outputs[i].name);
    int64_t perToken = int64_t(values.size()) / (input.batch * count);
    if (outputs[i].shape[1] != input.width || perToken == 0) {
      if (Failure failure = writer->write(i, 0, std::as_bytes(values)))
        return failure;
      continue;
    }
    for (int64_t b = 0; b < input.batch; ++b) {
      auto part = values.subspan(size_t(b * count * perToken),
                                 size_t(count * perToken));
      if (Failure failure = writeSequence(i, b, begin, part, perToken))
        return failure;
    }
  }
  return Failure::none();
}

/// Rows of one sequence, from its token `begin` on; those after its last one
/// are nobody's.
Failure TensorRun::writeSequence(size_t output, int64_t sequence, int64_t begin,
                                 std::span<const float> rows,
                                 int64_t perToken) {
  auto write = [&](int64_t column, std::span<const float> values) {
    int64_t at = (sequence * input.width + column) * perToken;
    return writer->write(output, uint64_t(at) * 4, std::as_bytes(values));
  };
  if (input.columns.empty())
    return write(begin, rows);
  int64_t end = std::min(begin + int64_t(rows.size()) / perToken,
                         input.counts[size_t(sequence)]);
  for (int64_t t = begin; t < end; ++t)
    if (Failure failure = write(
            input.column(sequence, t),
            rows.subspan(size_t((t - begin) * perToken), size_t(perToken))))
      return failure;
  return Failure::none();
}

/// Zeros where the file has padding.
Failure TensorRun::writePadding() {
  if (input.columns.empty())
    return Failure::none();
  for (size_t i = 0; i < ofForward; ++i) {
    if (outputs[i].shape[1] != input.width)
      continue; // one row for each sequence
    int64_t perToken = forward.outputs[i].features();
    std::vector<float> zeros(static_cast<size_t>(perToken));
    for (int64_t b = 0; b < input.batch; ++b) {
      std::vector<bool> real(static_cast<size_t>(input.width));
      for (int64_t t = 0; t < input.counts[size_t(b)]; ++t)
        real[size_t(input.column(b, t))] = true;
      for (int64_t t = 0; t < input.width; ++t) {
        if (real[size_t(t)])
          continue;
        uint64_t at = uint64_t((b * input.width + t) * perToken) * 4;
        if (Failure failure =
                writer->write(i, at, std::as_bytes(std::span(zeros))))
          return failure;
      }
    }
  }
  return Failure::none();
}

/// Keeps the logits of each sequence's last token so far.
void TensorRun::keepLast(int64_t begin, int64_t count) {
  std::span<const float> rows = session->logits();
  int64_t vocab = int64_t(rows.size()) / (input.batch * count);
  next.resize(size_t(input.batch * vocab));
  for (int64_t b = 0; b < input.batch; ++b) {
    int64_t real = std::min(
        begin < input.tokens ? input.counts[size_t(b)] - begin : count, count);
    if (real > 0)
      std::copy_n(rows.begin() + (b * count + real - 1) * vocab, vocab,
                  next.begin() + b * vocab);
  }
}

Failure TensorRun::feedAll() {
  size_t piece = 0;
  int64_t longest = session->shape().chunk;
  for (int64_t begin = 0; begin < input.tokens;) {
    int64_t wanted = options.cuts.empty()
                         ? longest
                         : options.cuts[piece++ % options.cuts.size()];
    int64_t count = std::min({wanted, longest, input.tokens - begin});
    if (Failure failure = session->feed(rowsFrom(begin, count), count))
      return failure;
    if (Failure failure = writeRows(begin, count))
      return failure;
    if (options.generate > 0)
      keepLast(begin, count);
    begin += count;
    if (interruptPending())
      return Failure("interrupted");
  }
  return Failure::none();
}

Failure TensorRun::generate() {
  size_t vocab = next.size() / size_t(input.batch);
  std::vector<int32_t> chosen(static_cast<size_t>(input.batch));
  for (int64_t i = 0; i < options.generate; ++i) {
    for (int64_t b = 0; b < input.batch; ++b) {
      auto row = std::span<const float>(next).subspan(size_t(b) * vocab, vocab);
      int64_t id = chosen[size_t(b)] = likeliest(row);
      uint64_t at = uint64_t(b * options.generate + i);
      if (Failure failure = writer->write(ofForward, at * 8,
                                          std::as_bytes(std::span(&id, 1))))
        return failure;
      if (Failure failure =
              writer->write(ofForward + 1, at * vocab * 4, std::as_bytes(row)))
        return failure;
    }
    if (i + 1 == options.generate)
      break;
    if (Failure failure = session->feed({chosen.data(), 1, 1}))
      return failure;
    keepLast(input.tokens + i, 1);
    if (interruptPending())
      return Failure("interrupted");
  }
  return Failure::none();
}

Failure TensorRun::run(const SessionMaker &makeSession) {
  if (Failure failure = readInput())
    return failure;
  Result<Session> made = makeSession(shape());
  if (!made)
    return made.failure();
  session = std::move(*made);
  if (Failure failure = input.giveTo(*session))
    return Failure(options.input + ": " + failure.message());
  declareOutputs();
  Result<SafetensorsWriter> created =
      SafetensorsWriter::create(options.output, outputs);
  if (!created)
    return created.failure();
  writer = std::move(*created);
  if (Failure failure = encodeAll())
    return failure;
  if (Failure failure = feedAll())
    return failure;
  if (Failure failure = writePadding())
    return failure;
  if (Failure failure = generate())
    return failure;
  return writer->finish();
}

} // namespace

Failure runTensors(const Manifest &manifest, const TensorRunOptions &options,
                   const SessionMaker &makeSession) {
  const char *entry = options.embed ? "features" : "forward";
  if (!manifest.entry(entry))
    return Failure(std::string("the model has no entry \"") + entry + "\"");
  return TensorRun(manifest, options).run(makeSession);
}

} // namespace sinter
