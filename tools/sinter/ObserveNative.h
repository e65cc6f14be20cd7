//===- ObserveNative.h - What native code computes on its way ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Kernels stay as they are in programs, fused; what they leave in memory is
// looked at between them, in this process.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_OBSERVENATIVE_H
#define SINTER_TOOLS_SINTER_OBSERVENATIVE_H

#include "codegen/cpu/Object.h"
#include "codegen/link/LinkProgram.h"
#include "runtime/core/TensorIo.h"
#include "tools/sinter/Intermediates.h"

namespace sinter {

/// The results of kernels that can be looked at: tensors of f32.
class KernelResults {
public:
  /// Of a module whose memory is planned and whose kernels are numbered.
  explicit KernelResults(mlir::ModuleOp module);

  struct Result {
    std::string form;        ///< the function
    std::string part, place; ///< partOf(), placeOf()
    Rows rows;
    std::vector<int64_t> features;
    int64_t tile = 1, together = 1; ///< of a tiled layout
  };
  /// Null for what cannot be looked at.
  const Result *find(int64_t kernel, int64_t result) const;

private:
  std::map<std::pair<int64_t, int64_t>, Result> results;
};

/// Runs a module in the llvm dialect, lowered with `observe`, on the input.
/// `weights` is its section of weights.
llvm::Expected<Recording>
observeNative(mlir::ModuleOp module, const Target &target,
              const ProgramSection &weights, const KernelResults &results,
              int64_t threads, const TensorRunOptions &options);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_OBSERVENATIVE_H
