//===- Fusion.h - What may share a kernel -----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What fusion and planning ask of ops (KernelInterfaces.h), and the one way in
// which ops are moved together.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_FUSION_H
#define SINTER_DIALECT_IR_FUSION_H

#include "dialect/IR/Sinter.h"

namespace sinter {

/// One result element depends on the operands' elements of the same index
/// (or, of a vector operand, of the same feature).
bool isElementwise(mlir::Operation *op);

/// A sinter.quantize that rounds each element by itself, and lays them out.
bool roundsToFloats(mlir::Operation *op);

/// Token n of the results depends on token n of the operands only: element-wise
/// ops, norms, rope, quantize, embed, append and the like.
bool isTokenwise(mlir::Operation *op);

/// Computes, and stands in a sinter.fused once kernels are formed.
bool mayBeInKernel(mlir::Operation *op);

/// Names what kernels read and is none: weights, reshapes, constants.
bool isBesideKernels(mlir::Operation *op);

/// Whether a tensor (batch, tokens, ...) has one row: both are 1.
bool isOneRow(mlir::RankedTensorType tensor);

/// Moves `ops`, given in the order of their block, into a new sinter.fused in
/// front of `place`; the weights that they read move with them, as clones.
FusedOp moveIntoFused(llvm::ArrayRef<mlir::Operation *> ops,
                      mlir::Operation *place);

/// Whether sinter.copy can copy a value of this type.
bool isCopyable(mlir::Type type);

/// Makes each result of a kernel a value of its own that the kernel computes:
/// folds yield what is from above, cse yields one value twice. Fails where a
/// value cannot be copied.
llvm::LogicalResult separateResults(FusedOp kernel);

} // namespace sinter

#endif // SINTER_DIALECT_IR_FUSION_H
