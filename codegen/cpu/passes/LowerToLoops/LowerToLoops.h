//===- LowerToLoops.h - Kernels as loops ------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PASSES_LOWERTOLOOPS_LOWERTOLOOPS_H
#define SINTER_CODEGEN_CPU_PASSES_LOWERTOLOOPS_LOWERTOLOOPS_H

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "codegen/cpu/passes/LowerToLoops/LowerToLoops.h.inc"
} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PASSES_LOWERTOLOOPS_LOWERTOLOOPS_H
