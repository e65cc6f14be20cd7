//===- Pipelines.h - From planned kernels to machine code -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The stages after those of passes/Pipelines.h, for CPUs.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PASSES_PIPELINES_H
#define SINTER_CODEGEN_CPU_PASSES_PIPELINES_H

#include "passes/Pipelines.h"

namespace sinter {

struct LowerOptions : mlir::PassPipelineOptions<LowerOptions> {
  Option<bool> observe{
      *this, "observe",
      llvm::cl::desc("After each kernel, show what it made to sinter_observe"),
      llvm::cl::init(false)};
};

/// `sinter-lower`: functions of loops that each thread runs.
void buildLowerStage(mlir::OpPassManager &manager,
                     const LowerOptions &options = {});

/// `sinter-to-llvm`: from the result of sinter-lower-to-loops to the llvm
/// dialect.
void buildToLlvmStage(mlir::OpPassManager &manager);

/// After the stages on tensors: memory plan, loops, the llvm dialect.
void buildCodeStages(mlir::OpPassManager &manager);

/// The passes up to loops, one by one.
std::vector<StagePass> cpuStagePasses(const StageOptions &options);

/// Registers the passes and stages of this folder by name.
void registerCpuPasses();

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PASSES_PIPELINES_H
