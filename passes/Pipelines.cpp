//===- Pipelines.cpp - The named stages of compilation --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines.h"

#include "passes/FuseLinears/FuseLinears.h"
#include "passes/FuseRows/FuseRows.h"
#include "passes/LowerToLoops/LowerToLoops.h"
#include "passes/PackWeights/PackWeights.h"
#include "passes/PlanMemory/PlanMemory.h"
#include "passes/QuantizeActivations/QuantizeActivations.h"
#include "passes/SpecializeDecode/SpecializeDecode.h"

#include "codegen/cpu/Object.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace sinter {

void buildCanonicalizeStage(OpPassManager &manager) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void buildSpecializeStage(OpPassManager &manager) {
  manager.addPass(createSpecializeDecode());
}

void buildQuantizeStage(OpPassManager &manager, const StageOptions &options) {
  if (options.floatActivations)
    return;
  manager.addNestedPass<func::FuncOp>(
      createQuantizeActivations({.bf16 = options.bf16Activations}));
}

void buildPackStage(OpPassManager &manager, const StageOptions &options) {
  manager.addPass(createPackWeights({.panelRows = options.panelRows,
                                     .tokenTile = options.tokenTile,
                                     .biasedQ8 = options.biasedQ8}));
}

void buildFuseStage(OpPassManager &manager) {
  manager.addNestedPass<func::FuncOp>(createFuseLinears());
  manager.addNestedPass<func::FuncOp>(createFuseRows());
}

void buildTensorStages(OpPassManager &manager, const StageOptions &options) {
  buildCanonicalizeStage(manager);
  buildSpecializeStage(manager);
  buildQuantizeStage(manager, options);
  buildPackStage(manager, options);
  buildFuseStage(manager);
}

void buildCodeStages(OpPassManager &manager, StringRef features) {
  manager.addPass(createPlanMemory());
  manager.addPass(createLowerToLoops({.features = features.str()}));
  buildToLlvmStage(manager);
}

void registerTensorPasses() {
  registerPlanMemory();
  registerLowerToLoops();
  PassPipelineRegistration<>("sinter-to-llvm", "Loops to the llvm dialect",
                             buildToLlvmStage);
  registerSpecializeDecode();
  registerQuantizeActivations();
  registerPackWeights();
  registerFuseLinears();
  registerFuseRows();
  PassPipelineRegistration<>("sinter-canonicalize",
                             "Canonical, without duplicates",
                             buildCanonicalizeStage);
  PassPipelineRegistration<>("sinter-specialize", "Prefill and decode apart",
                             buildSpecializeStage);
  PassPipelineRegistration<StageOptions>("sinter-quantize",
                                         "Activations of low-precision weights",
                                         buildQuantizeStage);
  PassPipelineRegistration<StageOptions>(
      "sinter-pack", "Layouts and offsets of weights and activations",
      buildPackStage);
  PassPipelineRegistration<>("sinter-fuse", "Group ops into kernels",
                             buildFuseStage);
  PassPipelineRegistration<StageOptions>(
      "sinter-tensor-stages", "All stages on tensors", buildTensorStages);
}

} // namespace sinter
