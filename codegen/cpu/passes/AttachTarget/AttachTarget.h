//===- AttachTarget.h - A CPU as the module's target ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PASSES_ATTACHTARGET_ATTACHTARGET_H
#define SINTER_CODEGEN_CPU_PASSES_ATTACHTARGET_ATTACHTARGET_H

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "codegen/cpu/passes/AttachTarget/AttachTarget.h.inc"
} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PASSES_ATTACHTARGET_ATTACHTARGET_H
