//===- Pipelines.cpp - The named stages of compilation --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines.h"

#include "passes/CheckPlan/CheckPlan.h"
#include "passes/DescribeKernels/DescribeKernels.h"
#include "passes/FormKernels/FormKernels.h"
#include "passes/FuseLinears/FuseLinears.h"
#include "passes/FuseRows/FuseRows.h"
#include "passes/HoistLast/HoistLast.h"
#include "passes/NarrowCaches/NarrowCaches.h"
#include "passes/PackWeights/PackWeights.h"
#include "passes/PlanMemory/PlanMemory.h"
#include "passes/QuantizeActivations/QuantizeActivations.h"
#include "passes/SpecializeDecode/SpecializeDecode.h"

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
  manager.addPass(createHoistLast());
}

void buildQuantizeStage(OpPassManager &manager, const StageOptions &options) {
  if (options.floatActivations)
    return;
  manager.addNestedPass<func::FuncOp>(
      createQuantizeActivations({.a16 = options.int16Activations,
                                 .crest = options.crest,
                                 .bf16 = options.bf16Activations}));
  if (options.narrowCaches)
    manager.addPass(createNarrowCaches());
}

void buildPackStage(OpPassManager &manager) {
  manager.addPass(createPackWeights());
}

void buildFuseStage(OpPassManager &manager) {
  manager.addNestedPass<func::FuncOp>(createFuseLinears());
  manager.addNestedPass<func::FuncOp>(createFuseRows());
}

void buildTensorStages(OpPassManager &manager, const StageOptions &options) {
  buildCanonicalizeStage(manager);
  buildSpecializeStage(manager);
  buildQuantizeStage(manager, options);
  buildPackStage(manager);
  buildFuseStage(manager);
}

void buildPlanStage(OpPassManager &manager) {
  manager.addNestedPass<func::FuncOp>(createFormKernels());
  manager.addPass(createPlanMemory());
  manager.addPass(createDescribeKernels());
}

StringRef StagePass::name() const {
  StringRef text = pipeline;
  text = text.substr(text.rfind('(') + 1); // npos + 1 is 0
  return text.take_until([](char c) { return c == '{' || c == ')'; });
}

void addStage(std::vector<StagePass> &passes, StringRef stage,
              function_ref<void(OpPassManager &)> build) {
  OpPassManager manager(ModuleOp::getOperationName());
  build(manager);
  for (Pass &pass : manager) {
    StagePass &added = passes.emplace_back();
    added.stage = stage;
    llvm::raw_string_ostream text(added.pipeline);
    pass.printAsTextualPipeline(text);
  }
}

std::vector<StagePass> stagePasses(const StageOptions &options) {
  std::vector<StagePass> passes;
  addStage(passes, "sinter-canonicalize", buildCanonicalizeStage);
  addStage(passes, "sinter-specialize", buildSpecializeStage);
  addStage(passes, "sinter-quantize",
           [&](OpPassManager &to) { buildQuantizeStage(to, options); });
  addStage(passes, "sinter-pack", buildPackStage);
  addStage(passes, "sinter-fuse", buildFuseStage);
  addStage(passes, "sinter-plan", buildPlanStage);
  return passes;
}

void registerTensorPasses() {
  registerSpecializeDecode();
  registerHoistLast();
  registerQuantizeActivations();
  registerNarrowCaches();
  registerPackWeights();
  registerFuseLinears();
  registerFuseRows();
  registerFormKernels();
  registerPlanMemory();
  registerCheckPlan();
  registerDescribeKernels();
  PassPipelineRegistration<>("sinter-canonicalize",
                             "Canonical, without duplicates",
                             buildCanonicalizeStage);
  PassPipelineRegistration<>("sinter-specialize", "Prefill and decode apart",
                             buildSpecializeStage);
  PassPipelineRegistration<StageOptions>("sinter-quantize",
                                         "Rounding of activations and caches",
                                         buildQuantizeStage);
  PassPipelineRegistration<>("sinter-pack",
                             "Layouts and offsets of weights and activations",
                             buildPackStage);
  PassPipelineRegistration<>("sinter-fuse", "Group ops into kernels",
                             buildFuseStage);
  PassPipelineRegistration<>("sinter-plan", "Buffers for results of kernels",
                             buildPlanStage);
  PassPipelineRegistration<StageOptions>(
      "sinter-tensor-stages", "All stages on tensors", buildTensorStages);
}

} // namespace sinter
