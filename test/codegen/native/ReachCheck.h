//===- ReachCheck.h - Whether ops reach as far as they say ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_NATIVE_REACHCHECK_H
#define SINTER_TEST_CODEGEN_NATIVE_REACHCHECK_H

#include "dialect/Interpreter/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace sinter {

/// Of a function with one op that computes: changes an element of each float
/// operand of tokens and has the interpreter say what follows. Nothing but the
/// same element may change for Reach::Element, nothing but the same token for
/// Reach::Statistics and Reach::Row. What was wrong, or nothing.
std::string checkReach(mlir::func::FuncOp function,
                       reference::Interpreter &interpreter,
                       llvm::ArrayRef<reference::Value> arguments);

} // namespace sinter

#endif // SINTER_TEST_CODEGEN_NATIVE_REACHCHECK_H
