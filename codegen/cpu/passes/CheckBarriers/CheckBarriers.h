//===- CheckBarriers.h - Proof that no threads meet -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PASSES_CHECKBARRIERS_CHECKBARRIERS_H
#define SINTER_CODEGEN_CPU_PASSES_CHECKBARRIERS_CHECKBARRIERS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "codegen/cpu/passes/CheckBarriers/CheckBarriers.h.inc"

/// Fails, with a diagnostic, where two threads may meet. The module has a plan
/// that is sound.
llvm::LogicalResult checkBarriers(mlir::ModuleOp module);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PASSES_CHECKBARRIERS_CHECKBARRIERS_H
