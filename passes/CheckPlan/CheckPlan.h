//===- CheckPlan.h - Proof that a memory plan is sound ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_CHECKPLAN_CHECKPLAN_H
#define SINTER_PASSES_CHECKPLAN_CHECKPLAN_H

#include "dialect/IR/Sinter.h"

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/CheckPlan/CheckPlan.h.inc"

/// Fails, with a diagnostic, unless all functions have a plan and it is sound.
llvm::LogicalResult checkPlan(mlir::ModuleOp module);

} // namespace sinter

#endif // SINTER_PASSES_CHECKPLAN_CHECKPLAN_H
