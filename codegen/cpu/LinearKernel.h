//===- LinearKernel.h - Loops around products with weights ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A linear kernel multiplies activations with several matrices and finishes
// each vector of sums with what follows element-wise. Threads share the panels
// of all matrices.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_LINEARKERNEL_H
#define SINTER_CODEGEN_CPU_LINEARKERNEL_H

#include "codegen/cpu/KernelInterface.h"
#include "codegen/cpu/LinearDot.h"

namespace sinter {

/// Matrices of the same number of rows whose products meet in element-wise
/// ops: their panels are read side by side.
struct LinearGroup {
  llvm::SmallVector<WeightMatrix, 2> matrices;

  int64_t rows() const { return matrices[0].rows; }
};

struct LinearPlan {
  LinearInput input;
  mlir::Value tokens; ///< N as i64
  llvm::SmallVector<LinearGroup, 3> groups;
  /// Finishes the products of a group's matrices at a place: f32 vectors of
  /// place.lanes lanes.
  std::function<void(size_t group, llvm::ArrayRef<mlir::Value> products,
                     const Place &place)>
      finish;
  /// Asks for the lines that finish will write, which are rarely in a core's
  /// own caches: rows of many tokens lie far apart. May be empty.
  std::function<void(size_t group, const Place &place)> prefetch;
};

/// Emits this thread's part of the kernel. Panels of packed matrices go to
/// threads in the order of the groups; row-major matrices are cut by rows.
void emitLinears(Emitter &e, const LinearPlan &plan);

/// The same for matrices in any layout, one product at a time: what packed
/// kernels are compared with.
void emitPlainLinears(Emitter &e, const LinearPlan &plan);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_LINEARKERNEL_H
