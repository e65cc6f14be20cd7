//===- Pipelines.cpp - The named stages of compilation --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines.h"

#include "passes/CheckPlan/CheckPlan.h"
#include "passes/DescribeKernels/DescribeKernels.h"
#include "passes/FuseLinears/FuseLinears.h"
#include "passes/FuseRows/FuseRows.h"
#include "passes/GenerateCode/GenerateCode.h"
#include "passes/HoistLast/HoistLast.h"
#include "passes/LowerToLoops/LowerToLoops.h"
#include "passes/NarrowCaches/NarrowCaches.h"
#include "passes/PackWeights/PackWeights.h"
#include "passes/PlanMemory/PlanMemory.h"
#include "passes/QuantizeActivations/QuantizeActivations.h"
#include "passes/SpecializeDecode/SpecializeDecode.h"

#include "codegen/cpu/Object.h"
#include "codegen/cpu/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace sinter {

void StageOptions::setTarget(const Target &target) {
  panelRows = target.panelRows();
  tokenTile = target.tileTokens;
  biasedQ8 = target.biasedQ8();
  bf16Activations = target.bf16Dot == Bf16Dot::Dpbf16;
  narrowCaches = target.f16c;
  matrixInt8 = target.matrixInt8;
  matrixBf16 = target.matrixBf16;
}

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

void buildPackStage(OpPassManager &manager, const StageOptions &options) {
  manager.addPass(createPackWeights({.panelRows = options.panelRows,
                                     .tokenTile = options.tokenTile,
                                     .matrixInt8 = options.matrixInt8,
                                     .matrixBf16 = options.matrixBf16,
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

void buildPlanStage(OpPassManager &manager) {
  manager.addPass(createPlanMemory());
  manager.addPass(createDescribeKernels());
}

void buildLowerStage(OpPassManager &manager, const LowerOptions &options) {
  manager.addPass(createLowerToLoops(
      {.features = options.features, .observe = options.observe}));
}

void buildCodeStages(OpPassManager &manager, StringRef features) {
  buildPlanStage(manager);
  buildLowerStage(manager, LowerOptions(features));
  buildToLlvmStage(manager);
}

StringRef StagePass::name() const {
  StringRef text = pipeline;
  text = text.substr(text.rfind('(') + 1); // npos + 1 is 0
  return text.take_until([](char c) { return c == '{' || c == ')'; });
}

std::vector<StagePass> stagePasses(const StageOptions &options,
                                   StringRef features) {
  std::vector<StagePass> passes;
  auto add = [&](StringRef stage, function_ref<void(OpPassManager &)> build) {
    OpPassManager manager(ModuleOp::getOperationName());
    build(manager);
    for (Pass &pass : manager) {
      StagePass &added = passes.emplace_back();
      added.stage = stage;
      llvm::raw_string_ostream text(added.pipeline);
      pass.printAsTextualPipeline(text);
    }
  };
  add("sinter-canonicalize", buildCanonicalizeStage);
  add("sinter-specialize", buildSpecializeStage);
  add("sinter-quantize",
      [&](OpPassManager &to) { buildQuantizeStage(to, options); });
  add("sinter-pack", [&](OpPassManager &to) { buildPackStage(to, options); });
  add("sinter-fuse", buildFuseStage);
  add("sinter-plan", buildPlanStage);
  add("sinter-lower",
      [&](OpPassManager &to) { buildLowerStage(to, LowerOptions(features)); });
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
  registerPlanMemory();
  registerCheckPlan();
  registerDescribeKernels();
  registerLowerToLoops();
  registerGenerateCode();
  PassPipelineRegistration<>("sinter-canonicalize",
                             "Canonical, without duplicates",
                             buildCanonicalizeStage);
  PassPipelineRegistration<>("sinter-specialize", "Prefill and decode apart",
                             buildSpecializeStage);
  PassPipelineRegistration<StageOptions>("sinter-quantize",
                                         "Rounding of activations and caches",
                                         buildQuantizeStage);
  PassPipelineRegistration<StageOptions>(
      "sinter-pack", "Layouts and offsets of weights and activations",
      buildPackStage);
  PassPipelineRegistration<>("sinter-fuse", "Group ops into kernels",
                             buildFuseStage);
  PassPipelineRegistration<>("sinter-plan", "Buffers for results of kernels",
                             buildPlanStage);
  PassPipelineRegistration<LowerOptions>(
      "sinter-lower", "Functions of loops that each thread runs",
      buildLowerStage);
  PassPipelineRegistration<>("sinter-to-llvm", "Loops to the llvm dialect",
                             buildToLlvmStage);
  PassPipelineRegistration<StageOptions>(
      "sinter-tensor-stages", "All stages on tensors", buildTensorStages);
}

} // namespace sinter
