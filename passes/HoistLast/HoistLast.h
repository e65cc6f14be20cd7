//===- HoistLast.h - The last layer for the last tokens ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_HOISTLAST_HOISTLAST_H
#define SINTER_PASSES_HOISTLAST_HOISTLAST_H

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/HoistLast/HoistLast.h.inc"
} // namespace sinter

#endif // SINTER_PASSES_HOISTLAST_HOISTLAST_H
