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

/// Fails where a tensor has a dynamic dimension after the second or one of 0,
/// and where a result computed of others has no two dimensions at all.
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
