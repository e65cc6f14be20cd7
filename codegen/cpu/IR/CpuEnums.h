//===- CpuEnums.h - Words of the cpu dialect --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_IR_CPUENUMS_H
#define SINTER_CODEGEN_CPU_IR_CPUENUMS_H

#include "mlir/IR/DialectImplementation.h"

#include "codegen/cpu/IR/CpuEnums.h.inc"

#endif // SINTER_CODEGEN_CPU_IR_CPUENUMS_H
