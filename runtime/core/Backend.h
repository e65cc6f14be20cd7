//===- Backend.h - What computes a session's steps --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Generated code, run by a team of threads; or, in Sinter's own tools, the
// reference interpreter. Whatever surrounds a step (which tokens, at which
// positions, behind which mask) is the same for both: the session's.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_BACKEND_H
#define SINTER_RUNTIME_CORE_BACKEND_H

#include "runtime/core/Manifest.h"
#include "runtime/core/Memory.h"
#include "runtime/core/Team.h"

#include <memory>
#include <span>

namespace sinter {

struct SessionShape {
  int64_t batch = 1;   ///< sequences
  int64_t context = 0; ///< most tokens of a sequence
  int64_t chunk = 512; ///< most tokens of a sequence in a step
  int64_t outputs = 1; ///< most positions of a step whose logits are wanted
  int64_t source = 0;  ///< most tokens of a sequence for an encoder
  /// Computes @features in the place of @forward: an encoder's features without
  /// its head, and an embedding of each sequence.
  bool embed = false;
};

class Backend {
public:
  virtual ~Backend() = default;

  /// Computes a step of an entry. `call` has sizes, inputs and outputs; where
  /// weights, scratch and caches are is this one's business.
  virtual Failure run(const EntryDescription &entry, SinterCall &call) = 0;

  /// Makes room for steps of another shape; what caches have is lost.
  virtual Failure reserve(const SessionShape &, int64_t /*capacity*/) {
    return Failure("steps of another shape need a session of their own");
  }

  /// Fills the caches with zeros, as they are at first.
  virtual void clearCaches() {}

  /// Allocated memory, in bytes.
  virtual int64_t scratchBytes() const { return 0; }
  virtual int64_t cacheBytes() const { return 0; }
};

/// Generated code. `weights` are the model's packed weights; `model` and `team`
/// must outlive the backend. `capacity` is the number of tokens in caches.
Result<std::unique_ptr<Backend>>
makeNativeBackend(const SinterModel &model, const Manifest &manifest,
                  std::span<const std::byte> weights, Team &team,
                  const SessionShape &shape, int64_t capacity);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_BACKEND_H
