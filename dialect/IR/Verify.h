//===- Verify.h - What verifiers share ------------------------ -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Dimensions compare as equal where one is dynamic; messages name what was
// required, where that comes from, and what was found.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_VERIFY_H
#define SINTER_DIALECT_IR_VERIFY_H

#include "dialect/IR/Sinter.h"

namespace sinter {

/// A shape in messages, with a name for each dimension that is only named.
std::string describeShape(llvm::ArrayRef<int64_t> shape);

/// Whether two dimensions may be equal.
bool mayEqual(int64_t a, int64_t b);

/// Whether two shapes have one rank and dimensions that may be equal.
bool mayEqual(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);

/// Checks that `type` is `shape` (dynamic dimensions fit any). `meaning` says
/// what the shape is: "weight must have shape 64x32 (experts, features), ...".
llvm::LogicalResult verifyShape(mlir::Operation *op, llvm::StringRef name,
                                mlir::Type type, llvm::ArrayRef<int64_t> shape,
                                llvm::StringRef meaning);

/// Checks that the vector `type` has `length`, which is `source`.
llvm::LogicalResult verifyLength(mlir::Operation *op, llvm::StringRef name,
                                 mlir::Type type, int64_t length,
                                 llvm::StringRef source);

/// Checks that `shape` is (batch, tokens, features...).
llvm::LogicalResult verifyFeatures(mlir::Operation *op, llvm::StringRef name,
                                   llvm::ArrayRef<int64_t> shape);

/// Checks that `ids` are (batch, tokens).
llvm::LogicalResult verifyIds(mlir::Operation *op, llvm::StringRef name,
                              mlir::Value ids);

/// Checks that `value`, a cache that `op` overwrites, has no use after `op`.
llvm::LogicalResult verifyLastUse(mlir::Operation *op, mlir::Value value,
                                  llvm::StringRef name);

/// Whether a query sees at most the last `tokens` tokens up to its own, with
/// this window (0: none) and the op's chunk and memory.
bool seesAtMost(AttentionOp op, int64_t window, int64_t tokens);

/// The shape of a tensor type.
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

} // namespace sinter

#endif // SINTER_DIALECT_IR_VERIFY_H
