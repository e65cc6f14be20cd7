//===- GenerateCode.h - Machine code, as a pass -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PASSES_GENERATECODE_GENERATECODE_H
#define SINTER_CODEGEN_CPU_PASSES_GENERATECODE_GENERATECODE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "codegen/cpu/passes/GenerateCode/GenerateCode.h.inc"

/// The pass, with a place for the code. `code` outlives the pass's run.
std::unique_ptr<mlir::Pass>
createGenerateCodeInto(std::unique_ptr<llvm::MemoryBuffer> &code,
                       const GenerateCodeOptions &options);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PASSES_GENERATECODE_GENERATECODE_H
