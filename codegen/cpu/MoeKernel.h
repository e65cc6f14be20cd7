//===- MoeKernel.h - Mixture of experts -------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Many tokens: their choices are sorted by expert, so that each expert reads
// its weights once for all of its tokens. One token: only the chosen experts'
// weights are read. In both, threads share the panels of each expert, and an
// element of the result adds up in the order of the choices.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_MOEKERNEL_H
#define SINTER_CODEGEN_CPU_MOEKERNEL_H

#include "codegen/cpu/KernelInterface.h"

namespace sinter {

/// What a moe keeps in memory between its phases, for N tokens: buffers of
/// N * bytes + extra, one after another.
struct MoeMemory {
  struct Part {
    int64_t bytes = 0; ///< for each token
    int64_t extra = 0;
  };
  Part tables;   ///< where each expert's choices start
  Part order;    ///< choices sorted by expert, i32
  Part input;    ///< activations as experts read them; later their results
  Part inner;    ///< inner activations, f32
  Part gathered; ///< inner activations as `down` reads them

  explicit MoeMemory(MoeOp op);
  /// Bytes for each token, and beyond.
  Part total() const;
};

/// Emits a mixture of experts. All threads take part; the caller puts barriers
/// around it and gives it memory (KernelOperands::workspace).
mlir::LogicalResult emitMoeKernel(Emitter &e, MoeOp op,
                                  KernelOperands &operands);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_MOEKERNEL_H
