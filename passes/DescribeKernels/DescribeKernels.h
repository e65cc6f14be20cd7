//===- DescribeKernels.h - What each kernel has to do -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_DESCRIBEKERNELS_DESCRIBEKERNELS_H
#define SINTER_PASSES_DESCRIBEKERNELS_DESCRIBEKERNELS_H

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/DescribeKernels/DescribeKernels.h.inc"
} // namespace sinter

#endif // SINTER_PASSES_DESCRIBEKERNELS_DESCRIBEKERNELS_H
