//===- Session.cpp - Sequences being computed -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Session.h"

#include <algorithm>
#include <cstring>

namespace sinter {

// Vectors of keys have 16 tokens in all targets' cache layouts.
static constexpr int64_t kCacheTile = 16;

/// a * b * c, or -1 when it does not fit.
static int64_t product(int64_t a, int64_t b, int64_t c) {
  int64_t result;
  if (__builtin_mul_overflow(a, b, &result) ||
      __builtin_mul_overflow(result, c, &result))
    return -1;
  return result;
}

Result<Session> Session::create(const SinterModel &model,
                                const Manifest &manifest,
                                std::span<const std::byte> weights, Team &team,
                                const SessionShape &shape) {
  Session session;
  session.model = &model;
  session.manifest = &manifest;
  session.weights = weights.data();
  session.team = &team;
  session.sizes = shape;
  SessionShape &sizes = session.sizes;
  sizes.context = (shape.context + kCacheTile - 1) / kCacheTile * kCacheTile;
  sizes.chunk = std::clamp<int64_t>(shape.chunk, 1, sizes.context);
  sizes.outputs = std::clamp<int64_t>(shape.outputs, 1, sizes.chunk);
  const EntryDescription *entry = manifest.entry("forward");
  if (!entry)
    return Failure("the model has no entry \"forward\"");
  if (int64_t(weights.size()) != model.weightsBytes)
    return Failure("expected " + std::to_string(model.weightsBytes) +
                   " bytes of weights, found " +
                   std::to_string(weights.size()));

  struct Part {
    Memory Session::*memory;
    int64_t bytes;
    Memory::Use use;
    const char *purpose;
  };
  auto planned = [&](SinterBytes bytes) {
    return bytes(sizes.batch, sizes.chunk, sizes.outputs, sizes.context);
  };
  const Part parts[] = {
      {&Session::scratch, planned(entry->code->scratchBytes),
       Memory::Use::Dense, "activations"},
      {&Session::caches, planned(model.cacheBytes), Memory::Use::Sparse,
       "keys and values (--context makes it smaller)"},
      {&Session::tokenIds, product(sizes.batch, sizes.chunk, 4),
       Memory::Use::Sparse, "tokens"},
      {&Session::pasts, product(sizes.batch, 4, 1), Memory::Use::Sparse,
       "lengths"},
      {&Session::logitRows,
       product(sizes.batch, sizes.outputs, manifest.vocab * 4),
       Memory::Use::Dense, "logits"},
      {&Session::pointers,
       int64_t(8 * (entry->inputs.size() + entry->outputs.size())),
       Memory::Use::Sparse, "arguments"},
  };
  for (const Part &part : parts) {
    Result<Memory> memory =
        Memory::allocate(part.bytes, part.use, part.purpose);
    if (!memory)
      return memory.failure();
    session.*part.memory = std::move(*memory);
  }
  if (Failure failure = session.bind(*entry))
    return failure;
  return session;
}

/// Points the entry's arguments and results to our buffers.
Failure Session::bind(const EntryDescription &description) {
  entry = &description;
  void **pointer = pointers.as<void *>();
  for (const EntryTensor &input : description.inputs) {
    if (input.name == "input_ids")
      *pointer = tokenIds.data();
    else if (input.name == "past")
      *pointer = pasts.data();
    else if (input.type == "index" || input.type == "cache")
      *pointer = nullptr; // in the call itself
    else
      return Failure("the model's input \"" + input.name +
                     "\" is not known to this runtime");
    ++pointer;
  }
  for (const EntryTensor &output : description.outputs) {
    if (output.name == "logits")
      *pointer = logitRows.data();
    else if (output.type == "cache")
      *pointer = nullptr; // updated in place
    else
      return Failure("the model's output \"" + output.name +
                     "\" is not known to this runtime");
    ++pointer;
  }
  return Failure::none();
}

Failure Session::check(const int32_t *ids, int64_t stride,
                       int64_t tokens) const {
  if (tokens > sizes.context - past)
    return Failure("the context of " + std::to_string(sizes.context) +
                   " tokens is full: " + std::to_string(past) + " used, " +
                   std::to_string(tokens) + " more wanted");
  for (int64_t b = 0; b < sizes.batch; ++b)
    for (int64_t t = 0; t < tokens; ++t)
      if (ids[b * stride + t] < 0 || ids[b * stride + t] >= manifest->vocab)
        return Failure("token " + std::to_string(ids[b * stride + t]) +
                       " of sequence " + std::to_string(b) + ", position " +
                       std::to_string(past + t) + " is not below " +
                       std::to_string(manifest->vocab) +
                       ", the size of the vocabulary");
  return Failure::none();
}

Failure Session::feed(const int32_t *ids, int64_t stride, int64_t tokens,
                      int64_t last) {
  if (tokens < 1 || last < 1 || last > std::min(tokens, sizes.outputs) ||
      (last > 1 && tokens > sizes.chunk))
    return Failure("cannot compute the last " + std::to_string(last) + " of " +
                   std::to_string(tokens) + " tokens in one step");
  if (Failure failure = check(ids, stride, tokens))
    return failure;
  for (int64_t begin = 0; begin < tokens; begin += sizes.chunk) {
    int64_t count = std::min(sizes.chunk, tokens - begin);
    step(ids + begin, stride, count, last);
  }
  return Failure::none();
}

void Session::step(const int32_t *ids, int64_t stride, int64_t tokens,
                   int64_t last) {
  int32_t *packed = tokenIds.as<int32_t>();
  for (int64_t b = 0; b < sizes.batch; ++b) {
    memcpy(packed + b * tokens, ids + b * stride, size_t(tokens) * 4);
    pasts.as<int32_t>()[b] = int32_t(past);
  }
  SinterCall call{};
  call.weights = weights;
  call.scratch = scratch.data();
  call.caches = caches.data();
  call.batch = sizes.batch;
  call.tokens = tokens;
  call.last = last;
  call.capacity = sizes.context;
  call.inputs = pointers.as<const void *>();
  call.outputs = pointers.as<void *>() + entry->inputs.size();
  bool one = sizes.batch == 1 && tokens == 1 && entry->code->stepOne;
  team->run(one ? entry->code->stepOne : entry->code->step, call);
  past += tokens;
  lastFed = last;
}

std::span<const float> Session::logits() const {
  return {logitRows.as<float>(),
          size_t(sizes.batch * lastFed * manifest->vocab)};
}

} // namespace sinter
