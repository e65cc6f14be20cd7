//===- TokenTensors.h - What tensors of tokens look like --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A trait of all ops of the dialect: batch and tokens come first and may be
// dynamic, nothing else may. Generated code knows the features of a token.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_TOKENTENSORS_H
#define SINTER_DIALECT_IR_TOKENTENSORS_H

#include "mlir/IR/OpDefinition.h"

namespace sinter {

/// No tensor has more numbers, as far as its dimensions are known: sizes in
/// bytes and bits can be computed of so many.
constexpr int64_t kMostNumbers = int64_t(1) << 40;
/// Layers of a param; slots, heads and features of a head of a cache.
constexpr int64_t kMostLayers = 1 << 16;

/// Whether the dimensions that are known make at most kMostNumbers.
bool isOfPossibleSize(llvm::ArrayRef<int64_t> shape);

/// Fails where a tensor has a dynamic dimension after the second or one of 0,
/// or more than kMostNumbers, and where a result computed of others has no two
/// dimensions at all.
mlir::LogicalResult verifyTokenTensors(mlir::Operation *op);

template <typename ConcreteType>
class TokenTensors
    : public mlir::OpTrait::TraitBase<ConcreteType, TokenTensors> {
public:
  static mlir::LogicalResult verifyTrait(mlir::Operation *op) {
    return verifyTokenTensors(op);
  }
};

} // namespace sinter

#endif // SINTER_DIALECT_IR_TOKENTENSORS_H
