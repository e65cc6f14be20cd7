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

struct Target;

/// What the stages need to know of the target and of the user's wishes.
struct StageOptions : mlir::PassPipelineOptions<StageOptions> {
  /// Sets all that depends on the target.
  void setTarget(const Target &target);

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
      llvm::cl::desc("Round activations to bf16 for bf16 weights"),
      llvm::cl::init(false)};
  Option<bool> narrowCaches{
      *this, "narrow-caches",
      llvm::cl::desc("Keep keys and values as f16 beside rounded activations"),
      llvm::cl::init(false)};
  Option<int64_t> panelRows{*this, "panel-rows",
                            llvm::cl::desc("Rows of a panel of weights"),
                            llvm::cl::init(16)};
  Option<int64_t> tokenTile{*this, "token-tile",
                            llvm::cl::desc("Tokens of a tile of activations"),
                            llvm::cl::init(8)};
  Option<bool> matrixInt8{
      *this, "matrix-int8",
      llvm::cl::desc("Tile a8 activations for a matrix unit"),
      llvm::cl::init(false)};
  Option<bool> matrixBf16{
      *this, "matrix-bf16",
      llvm::cl::desc("Tile bf16 activations for a matrix unit"),
      llvm::cl::init(false)};
  Option<bool> biasedQ8{*this, "biased-q8",
                        llvm::cl::desc("Store q8_0 quants as u8, plus 128"),
                        llvm::cl::init(false)};
};

/// `sinter-canonicalize`: canonical, without duplicates.
void buildCanonicalizeStage(mlir::OpPassManager &manager);
/// `sinter-specialize`: prefill and decode apart.
void buildSpecializeStage(mlir::OpPassManager &manager);
/// `sinter-quantize`: activations of low-precision weights, and their caches.
void buildQuantizeStage(mlir::OpPassManager &manager,
                        const StageOptions &options);
/// `sinter-pack`: layouts and offsets of weights, layouts of activations.
void buildPackStage(mlir::OpPassManager &manager, const StageOptions &options);
/// `sinter-fuse`: kernels.
void buildFuseStage(mlir::OpPassManager &manager);

/// All of the stages on tensors, in order.
void buildTensorStages(mlir::OpPassManager &manager,
                       const StageOptions &options);

/// What lowering needs to know.
struct LowerOptions : mlir::PassPipelineOptions<LowerOptions> {
  LowerOptions() = default;
  explicit LowerOptions(llvm::StringRef target) { features = target.str(); }
  Option<std::string> features{
      *this, "features",
      llvm::cl::desc("Target features, as --features of sinter"),
      llvm::cl::init("native")};
  Option<bool> observe{
      *this, "observe",
      llvm::cl::desc("After each kernel, show what it made to sinter_observe"),
      llvm::cl::init(false)};
};

/// `sinter-plan`: buffers for the results of kernels.
void buildPlanStage(mlir::OpPassManager &manager);
/// `sinter-lower`: functions of loops that each thread runs.
void buildLowerStage(mlir::OpPassManager &manager, const LowerOptions &options);

/// After the stages on tensors: memory plan, loops, the llvm dialect.
/// `features` as --features of sinter.
void buildCodeStages(mlir::OpPassManager &manager, llvm::StringRef features);

/// One pass of a stage, as text that mlir::parsePassPipeline reads.
struct StagePass {
  llvm::StringRef stage; ///< "sinter-fuse"
  std::string pipeline;  ///< "func.func(sinter-fuse-rows)"

  /// The pass without options and nesting: "sinter-fuse-rows".
  llvm::StringRef name() const;
};

/// The passes up to loops, one by one: what the stages above do in this order.
std::vector<StagePass> stagePasses(const StageOptions &options,
                                   llvm::StringRef features);

/// Registers the passes and stages by name.
void registerTensorPasses();

} // namespace sinter

#endif // SINTER_PASSES_PIPELINES_H
