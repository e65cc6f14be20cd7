//===- Machine.h - From LLVM's IR to machine code ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// How kernels are compiled: which of LLVM's passes may touch them, and for
// which features. Tests of single kernels compile them in the same way.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_MACHINE_H
#define SINTER_CODEGEN_CPU_MACHINE_H

#include "codegen/cpu/Target.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace sinter {

enum class CodeFile { Object, Assembly, LlvmIr };

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(const Target &target);

/// Gives all functions of the module the target's features, then runs the few
/// passes that leave register tiles as they are.
llvm::Error optimizeKernels(llvm::Module &module, const Target &target,
                            llvm::TargetMachine &machine);

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
writeCode(llvm::Module &module, llvm::TargetMachine &machine, CodeFile kind);

/// Compiles into this process, which must have the target's features.
llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>>
createJit(const Target &target,
          llvm::CodeGenOptLevel level = llvm::CodeGenOptLevel::Default);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_MACHINE_H
