//===- ExplainKernels.h - What kernels have to do ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_EXPLAINKERNELS_H
#define SINTER_TOOLS_SINTER_EXPLAINKERNELS_H

#include "runtime/profile/Report.h"
#include "tools/sinter/Driver.h"

#include "mlir/IR/BuiltinOps.h"

namespace sinter {

/// The machine of --machine: probed, read, or unknown.
llvm::Expected<Machine> machineOf(const Invocation &invocation);

/// The work of a prompt of `tokens` tokens and of one token after it, in a
/// module whose kernels are described. `kernels` keeps what the report names.
Report reportOf(mlir::ModuleOp module, int64_t tokens,
                std::vector<Kernel> &kernels);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_EXPLAINKERNELS_H
