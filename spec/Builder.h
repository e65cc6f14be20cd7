//===- Builder.h - From an evaluated model to IR ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Makes the module that docs/architecture.md describes. Plans have been
// checked: nothing here can fail because of what a user wrote.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_BUILDER_H
#define SINTER_SPEC_BUILDER_H

#include "spec/Plan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>
#include <utility>
#include <vector>

namespace sinter {

/// What forms and entries are built with: typed shorthands over an OpBuilder.
class OpEmitter {
public:
  OpEmitter(mlir::OpBuilder builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  mlir::OpBuilder builder;
  mlir::Location loc;

  /// From here on, ops come from this part of the spec.
  void at(llvm::StringRef part, SpecLoc place);

  /// tensor<?x?x(features...)xf32>
  mlir::RankedTensorType activation(llvm::ArrayRef<int64_t> features);
  mlir::RankedTensorType weightType(const WeightUse &use);
  mlir::Value index(int64_t value);
  mlir::Value constant(llvm::ArrayRef<float> values);
  mlir::Value constant(llvm::ArrayRef<int32_t> values);
  /// first, first + 1, ...: tensor<1 x count x i32>
  mlir::Value rowNumbers(int64_t first, int64_t count);
  /// tensor<?xi32>, one for each sequence; tensor<?x?xi32>, for each token.
  mlir::RankedTensorType idsOfSequences();
  mlir::RankedTensorType idsOfTokens();
  mlir::FloatAttr f32(double value) { return builder.getF32FloatAttr(value); }

  mlir::Value weight(const WeightUse &use, mlir::Value layer);
  /// The weight of that name, or null.
  mlir::Value weight(const Uses &uses, llvm::StringRef name, mlir::Value layer);
  mlir::Value linear(mlir::Value x, const Uses &uses, llvm::StringRef name,
                     mlir::Value layer);
  mlir::Value norm(mlir::Value x, const NormPlan &plan, const Uses &uses,
                   llvm::StringRef name, mlir::Value layer);
  mlir::Value tanhNorm(mlir::Value x, const NormPlan &plan, mlir::Value gain,
                       mlir::Value alpha);
  mlir::Value rmsNorm(mlir::Value x, const NormPlan &plan, mlir::Value gain);
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> features);
  mlir::Value scale(mlir::Value x, double factor);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
};

struct BuildOptions {
  mlir::Type cacheElement;
};

mlir::OwningOpRef<mlir::ModuleOp> buildModule(mlir::MLIRContext &context,
                                              const ModelPlan &plan,
                                              const WeightTable &table,
                                              const BuildOptions &options);

/// A value by the name that entries and forms know it under.
using NamedType = std::pair<std::string, mlir::Type>;

/// Caches of a tower, keys and values in turn: "keys", "values", "keys.1", ...
std::vector<NamedType> cacheInputs(const TowerPlan &tower,
                                   const BuildOptions &options);
/// The same for keys and values of the encoder.
std::vector<NamedType> crossInputs(const TowerPlan &tower,
                                   const BuildOptions &options);
/// Values that layers remember for other layers: "remembered.NAME".
std::vector<NamedType> rememberedInputs(const TowerPlan &tower,
                                        const BuildOptions &options);
/// What all layers of a tower read: "past" or "attention_mask", "encoder_past"
/// and others, and "angles.N" for each kind of rotation.
std::vector<NamedType> sharedInputs(const TowerPlan &tower,
                                    const BuildOptions &options);

/// The weighted sum of x's streams that a step reads, or that follows the last
/// layer.
mlir::Value readStreams(OpEmitter &e, const TowerPlan &tower,
                        const StreamWeightsPlan &plan, const Uses &uses,
                        mlir::Value streams, mlir::Value layer);
/// The streams after a step whose parts give `y`.
mlir::Value writeStreams(OpEmitter &e, const TowerPlan &tower,
                         const StepPlan &step, mlir::Value streams,
                         mlir::Value y, mlir::Value layer);

/// One vector (batch, 1, features) of each sequence's features x; mask says
/// which tokens are pooled, and how often each counts in a weighted mean.
mlir::Value buildEmbedding(OpEmitter &e, const EmbeddingPlan &plan, SpecLoc loc,
                           mlir::Value x, mlir::Value mask);

/// Builds the function of one form: (x, caches..., remembered..., layer,
/// shared...) -> (x, caches..., remembered...). Adds the layer tables that it
/// needs to the module.
void buildForm(mlir::ModuleOp module, const TowerPlan &tower, size_t form,
               const BuildOptions &options);

/// Builds the function "FORM.prompt" that puts learned keys and values of a
/// layer into its caches: (caches..., layer, ids, past) -> (caches...), where
/// ids count the learned tokens.
void buildPromptForm(mlir::ModuleOp module, const TowerPlan &tower, size_t form,
                     const BuildOptions &options);

/// Builds the function "FORM.cross" that puts the encoder's keys and values of
/// a layer into their caches: (cross caches..., layer, encoded, past) -> (cross
/// caches...).
void buildCrossForm(mlir::ModuleOp module, const TowerPlan &tower, size_t form,
                    int64_t encodedFeatures, const BuildOptions &options);

} // namespace sinter

#endif // SINTER_SPEC_BUILDER_H
