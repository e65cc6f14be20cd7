//===- NativeBackend.cpp - Generated code computes steps ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Backend.h"
#include "runtime/profile/Profile.h"

#include <algorithm>

namespace sinter {

namespace {

class NativeBackend : public Backend {
public:
  NativeBackend(const SinterModel &model, const Manifest &manifest,
                const std::byte *weights, Team &team)
      : model(model), manifest(manifest), weights(weights), team(team) {}

  Failure run(const EntryDescription &entry, SinterCall &call) override {
    call.weights = weights;
    call.scratch = scratch.data();
    call.caches = caches.data();
    bool one = call.batch == 1 && call.tokens == 1 && entry.code->stepOne;
    call.profile = team.profile;
    if (team.profile)
      team.profile->beginStep(entry, call);
    team.run(one ? entry.code->stepOne : entry.code->step, call);
    if (team.profile)
      team.profile->endStep();
    return Failure::none();
  }

  Failure reserve(const SessionShape &shape, int64_t capacity) override;

  void clearCaches() override { caches.clear(); }

  int64_t scratchBytes() const override { return int64_t(scratch.size()); }
  int64_t cacheBytes() const override { return int64_t(caches.size()); }

private:
  const SinterModel &model;
  const Manifest &manifest;
  const std::byte *weights;
  Team &team;
  Memory scratch;
  Memory caches;
};

} // namespace

/// Entries run one at a time. An encoder reads its tokens whole.
Failure NativeBackend::reserve(const SessionShape &shape, int64_t capacity) {
  int64_t scratchBytes = 0;
  for (const EntryDescription &entry : manifest.entries) {
    if (!entry.code)
      return Failure("the program has no code for entry \"" + entry.name +
                     "\"");
    // What is not computed needs no room.
    if (entry.name == (shape.embed ? "forward" : "features"))
      continue;
    int64_t tokens = entry.name == "encode" ? shape.source
                     : entry.name == "begin"
                         ? std::min(manifest.start, shape.chunk)
                         : shape.chunk;
    int64_t bytes = entry.code->scratchBytes(
        shape.batch, tokens, entry.continues() ? shape.outputs : tokens,
        capacity);
    if (bytes < 0)
      scratchBytes = bytes; // so many that they have no number
    else if (scratchBytes >= 0)
      scratchBytes = std::max(scratchBytes, bytes);
  }
  if (Failure failure =
          scratch.grow(scratchBytes, Memory::Use::Dense, "activations"))
    return failure;
  return caches.grow(
      model.cacheBytes(shape.batch, shape.chunk, shape.outputs, capacity),
      Memory::Use::Dense, "keys and values (--context makes it smaller)");
}

Result<std::unique_ptr<Backend>>
makeNativeBackend(const SinterModel &model, const Manifest &manifest,
                  std::span<const std::byte> weights, Team &team,
                  const SessionShape &shape, int64_t capacity) {
  if (int64_t(weights.size()) != model.weightsBytes)
    return Failure("expected " + std::to_string(model.weightsBytes) +
                   " bytes of weights, found " +
                   std::to_string(weights.size()));
  std::unique_ptr<Backend> backend =
      std::make_unique<NativeBackend>(model, manifest, weights.data(), team);
  if (Failure failure = backend->reserve(shape, capacity))
    return failure;
  return backend;
}

} // namespace sinter
