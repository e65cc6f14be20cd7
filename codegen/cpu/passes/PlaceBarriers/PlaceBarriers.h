//===- PlaceBarriers.h - Order between kernels ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PASSES_PLACEBARRIERS_PLACEBARRIERS_H
#define SINTER_CODEGEN_CPU_PASSES_PLACEBARRIERS_PLACEBARRIERS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "codegen/cpu/passes/PlaceBarriers/PlaceBarriers.h.inc"
} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PASSES_PLACEBARRIERS_PLACEBARRIERS_H
