//===- Pipelines.cpp - From planned kernels to machine code ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/Pipelines.h"

#include "codegen/cpu/passes/AttachTarget/AttachTarget.h"
#include "codegen/cpu/passes/CheckBarriers/CheckBarriers.h"
#include "codegen/cpu/passes/GenerateCode/GenerateCode.h"
#include "codegen/cpu/passes/LowerDots/LowerDots.h"
#include "codegen/cpu/passes/LowerToLoops/LowerToLoops.h"
#include "codegen/cpu/passes/PlaceBarriers/PlaceBarriers.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace sinter {

void buildLowerStage(OpPassManager &manager, const LowerOptions &options) {
  manager.addNestedPass<func::FuncOp>(createPlaceBarriers());
  manager.addPass(createLowerToLoops({.observe = options.observe}));
}

void buildToLlvmStage(OpPassManager &manager) {
  manager.addPass(createLowerDots());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createLoopInvariantCodeMotionPass());
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(createConvertVectorToLLVMPass());
  manager.addPass(createConvertMathToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertFuncToLLVMPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  manager.addPass(createUBToLLVMConversionPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
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
  registerLowerDots();
  registerGenerateCode();
  PassPipelineRegistration<LowerOptions>(
      "sinter-lower", "Functions of loops that each thread runs",
      buildLowerStage);
  PassPipelineRegistration<>("sinter-to-llvm", "Loops to the llvm dialect",
                             buildToLlvmStage);
}

} // namespace sinter
