//===- TensorIo.cpp - Tensors in and out ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// --input and --output: the program as a function on safetensors files, for
// tests and for users with tokenizers of their own.
//
//===----------------------------------------------------------------------===//

#include "formats/Safetensors.h"
#include "runtime/core/Console.h"
#include "runtime/core/Program.h"

#include <algorithm>
#include <cstring>

namespace sinter {

namespace {

/// The tokens of --input: (batch, tokens).
struct InputTokens {
  int64_t batch = 0;
  int64_t tokens = 0;
  std::vector<int32_t> ids;
};

// Chunks are so long that their logits take about so much memory.
constexpr int64_t kLogitBytes = int64_t(64) << 20;

bool isOutputName(const std::string &name) {
  return name == "logits" || name == "generated" || name == "generated_logits";
}

/// The values of an integer tensor.
Result<std::vector<int64_t>> readIntegers(const StoredTensor &tensor,
                                          const std::string &file) {
  bool wide = tensor.type == ElementType::I64;
  if (!wide && tensor.type != ElementType::I32)
    return Failure(file + ": " + tensor.name +
                   " must be int32 or int64, found " +
                   describe(tensor.type, tensor.shape));
  std::vector<std::byte> bytes(tensor.bytes);
  if (Failure failure = tensor.read(0, bytes))
    return failure;
  std::vector<int64_t> values(tensor.count);
  for (size_t i = 0; i < values.size(); ++i) {
    int32_t narrow;
    if (wide) {
      memcpy(&values[i], &bytes[8 * i], 8);
    } else {
      memcpy(&narrow, &bytes[4 * i], 4);
      values[i] = narrow;
    }
  }
  return values;
}

Result<InputTokens> readTokens(const Program &program) {
  const std::string &path = *program.options.input;
  Result<Safetensors> file = readSafetensors(path);
  if (!file)
    return file.failure();
  for (const StoredTensor &tensor : file->tensors)
    if (tensor.name != "input_ids" && !isOutputName(tensor.name))
      return Failure(path + ": this model has no input \"" + tensor.name +
                     "\"; it has input_ids");
  const StoredTensor *ids = file->find("input_ids");
  if (!ids)
    return Failure(path + ": input_ids is missing");
  if (ids->shape.empty() || ids->shape.size() > 2 || ids->count == 0)
    return Failure(path +
                   ": input_ids must have shape (batch, tokens), found " +
                   describe(ids->type, ids->shape));
  Result<std::vector<int64_t>> values = readIntegers(*ids, path);
  if (!values)
    return values.failure();

  InputTokens input;
  input.tokens = ids->shape.back();
  input.batch = int64_t(ids->count) / input.tokens;
  for (size_t i = 0; i < values->size(); ++i) {
    int64_t id = (*values)[i];
    if (id < 0 || id >= program.manifest.vocab)
      return Failure(path + ": input_ids[" +
                     std::to_string(int64_t(i) / input.tokens) + "," +
                     std::to_string(int64_t(i) % input.tokens) + "] is " +
                     std::to_string(id) + ", must be below " +
                     std::to_string(program.manifest.vocab));
    input.ids.push_back(int32_t(id));
  }
  return input;
}

/// The outputs, in the order of their declaration.
class TensorRun {
public:
  TensorRun(Program &program, const InputTokens &input, Session &session,
            SafetensorsWriter &writer)
      : program(program), input(input), session(session), writer(writer),
        vocab(program.manifest.vocab) {}

  /// Feeds all tokens and writes the logits of every position.
  Failure feedAll();
  /// Appends the likeliest tokens, after feedAll().
  Failure generate(int64_t count);

private:
  Failure writeLogits(size_t tensor, int64_t length, int64_t position,
                      int64_t count);

