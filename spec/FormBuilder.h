//===- FormBuilder.h - Builds the function of a form of layer ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// One object for one form: its steps and feed-forward parts in BuilderForm.cpp,
// its attention in BuilderAttention.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_FORMBUILDER_H
#define SINTER_SPEC_FORMBUILDER_H

#include "spec/Builder.h"

#include <map>

namespace sinter {

class FormBuilder {
public:
  FormBuilder(mlir::ModuleOp module, const TowerPlan &tower,
              const FormPlan &form, const BuildOptions &options)
      : module(module), tower(tower), form(form), options(options),
        e(mlir::OpBuilder(module.getBodyRegion()), module.getLoc()) {}

  void build();
  void buildCross(int64_t encodedFeatures);
  void buildPrompt();

private:
  void startFunction(const std::string &symbol,
                     llvm::ArrayRef<NamedType> carried,
                     llvm::ArrayRef<NamedType> shared);
  void finishFunction(llvm::ArrayRef<NamedType> carried);
  /// What the parts of a step read, and what its norm makes of that.
  struct Read {
    mlir::Value x, normed;
  };
  Read readOf(const StepPlan &step, mlir::Value carried);
  mlir::Value buildParts(const StepPlan &step, const Read &read);
  mlir::Value join(const StepPlan &step, const Read &read, mlir::Value carried,
                   mlir::Value sum);
  mlir::Value buildStep(const StepPlan &step, mlir::Value x);
  mlir::Value valueCalled(const std::string &name);
  mlir::Value recalled(const RecallPlan &plan);
  void rememberValue(const std::string &name, mlir::Value value);
  mlir::Value weighBranch(const MixPlan &plan, const Uses &uses,
                          const std::string &prefix, mlir::Value x,
                          mlir::Value branch, mlir::Value gateInput);
  mlir::Value mix(const MixPlan &plan, const Uses &uses,
                  const std::string &prefix, mlir::Value x, mlir::Value branch,
                  mlir::Value gateInput);
  mlir::Value mixValues(const PartPlan &part, const AttentionPlan &plan,
                        mlir::Value v, mlir::Value x);
  mlir::Value buildPart(const PartPlan &part, mlir::Value x);
  mlir::Value buildAttention(const PartPlan &part, const AttentionPlan &plan,
                             mlir::Value x);
  mlir::Value learnedActivation(const FfnPlan &plan, const Uses &uses,
                                mlir::Value x);
  mlir::Value tokenFeatures(const TokenFeaturesPlan &plan, const Uses &uses);
  mlir::Value buildFfn(const PartPlan &part, const FfnPlan &plan, mlir::Value x,
                       const std::string &prefix);
  RouteOp route(const PartPlan &part, const MoePlan &plan, mlir::Value x);
  mlir::Value buildMoe(const PartPlan &part, const MoePlan &plan,
                       mlir::Value x);
  mlir::Value bottleneck(const PartPlan &part, const AttentionPlan &plan,
                         mlir::Value x, const char *name);
  mlir::Value withSharedFeatures(const PartPlan &part,
                                 const AttentionPlan &plan, mlir::Value k,
                                 mlir::Value x);
  std::pair<mlir::Value, mlir::Value>
  keysAndValues(const PartPlan &part, const AttentionPlan &plan, mlir::Value x);
  mlir::Value place(const PartPlan &part, const AttentionPlan &plan,
                    mlir::Value x, const std::string &name, int64_t heads);
  mlir::Value clip(const AttentionPlan &plan, mlir::Value x);
  mlir::Value project(const PartPlan &part, const AttentionPlan &plan,
                      mlir::Value x, const char *name, int64_t heads,
                      int64_t dim);
  void remember(const PartPlan &part, const AttentionPlan &plan, mlir::Value &k,
                mlir::Value &v);
  mlir::Value attend(const PartPlan &part, const AttentionPlan &plan,
                     mlir::Value q, mlir::Value k, mlir::Value v);
  mlir::Value difference(const PartPlan &part, const AttentionPlan &plan,
                         mlir::Value y);
  mlir::Value headNorm(const PartPlan &part, const HeadsNormPlan &plan,
                       mlir::Value x, const std::string &name, int64_t heads,
                       int64_t dim);
  mlir::Value concatTo(mlir::Value like, mlir::ValueRange parts,
                       llvm::ArrayRef<int64_t> features);
  mlir::Value rotate(const AttentionPlan &plan, mlir::Value x, bool isKey);
  mlir::Value relative(const PartPlan &part, const AttentionPlan &plan,
                       const std::string &kind);

  /// A number of the layer: a constant if all layers of the form have the same
  /// (or the layer's own number, for slots), else a row of a table.
  mlir::Value
  layerScalar(const std::string &part, llvm::StringRef name,
              llvm::function_ref<int64_t(const AttentionPlan &)> get);
  /// "attention.q": what locations show, and `sinter verify --locate`. The last
  /// op of a name gives what the name stands for.
  void at(const PartPlan &part, llvm::StringRef name) {
    e.at(part.name + "." + name.str(), part.loc);
  }

  mlir::ModuleOp module;
  const TowerPlan &tower;
  const FormPlan &form;
  const BuildOptions &options;
  OpEmitter e;
  mlir::Value layer;
  Read before;      ///< what the step before read
  mlir::Value late; ///< added after the last step
  std::map<std::string, mlir::Value>
      named; ///< arguments, and caches as they change
};

/// "keys", "keys.1", "cross_keys", ...
inline std::string numbered(std::string name, size_t at) {
  return at ? name + "." + std::to_string(at) : name;
}

} // namespace sinter

#endif // SINTER_SPEC_FORMBUILDER_H
