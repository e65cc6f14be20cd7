//===- Session.h - Sequences being computed ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A session has the caches of `batch` sequences of equal length and the
// scratch memory of a step, all allocated when it is made. Several sessions
// may share a model, its weights and a team (one step at a time).
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_SESSION_H
#define SINTER_RUNTIME_CORE_SESSION_H

#include "runtime/core/Manifest.h"
#include "runtime/core/Memory.h"
#include "runtime/core/Team.h"

#include <span>

namespace sinter {

struct SessionShape {
  int64_t batch = 1;   ///< sequences
  int64_t context = 0; ///< most tokens of a sequence
  int64_t chunk = 512; ///< most tokens of a sequence in a step
  int64_t outputs = 1; ///< most positions of a step whose logits are wanted
};

class Session {
public:
  /// Allocates everything. `weights` are the model's packed weights; all
  /// arguments by reference must outlive the session.
  static Result<Session> create(const SinterModel &model,
                                const Manifest &manifest,
                                std::span<const std::byte> weights, Team &team,
                                const SessionShape &shape);

  /// Computes `tokens` further tokens of each sequence: ids is (batch, tokens)
  /// with rows `stride` apart. Any number of tokens is fed in chunks; when
  /// `last` > 1, tokens must fit one chunk. Afterwards logits() has the last
  /// `last` positions. Fails on ids out of range and when the context is full.
  Failure feed(const int32_t *ids, int64_t stride, int64_t tokens,
               int64_t last = 1);

  /// feed() for one sequence.
  Failure feed(std::span<const int32_t> ids, int64_t last = 1) {
    return feed(ids.data(), int64_t(ids.size()), int64_t(ids.size()), last);
  }

  /// (batch, last, vocab) of the latest feed().
  std::span<const float> logits() const;

  /// Tokens of each sequence so far.
  int64_t length() const { return past; }
  /// Forgets all tokens after the first `tokens`.
  void truncate(int64_t tokens) { past = tokens; }
  void reset() { truncate(0); }

  const SessionShape &shape() const { return sizes; }
  int64_t vocab() const { return manifest->vocab; }
  /// Allocated memory, in bytes: scratch, caches.
  int64_t scratchBytes() const { return int64_t(scratch.size()); }
  int64_t cacheBytes() const { return int64_t(caches.size()); }

private:
  Session() = default;
  Failure bind(const EntryDescription &entry);
  Failure check(const int32_t *ids, int64_t stride, int64_t tokens) const;
  void step(const int32_t *ids, int64_t stride, int64_t tokens, int64_t last);

  const SinterModel *model = nullptr;
  const Manifest *manifest = nullptr;
  const EntryDescription *entry = nullptr;
  const std::byte *weights = nullptr;
  Team *team = nullptr;
  SessionShape sizes;
  int64_t past = 0;    // tokens in the caches
  int64_t lastFed = 0; // positions that logits() has
  Memory scratch;
  Memory caches;
  Memory tokenIds;  // int32 (batch, chunk)
  Memory pasts;     // int32 (batch)
  Memory logitRows; // float (batch, outputs, vocab)
  Memory pointers;  // inputs, then outputs, by the entry's order
};

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_SESSION_H
