//===- TargetInterface.h - What passes ask of a target ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_TARGETINTERFACE_H
#define SINTER_DIALECT_IR_TARGETINTERFACE_H

#include "dialect/IR/Sinter.h"

namespace sinter {

/// Memory of a kernel's own: so many bytes for each row of its first result,
/// and so many beyond.
struct Workspace {
  int64_t rowBytes = 0;
  int64_t extra = 0;

  explicit operator bool() const { return rowBytes || extra; }
};

} // namespace sinter

#include "dialect/IR/TargetInterface.h.inc"

namespace sinter {

/// Of a module.
constexpr llvm::StringLiteral kTarget = "sinter.target";

/// The target of the module around `op`, or null.
TargetInterface findTarget(mlir::Operation *op);

/// The same, with an error at the module that says what is missing.
TargetInterface requireTarget(mlir::Operation *op);

/// What a kernel needs: nothing if it is a fused op, else what the target says.
mlir::FailureOr<Workspace> workspaceOf(mlir::Operation *kernel);

} // namespace sinter

#endif // SINTER_DIALECT_IR_TARGETINTERFACE_H
