//===- Sinter.h - The sinter dialect ----------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The generated classes of the dialect, its types, attributes and ops.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_SINTER_H
#define SINTER_DIALECT_IR_SINTER_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialect/IR/KernelInterfaces.h"
#include "dialect/IR/Plan.h"
#include "dialect/IR/TokenTensors.h"

#include "dialect/IR/SinterDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialect/IR/SinterTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/IR/SinterAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialect/IR/SinterOps.h.inc"

namespace sinter {

/// The buffers of a function that has a plan; none without.
llvm::ArrayRef<Buffer> arenaOf(mlir::func::FuncOp function);
/// The buffer of a kernel's result, or kNoBuffer.
int64_t placeOf(mlir::OpResult result);
/// That of what passes between a kernel's phases, or kNoBuffer.
int64_t workspacePlaceOf(mlir::Operation *kernel);

} // namespace sinter

#endif // SINTER_DIALECT_IR_SINTER_H
