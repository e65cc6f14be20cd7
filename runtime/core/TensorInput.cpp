//===- TensorInput.cpp - What --input holds -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/TensorInput.h"
#include "formats/Safetensors.h"

#include <algorithm>
#include <cstring>

namespace sinter {

namespace {

/// An integer tensor of the file.
struct Integers {
  std::vector<int64_t> shape;
  std::vector<int32_t> values;
};

class Reader {
public:
  Reader(const std::string &path, const Manifest &manifest,
         const EntryDescription &entry)
      : path(path), manifest(manifest), forward(&entry),
        encode(manifest.entry("encode")) {}

  Result<TensorInput> read();

private:
  Failure wrong(const std::string &message) const {
    return Failure(path + ": " + message);
  }
  Failure checkNames() const;
  std::vector<std::string> names() const;
  Result<Integers> integers(const StoredTensor &tensor) const;
  Result<std::vector<int32_t>> ofShape(const std::string &name,
                                       const std::vector<int64_t> &shape) const;
  Result<std::vector<int32_t>> ids(const std::string &name, int64_t vocab,
                                   int64_t &batch, int64_t &tokens) const;
  Failure readIds();
  Failure readOthers();
  Failure readPositions();
  Failure readSegment();
  Failure takePaddingOut();

  const std::string &path;
  const Manifest &manifest;
  const EntryDescription *forward;
  const EntryDescription *encode;
  Safetensors file;
  TensorInput input;
};

/// Inputs that sessions know without being told.
bool isCounted(const std::string &name) {
  return name == "past" || name == "length" || name == "encoder_past" ||
         name == "prompt_length";
}

bool isOutput(const std::string &name) {
  return name == "logits" || name == "generated" ||
         name == "generated_logits" || name == "last_hidden_state" ||
         name == "encoder_last_hidden_state" || name == "embedding";
}

/// What files may hold.
std::vector<std::string> Reader::names() const {
  std::vector<std::string> all = {"input_ids"};
  auto add = [&](const std::string &name) {
    if (std::find(all.begin(), all.end(), name) == all.end())
      all.push_back(name);
  };
  for (const EntryDescription *entry : {forward, encode})
    for (size_t i = 0; entry && i < entry->inputs.size(); ++i) {
      const EntryTensor &tensor = entry->inputs[i];
      if ((tensor.isOfTokens() || tensor.isOfSequences()) &&
          !isCounted(tensor.name))
        add(tensor.name);
    }
  add("attention_mask");
  if (manifest.segments)
    add("segment_length");
  return all;
}

Failure Reader::checkNames() const {
  std::vector<std::string> known = names();
  std::string list;
  for (const std::string &name : known)
    list += (list.empty() ? "" : ", ") + name;
  for (const StoredTensor &tensor : file.tensors)
    if (!isOutput(tensor.name) &&
        std::find(known.begin(), known.end(), tensor.name) == known.end())
      return wrong("this model has no input \"" + tensor.name + "\"; it has " +
                   list);
  return Failure::none();
}

/// The values of an integer tensor; those that do not fit 32 bits are an error.
Result<Integers> Reader::integers(const StoredTensor &tensor) const {
  bool wide = tensor.type == ElementType::I64;
  if (!wide && tensor.type != ElementType::I32)
    return wrong(tensor.name + " must be int32 or int64, found " +
                 describe(tensor.type, tensor.shape));
  std::vector<std::byte> bytes(tensor.bytes);
  if (Failure failure = tensor.read(0, bytes))
    return failure;
  Integers result{tensor.shape, std::vector<int32_t>(tensor.count)};
  for (size_t i = 0; i < result.values.size(); ++i) {
    int64_t value = 0;
    memcpy(&result.values[i], &bytes[i * (wide ? 8 : 4)], 4);
    if (wide)
      memcpy(&value, &bytes[8 * i], 8);
    if (wide && value != result.values[i])
      return wrong(tensor.name + " has " + std::to_string(value) +
                   ", which does not fit 32 bits");
  }
  return result;
}

/// The tensor `name` if it has this shape; a single number may have none.
Result<std::vector<int32_t>>
Reader::ofShape(const std::string &name,
                const std::vector<int64_t> &shape) const {
  const StoredTensor &tensor = *file.find(name);
  Result<Integers> found = integers(tensor);
  if (!found)
    return found.failure();
  std::vector<int64_t> alone(shape.begin() + 1, shape.end());
  if (found->shape != shape && !(shape[0] == 1 && found->shape == alone))
    return wrong(name + " must have shape " +
                 describe(ElementType::I64, shape) + ", found " +
                 describe(tensor.type, tensor.shape));
  return std::move(found->values);
}

/// Ids of (batch, tokens), or of one sequence.
Result<std::vector<int32_t>> Reader::ids(const std::string &name, int64_t vocab,
                                         int64_t &batch,
                                         int64_t &tokens) const {
  const StoredTensor *tensor = file.find(name);
  if (!tensor)
    return wrong(name + " is missing");
  if (tensor->shape.empty() || tensor->shape.size() > 2 || tensor->count == 0)
    return wrong(name + " must have shape (batch, tokens), found " +
                 describe(tensor->type, tensor->shape));
  Result<Integers> found = integers(*tensor);
  if (!found)
    return found.failure();
  tokens = tensor->shape.back();
  batch = int64_t(tensor->count) / tokens;
  for (size_t i = 0; i < found->values.size(); ++i)
    if (found->values[i] < 0 || found->values[i] >= vocab)
      return wrong(name + "[" + std::to_string(int64_t(i) / tokens) + "," +
                   std::to_string(int64_t(i) % tokens) + "] is " +
                   std::to_string(found->values[i]) + ", must be below " +
                   std::to_string(vocab));
  return std::move(found->values);
}

Failure Reader::readIds() {
  if (!encode) {
    auto found = ids("input_ids", manifest.vocab, input.batch, input.width);
    if (!found)
      return found.failure();
    input.ids = std::move(*found);
    return Failure::none();
  }
  int64_t vocab = manifest.sourceVocab ? manifest.sourceVocab : manifest.vocab;
  auto source = ids("input_ids", vocab, input.batch, input.source);
  if (!source)
    return source.failure();
  input.sourceIds = std::move(*source);
  if (!file.find("decoder_input_ids") && manifest.decoderStart >= 0) {
    input.width = 1;
    input.ids.assign(size_t(input.batch), int32_t(manifest.decoderStart));
    return Failure::none();
  }
  int64_t batch;
  auto decoded = ids("decoder_input_ids", manifest.vocab, batch, input.width);
  if (!decoded)
    return decoded.failure();
  if (batch != input.batch)
    return wrong("decoder_input_ids has " + std::to_string(batch) +
                 " sequences, input_ids has " + std::to_string(input.batch));
  input.ids = std::move(*decoded);
  return Failure::none();
}

/// (batch, kinds, tokens): positions of two kinds, as some checkpoints' own
/// code has them.
Failure Reader::readPositions() {
  const char *first = "position_ids", *second = "block_position_ids";
  const StoredTensor *tensor = file.find(first);
  if (!tensor || tensor->shape.size() != 3 || !forward->input(second) ||
      file.find(second))
    return Failure::none();
  auto both = ofShape(first, {input.batch, 2, input.width});
  if (!both)
    return both.failure();
  for (int64_t b = 0; b < input.batch; ++b)
    for (int64_t kind = 0; kind < 2; ++kind) {
      auto row = both->begin() + (2 * b + kind) * input.width;
      std::vector<int32_t> &values = input.others[kind ? second : first];
      values.insert(values.end(), row, row + input.width);
    }
  return Failure::none();
}

Failure Reader::readOthers() {
  if (Failure failure = readPositions())
    return failure;
  for (const std::string &name : names()) {
    if (name == "input_ids" || name == "decoder_input_ids" ||
        name == "segment_length" || !file.find(name) ||
        input.others.contains(name))
      continue;
    std::vector<int64_t> shape = {input.batch, input.width};
    const EntryTensor *ofForward = forward->input(name);
    if (encode && encode->input(name))
      shape[1] = input.source;
    else if (ofForward && ofForward->isOfSequences())
      shape.pop_back();
    else if (encode && name == "attention_mask")
      shape[1] = input.source;
    auto values = ofShape(name, shape);
    if (!values)
      return values.failure();
    input.others[name] = std::move(*values);
  }
  return Failure::none();
}

Failure Reader::readSegment() {
  if (!file.find("segment_length"))
    return Failure::none();
  auto length = ofShape("segment_length", {1});
  if (!length)
    return length.failure();
  input.segment = (*length)[0];
  if (input.segment < 1)
    return wrong("segment_length must be positive, found " +
                 std::to_string(input.segment));
  return Failure::none();
}

/// Where tokens are remembered, padding would be too: only real tokens are fed,
/// the first of them at position 0.
Failure Reader::takePaddingOut() {
  input.tokens = input.width;
  input.counts.assign(size_t(input.batch), input.width);
  auto mask = input.others.find("attention_mask");
  if (encode || !forward->remembers() || mask == input.others.end())
    return Failure::none();
  std::vector<int32_t> real = std::move(mask->second);
  input.others.erase(mask);
  input.tokens = 0;
  for (int64_t b = 0; b < input.batch; ++b) {
    auto row = real.begin() + b * input.width;
    int64_t count = input.width - std::count(row, row + input.width, 0);
    if (count == 0)
      return wrong("attention_mask: sequence " + std::to_string(b) +
                   " has no token");
    input.counts[size_t(b)] = count;
    input.tokens = std::max(input.tokens, count);
  }
  auto prefix = input.others.find("prefix_length");
  for (int64_t b = 0; b < input.batch; ++b) {
    std::vector<int64_t> columns;
    int64_t kept = 0;
    for (int64_t t = 0; t < input.width; ++t) {
      if (real[size_t(b * input.width + t)])
        columns.push_back(t);
      if (prefix != input.others.end() && t < prefix->second[size_t(b)])
        kept = int64_t(columns.size());
    }
    if (prefix != input.others.end())
      prefix->second[size_t(b)] = int32_t(kept);
    columns.resize(size_t(input.tokens), columns.back());
    input.columns.insert(input.columns.end(), columns.begin(), columns.end());
  }
  auto pack = [&](std::vector<int32_t> &values) {
    std::vector<int32_t> packed;
    for (int64_t b = 0; b < input.batch; ++b)
      for (int64_t t = 0; t < input.tokens; ++t)
        packed.push_back(values[size_t(b * input.width + input.column(b, t))]);
    values = std::move(packed);
  };
  pack(input.ids);
  for (auto &[name, values] : input.others)
    if (int64_t(values.size()) == input.batch * input.width &&
        forward->input(name)->isOfTokens())
      pack(values);
  return Failure::none();
}

Result<TensorInput> Reader::read() {
  Result<Safetensors> opened = readSafetensors(path);
  if (!opened)
    return opened.failure();
  file = std::move(*opened);
  if (Failure failure = checkNames())
    return failure;
  if (Failure failure = readIds())
    return failure;
  if (Failure failure = readOthers())
    return failure;
  if (Failure failure = readSegment())
    return failure;
  if (Failure failure = takePaddingOut())
    return failure;
  if (forward->input("prompt_length"))
    input.others["prompt_length"].assign(input.counts.begin(),
                                         input.counts.end());
  return std::move(input);
}

} // namespace

Failure TensorInput::giveTo(Session &session) const {
  for (const auto &[name, values] : others) {
    // Those of the encoder and of sequences have no rows of ours.
    bool ours = int64_t(values.size()) == batch * tokens;
    if (Failure failure =
            session.give(name, values, ours ? counts.data() : nullptr))
      return failure;
  }
  return Failure::none();
}

Result<TensorInput> readTensorInput(const std::string &path,
                                    const Manifest &manifest,
                                    const EntryDescription &entry) {
  return Reader(path, manifest, entry).read();
}

} // namespace sinter
