//===- Mutate.h - Damages a plan at random ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_PLANS_MUTATE_H
#define SINTER_TEST_CODEGEN_PLANS_MUTATE_H

#include "mlir/IR/BuiltinOps.h"

#include <random>
#include <string>

namespace sinter::replay {

/// Changes one thing: a barrier, a buffer, how a kernel is shared, the order of
/// two kernels. What was done, or empty where the choice was of nothing.
std::string mutate(mlir::ModuleOp module, std::mt19937 &random);

} // namespace sinter::replay

#endif // SINTER_TEST_CODEGEN_PLANS_MUTATE_H
