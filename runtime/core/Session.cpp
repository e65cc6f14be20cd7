//===- Session.cpp - Sequences being computed -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Session.h"

#include <algorithm>
#include <numeric>

namespace sinter {

// Caches hold blocks of 64 tokens.
static constexpr int64_t kCacheTile = 64;

static int64_t inTiles(int64_t tokens) {
  return (tokens + kCacheTile - 1) / kCacheTile * kCacheTile;
}

/// a * b * c, or -1 when it does not fit.
static int64_t product(int64_t a, int64_t b, int64_t c) {
  int64_t result;
  if (__builtin_mul_overflow(a, b, &result) ||
      __builtin_mul_overflow(result, c, &result))
    return -1;
  return result;
}

static bool isIds(const EntryTensor &input) {
  return input.name == "input_ids" || input.name == "decoder_input_ids";
}

//===----------------------------------------------------------------------===//
// Making
//===----------------------------------------------------------------------===//

SessionShape Session::bounded(SessionShape shape) {
  shape.context = inTiles(shape.context);
  shape.chunk = std::clamp<int64_t>(shape.chunk, 1, shape.context);
  shape.outputs = std::clamp<int64_t>(shape.outputs, 1, shape.chunk);
  return shape;
}

int64_t Session::roomFor(const Manifest &manifest, const SessionShape &shape) {
  return inTiles(std::max(shape.context + manifest.start, shape.source));
}

Result<Session> Session::create(const SinterModel &model,
                                const Manifest &manifest,
                                std::span<const std::byte> weights, Team &team,
                                const SessionShape &shape) {
  SessionShape sizes = bounded(shape);
  Result<std::unique_ptr<Backend>> backend = makeNativeBackend(
      model, manifest, weights, team, sizes, roomFor(manifest, sizes));
  if (!backend)
    return backend.failure();
  return create(manifest, std::move(*backend), shape);
}

Result<Session> Session::create(const Manifest &manifest,
                                std::unique_ptr<Backend> backend,
                                const SessionShape &shape) {
  Session session;
  session.manifest = &manifest;
  session.backend = std::move(backend);
  session.sizes = bounded(shape);
  session.capacity = roomFor(manifest, session.sizes);
  session.lengths.resize(size_t(shape.batch));
  if (Failure failure = session.bindAll())
    return failure;
  return session;
}

Failure Session::bindAll() {
  const char *name = sizes.embed ? "features" : "forward";
  const EntryDescription *entry = manifest->entry(name);
  if (!entry)
    return Failure(std::string("the model has no entry \"") + name + "\"");
  if (Failure failure = bind(*entry, sizes.chunk, forward))
    return failure;
  if (const EntryDescription *encode = manifest->entry("encode"))
    if (Failure failure = bind(*encode, sizes.source, encoder))
      return failure;
  if (const EntryDescription *begin = manifest->entry("begin"))
    return bind(*begin, std::min(manifest->start, sizes.chunk), beginning);
  return Failure::none();
}

Failure Session::reshape(int64_t batch, int64_t tokens) {
  sizes.batch = batch;
  sizes.context = sizes.chunk = sizes.outputs = tokens;
  sizes = bounded(sizes);
  capacity = roomFor(*manifest, sizes);
  lengths.assign(size_t(batch), 0);
  if (Failure failure = backend->reserve(sizes, capacity))
    return failure;
  if (manifest->start)
    backend->clearCaches();
  written = 0;
  begun = completed = false;
  return bindAll();
}

/// Takes memory for the arguments and results of an entry with `rows` tokens.
Failure Session::bind(const EntryDescription &entry, int64_t rows,
                      Bound &bound) {
  bound.entry = &entry;
  bound.rows = rows;
  bound.inputs.resize(entry.inputs.size());
  bound.outputs.resize(entry.outputs.size());
  for (size_t i = 0; i < entry.inputs.size(); ++i) {
    const EntryTensor &input = entry.inputs[i];
    int64_t width = 0;
    if (input.isOfTokens())
      width = rows;
    else if (input.isOfSequences())
      width = 1;
    else if (input.name == "attention_mask")
      width = capacity;
    else if (!input.isCache() && input.type != "index")
      return Failure("the model's input \"" + input.name +
                     "\" is not known to this runtime");
    if (Failure failure = bound.inputs[i].grow(product(sizes.batch, width, 4),
                                               Memory::Use::Sparse, input.name))
      return failure;
  }
  for (size_t i = 0; i < entry.outputs.size(); ++i) {
    const EntryTensor &output = entry.outputs[i];
    int64_t numbers = 0;
    if (!output.isCache()) {
      int64_t places = output.shape.size() < 2     ? 1
                       : output.shape[1] == "last" ? sizes.outputs
                                                   : rows;
      numbers = product(sizes.batch, places, 4 * output.features());
    }
    if (Failure failure =
            bound.outputs[i].grow(numbers, Memory::Use::Dense, output.name))
      return failure;
  }
  if (Failure failure = bound.pointers.grow(
          8 * int64_t(entry.inputs.size() + entry.outputs.size()),
          Memory::Use::Sparse, "arguments"))
    return failure;
  void **pointer = bound.pointers.as<void *>();
  for (const Memory &input : bound.inputs)
    *pointer++ = input.data();
  for (const Memory &output : bound.outputs)
    *pointer++ = output.data();
  return Failure::none();
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

int32_t Session::Given::at(int64_t sequence, int64_t index) const {
  int64_t real = counts.empty() ? width : counts[size_t(sequence)];
  const int32_t *row = values.data() + sequence * width;
  if (index < real)
    return row[index];
  return real ? int32_t(row[real - 1] + advance * (index - real + 1)) : 0;
}

Failure Session::give(const std::string &name, std::vector<int32_t> values,
                      const int64_t *counts) {
  Given &input = given[name];
  input = {};
  input.width = int64_t(values.size()) / sizes.batch;
  input.values = std::move(values);
  if (counts)
    input.counts.assign(counts, counts + sizes.batch);
  auto rule = manifest->inputs.find(name);
  if (rule == manifest->inputs.end())
    return Failure::none();
  input.advance = rule->second.advance;
  if (int64_t limit = rule->second.below)
    for (int32_t value : input.values)
      if (value < 0 || value >= limit)
        return Failure(name + " has " + std::to_string(value) +
                       ", must be from 0 to " + std::to_string(limit - 1));
  return Failure::none();
}

void Session::derive(const std::string &name, std::vector<int32_t> values,
                     const TokenRows &rows) {
  Given &made = given[name];
  made = {};
  made.width = int64_t(values.size()) / sizes.batch;
  made.values = std::move(values);
  made.derived = true;
  // Masks say of every token what it is.
  if (rows.counts && made.width == rows.tokens && !name.ends_with("_mask"))
    made.counts.assign(rows.counts, rows.counts + sizes.batch);
  auto rule = manifest->inputs.find(name);
  if (rule != manifest->inputs.end())
    made.advance = rule->second.advance;
}

/// The number of each real token in its sequence, from 1 on; 0 for those that
/// are not pooled.
void Session::derivePlaces(const TokenRows &rows) {
  auto mask = given.find("attention_mask");
  bool masked = mask != given.end() && !mask->second.derived;
  std::vector<int32_t> places;
  for (int64_t b = 0; b < sizes.batch; ++b) {
    int32_t place = 0;
    for (int64_t t = 0; t < rows.tokens; ++t) {
      bool real = masked ? mask->second.at(b, t) != 0 : t < rows.count(b);
      place += real;
      places.push_back(real && place > leftOut ? place : 0);
    }
  }
  derive("pool_mask", std::move(places), rows);
}

/// The prefix that all see ends where the filling of a blank begins. Positions
/// count until there and go on from that of the blank; those within the
/// filling count from 1.
Failure Session::deriveOfBlank(const EntryTensor &input,
                               const TokenRows &rows) {
  bool within = input.name == "block_position_ids";
  std::vector<int32_t> values;
  for (int64_t b = 0; b < sizes.batch; ++b) {
    auto row = std::span(rows.ids + b * rows.stride, size_t(rows.count(b)));
    auto place = [&](int64_t token) {
      return std::find(row.begin(), row.end(), token) - row.begin();
    };
    int64_t size = int64_t(row.size());
    int64_t begin = place(manifest->blankBegins), blank = size;
    for (int64_t mark : manifest->blankMarks)
      blank = blank < size ? blank : place(mark);
    if (begin == size || blank == size)
      return Failure(
          "sequence " + std::to_string(b) + " has no " +
          (begin == size ? "token " + std::to_string(manifest->blankBegins)
                         : "token for a blank") +
          ", of which the input \"" + input.name + "\" would follow");
    if (input.isOfSequences()) {
      values.push_back(int32_t(begin));
      continue;
    }
    int64_t advance = manifest->inputs.at(input.name).advance;
    for (int64_t t = 0; t < rows.tokens; ++t)
      if (t < begin)
        values.push_back(within ? 0 : int32_t(t));
      else
        values.push_back(int32_t((within ? 1 : blank) + advance * (t - begin)));
  }
  derive(input.name, std::move(values), rows);
  return Failure::none();
}

/// Derives inputs of an entry that were not given; `rows` are the first.
Failure Session::complete(const EntryDescription &entry,
                          const TokenRows &rows) {
  std::vector<int32_t> counts(static_cast<size_t>(sizes.batch));
  for (int64_t b = 0; b < sizes.batch; ++b)
    counts[size_t(b)] = int32_t(rows.count(b));
  for (const EntryTensor &input : entry.inputs) {
    const std::string &name = input.name;
    auto known = given.find(name);
    bool counted = name == "past" || name == "length" || name == "encoder_past";
    if (isIds(input) || counted || input.isCache() || input.type == "index" ||
        (known != given.end() && !known->second.derived))
      continue;
    if (name == "prompt_length") {
      derive(name, counts, rows);
    } else if (name == "token_type_ids") {
      derive(name, std::vector<int32_t>(counts.size(), 0), rows);
    } else if (name == "attention_mask" && input.isOfTokens()) {
      std::vector<int32_t> mask;
      for (int32_t count : counts)
        for (int64_t t = 0; t < rows.tokens; ++t)
          mask.push_back(t < count);
      derive(name, std::move(mask), rows);
    } else if (name == "pool_mask") {
      derivePlaces(rows);
    } else if (manifest->blankBegins >= 0 &&
               (name == "prefix_length" || manifest->inputs.contains(name))) {
      if (Failure failure = deriveOfBlank(input, rows))
        return failure;
    } else if (name != "attention_mask") {
      return Failure("this model needs the input \"" + name +
                     "\": nothing says how it follows from the tokens");
    }
  }
  return Failure::none();
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

/// The tokens of a step: [begin, begin + count) of rows.
struct Session::Piece {
  const TokenRows &rows;
  int64_t begin, count;
  bool continues; ///< after what the caches have
  /// What the caches begin with, where it reads them and does not continue.
  int64_t skipped = 0;

  int64_t real(int64_t sequence) const {
    return std::clamp<int64_t>(rows.count(sequence) - begin, 0, count);
  }
};

int32_t Session::ofToken(const EntryTensor &input, const Piece &piece,
                         int64_t sequence, int64_t token) const {
  if (isIds(input))
    return token < piece.real(sequence)
               ? piece.rows
                     .ids[sequence * piece.rows.stride + piece.begin + token]
               : 0;
  int64_t before = piece.continues ? lengths[size_t(sequence)] : 0;
  return given.find(input.name)->second.at(sequence, before + token);
}

int32_t Session::ofSequence(const EntryTensor &input, const Piece &piece,
                            int64_t sequence) const {
  int64_t before = piece.continues ? lengths[size_t(sequence)] : 0;
  if (input.name == "past")
    return int32_t(piece.continues ? before + manifest->start
                                   : piece.begin + piece.skipped);
  // All that is fed at once, whatever the steps.
  if (input.name == "length")
    return int32_t(before + piece.rows.count(sequence) -
                   std::min(piece.begin, piece.rows.count(sequence)));
  if (input.name == "encoder_past")
    return int32_t(sourceTokens);
  if (input.name == "prefix_length")
    return int32_t(manifest->start) +
           given.find(input.name)->second.values[size_t(sequence)];
  return given.find(input.name)->second.values[size_t(sequence)];
}

/// Puts the values of a step where the entry reads them.
void Session::fill(const EntryTensor &input, int32_t *values,
                   const Piece &piece) {
  for (int64_t b = 0; b < sizes.batch; ++b) {
    if (input.isOfSequences()) {
      values[b] = ofSequence(input, piece, b);
    } else if (input.isOfTokens()) {
      for (int64_t t = 0; t < piece.count; ++t)
        values[b * piece.count + t] = ofToken(input, piece, b, t);
    } else {
      // The encoder's mask, with room for as many tokens as caches have.
      const Given &mask = given.find(input.name)->second;
      for (int64_t s = 0; s < capacity; ++s)
        values[b * capacity + s] = s < sourceTokens ? mask.at(b, s) : 0;
    }
  }
}

Failure Session::step(Bound &bound, const TokenRows &rows, int64_t begin,
                      int64_t count, int64_t last) {
  const EntryDescription &entry = *bound.entry;
  Piece piece{rows, begin, count, entry.continues()};
  if (&bound == &forward && !piece.continues && entry.remembers())
    piece.skipped = manifest->start;
  for (size_t i = 0; i < entry.inputs.size(); ++i)
    if (bound.inputs[i].data())
      fill(entry.inputs[i], bound.inputs[i].as<int32_t>(), piece);
  SinterCall call{};
  call.batch = sizes.batch;
  call.tokens = count;
  call.last = piece.continues ? last : count;
  call.capacity = capacity;
  call.chunk = sizes.chunk;
  call.inputs = bound.pointers.as<const void *>();
  call.outputs = bound.pointers.as<void *>() + entry.inputs.size();
  if (Failure failure = backend->run(entry, call))
    return failure;
  bound.lastTokens = count;
  bound.lastOutputs = call.last;
  written =
      std::max(written, piece.continues ? length() + manifest->start + count
                                        : begin + count);
  for (int64_t b = 0; piece.continues && b < sizes.batch; ++b)
    lengths[size_t(b)] += piece.real(b);
  return Failure::none();
}

Failure Session::check(const TokenRows &rows, int64_t vocab) const {
  for (int64_t b = 0; b < sizes.batch; ++b)
    for (int64_t t = 0; t < rows.count(b); ++t) {
      int32_t id = rows.ids[b * rows.stride + t];
      if (id < 0 || id >= vocab)
        return Failure("token " + std::to_string(id) + " of sequence " +
                       std::to_string(b) + ", position " +
                       std::to_string(lengths[size_t(b)] + t) +
                       " is not below " + std::to_string(vocab) +
                       ", the size of the vocabulary");
    }
  return Failure::none();
}

Failure Session::encode(const TokenRows &source) {
  if (!encoder.entry)
    return Failure("this model has no encoder");
  if (source.tokens < 1 || source.tokens > sizes.source)
    return Failure("the encoder reads 1 to " + std::to_string(sizes.source) +
                   " tokens at once, not " + std::to_string(source.tokens));
  if (Failure failure =
          check(source, manifest->sourceVocab > 0 ? manifest->sourceVocab
                                                  : manifest->vocab))
    return failure;
  if (Failure failure = complete(*encoder.entry, source))
    return failure;
  sourceTokens = source.tokens;
  return step(encoder, source, 0, source.tokens, source.tokens);
}

/// Puts learned tokens into the caches, before all others.
Failure Session::begin() {
  begun = true;
  if (!beginning.entry)
    return Failure::none();
  std::vector<int32_t> ids(static_cast<size_t>(manifest->start));
  std::iota(ids.begin(), ids.end(), 0);
  TokenRows rows{ids.data(), /*stride=*/0, manifest->start};
  for (int64_t begin = 0; begin < manifest->start; begin += sizes.chunk) {
    int64_t count = std::min(sizes.chunk, manifest->start - begin);
    if (Failure failure = step(beginning, rows, begin, count, count))
      return failure;
  }
  return Failure::none();
}

Failure Session::feed(const TokenRows &rows, int64_t last) {
  bool whole = !forward.entry->continues();
  if (whole)
    last = rows.tokens;
  if (rows.tokens < 1 || last < 1 || last > rows.tokens ||
      (!whole && last > sizes.outputs) ||
      (last > 1 && rows.tokens > sizes.chunk))
    return Failure("cannot compute the last " + std::to_string(last) + " of " +
                   std::to_string(rows.tokens) + " tokens in one step");
  if (rows.tokens > sizes.context - (whole ? 0 : length()))
    return Failure("the context of " + std::to_string(sizes.context) +
                   " tokens is full: " + std::to_string(length()) + " used, " +
                   std::to_string(rows.tokens) + " more wanted");
  if (encoder.entry && !sourceTokens)
    return Failure("the decoder has nothing to attend to: encode() first");
  if (Failure failure = check(rows, manifest->vocab))
    return failure;
  if (whole || !completed)
    if (Failure failure = complete(*forward.entry, rows))
      return failure;
  completed = true;
  if (!begun)
    if (Failure failure = begin())
      return failure;
  for (int64_t begin = 0; begin < rows.tokens; begin += sizes.chunk) {
    int64_t count = std::min(sizes.chunk, rows.tokens - begin);
    if (Failure failure = step(forward, rows, begin, count, last))
      return failure;
  }
  return Failure::none();
}

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

std::span<const float> Session::output(const Bound &bound, size_t index) const {
  const EntryTensor &tensor = bound.entry->outputs[index];
  const std::string second = tensor.shape.size() < 2 ? "1" : tensor.shape[1];
  int64_t places = second == "last" ? bound.lastOutputs
                   : second == "T"  ? bound.lastTokens
                                    : std::atoll(second.c_str());
  return {bound.outputs[index].as<float>(),
          size_t(sizes.batch * places * tensor.features())};
}

std::span<const float> Session::output(std::string_view name) const {
  for (const Bound *bound : {&forward, &encoder})
    for (size_t i = 0; bound->entry && i < bound->entry->outputs.size(); ++i)
      if (bound->entry->outputs[i].name == name)
        return output(*bound, i);
  return {};
}

int64_t Session::length() const {
  return *std::max_element(lengths.begin(), lengths.end());
}

/// Whether rings still have what is seen by the token after the first `tokens`.
/// Those that a ring has for sure end with the last that was written.
bool Session::holds(int64_t tokens) const {
  if (!hasWrapped())
    return true;
  return tokens + manifest->start + sizes.chunk >= written;
}

/// Whether tokens may have been overwritten by others, a capacity after them.
bool Session::hasWrapped() const {
  return manifest->ring && written > manifest->ring - 1 + sizes.chunk;
}

int64_t Session::truncate(int64_t tokens) {
  if (tokens < length() && (manifest->dependsOnPrompt() || !holds(tokens)))
    tokens = 0;
  for (int64_t &length : lengths)
    length = std::min(length, tokens);
  if (tokens == 0)
    forget();
  return length();
}

/// Begins again; what stands before all tokens is put there anew if it is gone.
void Session::forget() {
  completed = false;
  if (hasWrapped() && manifest->start) {
    begun = false;
    if (!beginning.entry) {
      backend->clearCaches();
      sourceTokens = 0;
    }
  }
  written = 0;
}

} // namespace sinter
