//===- FuseLinears.h - Linears and their epilogues as kernels ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_FUSELINEARS_FUSELINEARS_H
#define SINTER_PASSES_FUSELINEARS_FUSELINEARS_H

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/FuseLinears/FuseLinears.h.inc"
} // namespace sinter

#endif // SINTER_PASSES_FUSELINEARS_FUSELINEARS_H
