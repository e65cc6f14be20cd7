//===- Pipelines.h - The named stages of compilation ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Each stage is a list of passes, used by the driver and registered for
// sinter-opt under the name given. docs/architecture.md tells what the IR
// looks like after each.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_PIPELINES_H
#define SINTER_PASSES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

#include <string>
#include <vector>

namespace sinter {

/// The user's wishes. What depends on the machine, the module's target says.
struct StageOptions : mlir::PassPipelineOptions<StageOptions> {
  Option<bool> floatActivations{*this, "float-activations",
                                llvm::cl::desc("Never quantize activations"),
                                llvm::cl::init(false)};
  Option<bool> int16Activations{
      *this, "int16-activations",
      llvm::cl::desc("Give blocks of activations 16 bits by their crest"),
      llvm::cl::init(true)};
  Option<double> crest{
      *this, "crest",
      llvm::cl::desc("Largest value of a block of activations over its root "
                     "mean square from which it has 16 bits"),
      llvm::cl::init(4.5)};
  Option<bool> bf16Activations{
      *this, "bf16-activations",
      llvm::cl::desc("Round activations to bf16 for bf16 weights, where the "
                     "target multiplies these"),
      llvm::cl::init(true)};
  Option<bool> narrowCaches{
      *this, "narrow-caches",
      llvm::cl::desc("Keep keys and values as f16 beside rounded activations, "
                     "where the target converts these"),
      llvm::cl::init(true)};
};

/// `sinter-canonicalize`: canonical, without duplicates.
void buildCanonicalizeStage(mlir::OpPassManager &manager);
/// `sinter-specialize`: prefill and decode apart.
void buildSpecializeStage(mlir::OpPassManager &manager);
/// `sinter-quantize`: activations of low-precision weights, and their caches.
void buildQuantizeStage(mlir::OpPassManager &manager,
                        const StageOptions &options);
/// `sinter-pack`: layouts and offsets of weights, layouts of activations.
void buildPackStage(mlir::OpPassManager &manager);
/// `sinter-fuse`: kernels.
void buildFuseStage(mlir::OpPassManager &manager);

/// All of the stages on tensors, in order.
void buildTensorStages(mlir::OpPassManager &manager,
                       const StageOptions &options);

/// `sinter-plan`: buffers for the results of kernels.
void buildPlanStage(mlir::OpPassManager &manager);

/// One pass of a stage, as text that mlir::parsePassPipeline reads.
struct StagePass {
  llvm::StringRef stage; ///< "sinter-fuse"
  std::string pipeline;  ///< "func.func(sinter-fuse-rows)"

  /// The pass without options and nesting: "sinter-fuse-rows".
  llvm::StringRef name() const;
};

/// Adds the passes of a stage, one by one.
void addStage(std::vector<StagePass> &passes, llvm::StringRef stage,
              llvm::function_ref<void(mlir::OpPassManager &)> build);

/// The passes up to the memory plan: what the stages above do in this order.
std::vector<StagePass> stagePasses(const StageOptions &options);

/// Registers the passes and stages by name.
void registerTensorPasses();

} // namespace sinter

#endif // SINTER_PASSES_PIPELINES_H
