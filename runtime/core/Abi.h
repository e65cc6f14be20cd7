//===- Abi.h - Between generated code and the runtime -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The contract of a compiled model with what runs it. Code generation emits
// one SinterModel named `sinter_model`; the runtime fills a SinterCall for
// each step and has every thread of its team run the step. Change kAbiVersion
// with any change here.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_ABI_H
#define SINTER_RUNTIME_CORE_ABI_H

#include <cstddef>
#include <cstdint>

extern "C" {

enum : int64_t { SINTER_ABI = 3 };

/// One step of an entry, shared by all threads of the team, read-only to
/// generated code. Pointers are aligned to 64 bytes. Fields are read by byte
/// offset (8 times their index). Inputs and outputs are dense, but for masks
/// of keys that lie in caches: their rows have `capacity` entries, rounded up
/// to 64.
struct SinterCall {
  const std::byte *weights;  ///< base of the packed weights
  std::byte *scratch;        ///< scratchBytes(batch, tokens, last, capacity)
  std::byte *caches;         ///< cacheBytes(batch, capacity)
  int64_t batch;             ///< B: sequences
  int64_t tokens;            ///< T: new tokens of each sequence
  int64_t last;              ///< positions whose outputs are wanted, 1..T
  int64_t capacity;          ///< tokens that a cache slot holds, for planning
  const void *const *inputs; ///< by the order of the entry's arguments
  void *const *outputs;      ///< by the order of the entry's results
  void *barrier;             ///< for sinter_barrier
  int64_t threads;           ///< size of the team
  int64_t chunk;             ///< most tokens of a step, as planned
  void *profile;             ///< for sinter_mark; null: nobody wants to know
};

/// Runs a step as thread `thread` of call->threads. All threads of the team
/// call it.
typedef void (*SinterStep)(const SinterCall *call, int64_t thread);

/// Bytes for given batch, most tokens a step, outputs a sequence, and capacity.
typedef int64_t (*SinterBytes)(int64_t batch, int64_t tokens, int64_t last,
                               int64_t capacity);

/// An entry function of the model: "forward", "encode".
struct SinterEntry {
  const char *name;
  SinterStep step;          ///< any batch and tokens
  SinterStep stepOne;       ///< batch = tokens = last = 1 only; null if none
  SinterBytes scratchBytes; ///< enough for step and stepOne
};

struct SinterModel {
  int64_t abi;            ///< SINTER_ABI
  const char *features;   ///< CPU features that the code needs: "avx2,fma,..."
  const char *manifest;   ///< JSON, see docs/architecture.md
  int64_t weightsBytes;   ///< size of the packed weights
  SinterBytes cacheBytes; ///< of all caches together
  int64_t entryCount;
  const SinterEntry *entries;
};

/// Waits until every thread of the team is here. Given by the runtime.
void sinter_barrier(const SinterCall *call);

/// Called only where call->profile is not null: `thread` begins a kernel, by
/// its number in the manifest, or waits (-1). `layer` is -1 outside of layers.
/// Given by the runtime.
void sinter_mark(const SinterCall *call, int64_t thread, int64_t kernel,
                 int64_t layer);

/// Called only by code that was lowered with the option `observe`, by every
/// thread, while all wait: f32 result number `result` of a kernel lies at
/// `data`. Given by whoever compiles so; programs have none.
void sinter_observe(const SinterCall *call, int64_t thread, int64_t kernel,
                    int64_t layer, int64_t result, const float *data);

} // extern "C"

#endif // SINTER_RUNTIME_CORE_ABI_H
