//===- KernelInterfaces.h - What kernels ask of ops -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Which ops may share a kernel, how its work may be cut, and what it may
// overwrite, follow from what each op says of itself here.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_KERNELINTERFACES_H
#define SINTER_DIALECT_IR_KERNELINTERFACES_H

#include "mlir/IR/OpDefinition.h"

#include "dialect/IR/SinterEnums.h.inc"

namespace sinter {

/// How much of its operands element i of row t of a result is made of. What is
/// there before a step (weights, constants, ids and masks) does not count.
enum class Reach {
  Element,    ///< element i of row t
  Statistics, ///< that, and sums over row t that are taken before
  Row,        ///< row t
  Sequence,   ///< other rows too
};

/// With what an op shares a kernel.
enum class Joins {
  Rows,    ///< ops that work on the same rows
  Linears, ///< linears of one input, and what is made of their products
  Nothing,
};

/// What a kernel does with a value in memory.
struct Access {
  mlir::Value value; ///< a tensor or a cache
  bool writes = false;
  /// Work on row r of a kernel that is shared by rows touches row r alone, if
  /// the value has as many rows as the kernel's first result. Of a cache: the
  /// place of that row's token.
  bool ownRow = false;
};

/// Of a kernel.
constexpr llvm::StringLiteral kShare = "sinter.share";
Share shareOf(mlir::Operation *kernel);

} // namespace sinter

#include "dialect/IR/KernelInterfaces.h.inc"

namespace sinter {

/// Implements ComputeOpInterface.
template <Reach reach, Joins joins> struct Computes {
  template <typename ConcreteOp>
  class Impl : public ComputeOpInterface::Trait<ConcreteOp> {
  public:
    Reach getReach() { return reach; }
    Joins getJoins() { return joins; }
  };
};

template <typename ConcreteOp>
class BesideKernels
    : public mlir::OpTrait::TraitBase<ConcreteOp, BesideKernels> {};

} // namespace sinter

#endif // SINTER_DIALECT_IR_KERNELINTERFACES_H
