//===- FuseRows.h - Chains of token-wise ops as kernels ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_FUSEROWS_FUSEROWS_H
#define SINTER_PASSES_FUSEROWS_FUSEROWS_H

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/FuseRows/FuseRows.h.inc"
} // namespace sinter

#endif // SINTER_PASSES_FUSEROWS_FUSEROWS_H