  Program &program;
  const InputTokens &input;
  Session &session;
  SafetensorsWriter &writer;
  int64_t vocab;
};

/// Writes `count` positions of each sequence of (batch, length, vocab).
Failure TensorRun::writeLogits(size_t tensor, int64_t length, int64_t position,
                               int64_t count) {
  std::span<const float> rows = session.logits();
  for (int64_t b = 0; b < input.batch; ++b) {
    auto part = rows.subspan(size_t(b * count * vocab), size_t(count * vocab));
    if (Failure failure =
            writer.write(tensor, uint64_t((b * length + position) * vocab) * 4,
                         std::as_bytes(part)))
      return failure;
  }
  return Failure::none();
}

Failure TensorRun::feedAll() {
  const std::vector<int64_t> &cuts = program.options.cuts;
  size_t piece = 0;
  int64_t longest = session.shape().chunk;
  for (int64_t begin = 0; begin < input.tokens;) {
    int64_t wanted = cuts.empty() ? longest : cuts[piece++ % cuts.size()];
    int64_t count = std::min({wanted, longest, input.tokens - begin});
    if (Failure failure = session.feed(input.ids.data() + begin, input.tokens,
                                       count, /*last=*/count))
      return failure;
    if (Failure failure = writeLogits(0, input.tokens, begin, count))
      return failure;
    begin += count;
    if (takeInterrupt())
      return Failure("interrupted");
  }
  return Failure::none();
}

Failure TensorRun::generate(int64_t count) {
  std::vector<int32_t> next(size_t(input.batch));
  for (int64_t i = 0; i < count; ++i) {
    // Logits hold the last chunk's positions first, single ones later.
    std::span<const float> rows = session.logits();
    int64_t perSequence = int64_t(rows.size()) / input.batch;
    for (int64_t b = 0; b < input.batch; ++b) {
      auto row =
          rows.subspan(size_t((b + 1) * perSequence - vocab), size_t(vocab));
      next[size_t(b)] = likeliest(row);
      int64_t id = next[size_t(b)];
      uint64_t at = uint64_t(b * count + i);
      if (Failure failure =
              writer.write(1, at * 8, std::as_bytes(std::span(&id, 1))))
        return failure;
      if (Failure failure =
              writer.write(2, at * uint64_t(vocab) * 4, std::as_bytes(row)))
        return failure;
    }
    if (i + 1 == count)
      break;
    if (Failure failure = session.feed(next.data(), 1, 1))
      return failure;
    if (takeInterrupt())
      return Failure("interrupted");
  }
  return Failure::none();
}

} // namespace

Failure runTensors(Program &program) {
  Result<InputTokens> input = readTokens(program);
  if (!input)
    return input.failure();
  int64_t steps = program.options.generate;
  int64_t vocab = program.manifest.vocab;
  int64_t needed = input->tokens + std::max<int64_t>(steps - 1, 0);
  int64_t most = program.options.context.value_or(program.manifest.context);
  if (needed > most)
    return Failure("needs a context of " + std::to_string(needed) +
                   " tokens, there are only " + std::to_string(most));
  int64_t chunk =
      std::clamp<int64_t>(kLogitBytes / (4 * vocab * input->batch), 1, 512);
  chunk = std::min(chunk, input->tokens);
  Result<Session> session =
      program.session(needed, input->batch, chunk, /*outputs=*/chunk);
  if (!session)
    return session.failure();

  std::vector<TensorDeclaration> outputs = {
      {"logits", ElementType::F32, {input->batch, input->tokens, vocab}}};
  if (steps > 0) {
    outputs.push_back({"generated", ElementType::I64, {input->batch, steps}});
    outputs.push_back(
        {"generated_logits", ElementType::F32, {input->batch, steps, vocab}});
  }
  Result<SafetensorsWriter> writer =
      SafetensorsWriter::create(*program.options.output, outputs);
  if (!writer)
    return writer.failure();
  TensorRun run(program, *input, *session, *writer);
  if (Failure failure = run.feedAll())
    return failure;
  if (Failure failure = run.generate(steps))
    return failure;
  return writer->finish();
}

} // namespace sinter
