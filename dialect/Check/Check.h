//===- Check.h - Expectations of tests ------------------------ -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_CHECK_CHECK_H
#define SINTER_DIALECT_CHECK_CHECK_H

#include "dialect/Interpreter/Value.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/Support/Error.h"

#include "dialect/Check/CheckDialect.h.inc"

#define GET_OP_CLASSES
#include "dialect/Check/CheckOps.h.inc"

namespace sinter::check {

/// Runs a check op on the value of its operand; an interpreter's OpExtension.
llvm::Error run(mlir::Operation *op,
                llvm::ArrayRef<sinter::reference::Value> operands);

} // namespace sinter::check

#endif // SINTER_DIALECT_CHECK_CHECK_H
