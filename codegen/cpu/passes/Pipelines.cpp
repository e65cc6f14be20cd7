//===- Pipelines.cpp - From planned kernels to machine code ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/Pipelines.h"

#include "codegen/cpu/Object.h"
#include "codegen/cpu/passes/AttachTarget/AttachTarget.h"
#include "codegen/cpu/passes/CheckBarriers/CheckBarriers.h"
#include "codegen/cpu/passes/GenerateCode/GenerateCode.h"
#include "codegen/cpu/passes/LowerToLoops/LowerToLoops.h"
#include "codegen/cpu/passes/PlaceBarriers/PlaceBarriers.h"

using namespace mlir;

namespace sinter {

void buildLowerStage(OpPassManager &manager, const LowerOptions &options) {
  manager.addNestedPass<func::FuncOp>(createPlaceBarriers());
  manager.addPass(createLowerToLoops({.observe = options.observe}));
}

void buildCodeStages(OpPassManager &manager) {
  buildPlanStage(manager);
  buildLowerStage(manager);
  buildToLlvmStage(manager);
}

std::vector<StagePass> cpuStagePasses(const StageOptions &options) {
  std::vector<StagePass> passes = stagePasses(options);
  addStage(passes, "sinter-lower",
           [](OpPassManager &manager) { buildLowerStage(manager); });
  return passes;
}

void registerCpuPasses() {
  registerAttachTarget();
  registerPlaceBarriers();
  registerCheckBarriers();
  registerLowerToLoops();
  registerGenerateCode();
  PassPipelineRegistration<LowerOptions>(
      "sinter-lower", "Functions of loops that each thread runs",
      buildLowerStage);
  PassPipelineRegistration<>("sinter-to-llvm", "Loops to the llvm dialect",
                             buildToLlvmStage);
}

} // namespace sinter
