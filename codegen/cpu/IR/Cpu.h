//===- Cpu.h - The cpu dialect ----------------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_IR_CPU_H
#define SINTER_CODEGEN_CPU_IR_CPU_H

#include "codegen/cpu/Target.h"
#include "dialect/IR/TargetInterface.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "codegen/cpu/IR/CpuDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "codegen/cpu/IR/CpuAttrs.h.inc"

#define GET_OP_CLASSES
#include "codegen/cpu/IR/CpuOps.h.inc"

namespace sinter {

/// Makes `module` one for this target.
void attachTarget(mlir::ModuleOp module, const Target &target);

/// What the module's target offers. Fails, with an error, where it has none or
/// one that is no CPU.
mlir::FailureOr<Target> requireCpuTarget(mlir::ModuleOp module);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_IR_CPU_H
