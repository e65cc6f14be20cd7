//===- PlanMemory.h - Buffers for tensors -----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_PLANMEMORY_PLANMEMORY_H
#define SINTER_PASSES_PLANMEMORY_PLANMEMORY_H

#include "dialect/IR/Sinter.h"

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/PlanMemory/PlanMemory.h.inc"

/// Number of rows (tokens) of an activation.
Rows plannedRows(mlir::Value tensor);

/// Number of rows that a kernel works on: those of its first result, or of what
/// it appends to a cache.
Rows plannedRowsOfWork(mlir::Operation *kernel);

} // namespace sinter

#endif // SINTER_PASSES_PLANMEMORY_PLANMEMORY_H
