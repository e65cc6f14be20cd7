//===- LowerDots.h - Dot products as instructions ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PASSES_LOWERDOTS_LOWERDOTS_H
#define SINTER_CODEGEN_CPU_PASSES_LOWERDOTS_LOWERDOTS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "codegen/cpu/passes/LowerDots/LowerDots.h.inc"
} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PASSES_LOWERDOTS_LOWERDOTS_H
