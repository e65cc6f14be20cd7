//===- FormKernels.h - Every op in a kernel ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_FORMKERNELS_FORMKERNELS_H
#define SINTER_PASSES_FORMKERNELS_FORMKERNELS_H

#include "dialect/IR/Sinter.h"

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/FormKernels/FormKernels.h.inc"
} // namespace sinter

#endif // SINTER_PASSES_FORMKERNELS_FORMKERNELS_H
