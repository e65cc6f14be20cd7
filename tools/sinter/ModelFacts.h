//===- ModelFacts.h - What a model costs ------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Counted on the IR: parameters, layers by form, caches, and the work and the
// bytes of a decoded token.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_MODELFACTS_H
#define SINTER_TOOLS_SINTER_MODELFACTS_H

#include "mlir/IR/BuiltinOps.h"

#include <map>
#include <string>
#include <vector>

namespace sinter {

struct ModelFacts {
  /// Numbers and their bytes, by the type in which they are stored.
  struct Stored {
    int64_t count = 0;
    int64_t bytes = 0;
  };
  std::map<std::string, Stored> weights;
  /// How many layers each form has, by its function's name.
  std::map<std::string, int64_t> forms;
  int64_t cacheBytesPerToken = 0; ///< of a sequence, all layers
  /// The same for each length of rings; 0: caches that hold all tokens.
  std::map<int64_t, int64_t> cacheBytesOfRing;
  std::string cacheType;   ///< of the last of the caches
  int64_t linearFlops = 0; ///< of a token, 2 a multiply-add
  /// Of a token and a key that it sees; times the context for the whole.
  int64_t attentionFlops = 0;
  int64_t tokenBytes = 0; ///< of weights that a decoded token touches
  /// Linears whose inputs were rounded, counted in every layer, by the type
  /// that they were rounded to: "a8", "a16", "bf16".
  std::map<std::string, int64_t> roundedLinears;
  double crest = 0; ///< of those rounded to a16
  int64_t linears = 0;

  /// Tokens that a cache holds when steps have up to `chunk` tokens.
  static int64_t cacheTokens(int64_t ring, int64_t context, int64_t chunk);
  /// Bytes of all caches of a sequence.
  int64_t cacheBytes(int64_t context, int64_t chunk) const;
  int64_t parameters() const;
  int64_t layers() const;
};

/// Counts on any tensor stage. Specialised clones count once.
ModelFacts factsOf(mlir::ModuleOp module);

/// Scratch memory of a step of @forward, by what it grows with.
struct ScratchFacts {
  int64_t perToken = 0;    ///< bytes for each token of the step
  int64_t perOutput = 0;   ///< for each position whose logits are wanted
  int64_t perSequence = 0; ///< for each sequence
  int64_t fixed = 0;

  int64_t bytes(int64_t batch, int64_t tokens, int64_t last) const {
    return batch * (tokens * perToken + last * perOutput + perSequence) + fixed;
  }
};

/// Of a module whose memory is planned, up to the rounding of buffers.
ScratchFacts scratchOf(mlir::ModuleOp module);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_MODELFACTS_H
