//===- Planner.h - Evaluates the section `model` ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_PLANNER_H
#define SINTER_SPEC_PLANNER_H

#include "spec/Bindings.h"
#include "spec/Plan.h"
#include "spec/WeightRules.h"

#include "llvm/ADT/StringMap.h"

#include <set>

namespace sinter {

/// Names within a layer: `i`, those of the stack's `let`, and all bindings.
class LayerScope : public Scope {
public:
  LayerScope(Bindings &outer, WeightRules &rules, int64_t layer)
      : outer(outer), rules(rules), layer(layer) {}

  Found lookup(llvm::StringRef name, SpecLoc use, SpecValue &value) override;
  void listNames(std::vector<llvm::StringRef> &names) const override;
  void explain(llvm::StringRef name, Diagnostics &) const override;
  Found call(llvm::StringRef function, llvm::ArrayRef<SpecValue> arguments,
             SpecLoc use, SpecValue &value) override;

  bool isOfLayer(llvm::StringRef name) const override {
    return name == "i" || names.contains(name);
  }

  /// Gives a name a value in this layer.
  void bind(llvm::StringRef name, SpecValue value, const Expr &expr) {
    names[name] = value;
    std::vector<llvm::StringRef> used;
    expr.listNames(used);
    for (llvm::StringRef each : used)
      sources(each, origins[name]);
  }
  void sources(llvm::StringRef name, std::vector<Source> &) const override;

private:
  llvm::StringMap<std::vector<Source>> origins;
  llvm::StringMap<SpecValue> names;
  Bindings &outer;
  WeightRules &rules;
  int64_t layer;
};

/// Whether a part has an optional weight such as a bias.
enum class Presence {
  No,
  Yes,
  AsStored ///< if the checkpoint has it
};

class Planner {
public:
  /// `embedding` is what the checkpoint says of embeddings; it may be null.
  Planner(Bindings &bindings, WeightRules &rules, WeightTable &table,
          const TextEmbedding *embedding, Diagnostics &diagnostics)
      : bindings(bindings), rules(rules), table(table), embedding(embedding),
        diagnostics(diagnostics) {}

  /// Reads the section; the result is meaningful unless errors were reported.
  ModelPlan plan(const YamlNode &model);

private:
  /// Where a part's weights go, and what its form depends on.
  struct Owner {
    std::string path; ///< "layer.attention."
    int64_t layer = -1;
    Scope &scope;
    std::string *log;
    Uses *uses = nullptr;
    SpecLoc loc;
  };

  // Planner.cpp: the model around its layers.
  TowerPlan planTower(Fields &fields, const std::string &prefix, bool cached,
                      const TowerPlan *encoder);
  TowerPlan planTower(Fields &model, llvm::StringRef key,
                      const TowerPlan *encoder);
  void planEmbedding(const YamlNode &node, TowerPlan &tower,
                     const TowerPlan *encoder);
  void planEmbeddedPositions(const YamlNode &node, TowerPlan &tower,
                             Owner &owner);
  void planPrompt(const YamlNode &node, TowerPlan &tower);
  void usePrompt(TowerPlan &tower, SpecLoc loc);
  void planLearnedPrompt(TowerPlan &tower, bool isCausal);
  void checkPrompt(SpecLoc loc, const TowerPlan &tower);
  void planHead(const YamlNode &node, TowerPlan &tower);
  void planProjection(Fields &embed, TowerPlan &tower, Owner &owner);
  void planTransform(const YamlNode &node, HeadPlan &head, int64_t width,
                     Owner &owner, const TowerPlan &tower);

  // EmbeddingPlanner.cpp: what makes one vector of a text.
  std::vector<PoolKind> readPools(Fields &fields, llvm::StringRef key);
  std::optional<PoolKind> readPool(Fields &fields, llvm::StringRef key);
  void planEmbeddingOfTexts(Fields &fields, ModelPlan &plan);
  void planSteps(const TowerPlan &tower, EmbeddingPlan &plan);
  void useOfStep(const EmbeddingStep &step, const std::string &number,
                 Uses &uses);

  // PlannerLayers.cpp: layers and their steps.
  void planStack(const YamlNode &node, TowerPlan &tower);
  void bindNames(const YamlNode &let, LayerScope &scope);
  LayerPlan planLayer(const YamlNode &steps, const YamlNode *let,
                      TowerPlan &tower, int64_t layer, std::string &log);
  void putBeside(StepPlan &step, StepPlan &beside);
  void checkJoins(Fields &fields, const StepPlan &step);
  StepPlan planStep(const YamlNode &node, bool beside, TowerPlan &tower,
                    int64_t layer, Scope &scope, std::string &log);
  void planStepParts(Fields &fields, const std::string &name, StepPlan &step,
                     TowerPlan &tower, const Owner &owner);
  void planStepWidth(StepPlan &step, const TowerPlan &tower);
  void planStepNorms(Fields &fields, StepPlan &step, const TowerPlan &tower,
                     const Owner &owner, bool beside);
  void planResidual(const YamlNode &node, StepPlan &step, TowerPlan &tower,
                    Owner &owner);

  // PlannerValues.cpp: values with names, and how two are mixed.
  std::string readNewName(Fields &fields, llvm::StringRef key);
  void remember(Fields &fields, llvm::StringRef key, const std::string &name,
                int64_t width, TowerPlan &tower);
  int64_t recall(const std::string &name, TowerPlan &tower);
  RecallPlan readRecall(Fields &fields, llvm::StringRef key, TowerPlan &tower,
                        bool many);
  std::string readName(Fields &fields, llvm::StringRef key, TowerPlan &tower,
                       int64_t width);
  MixPlan readMix(Fields &fields, const std::string &prefix, int64_t width,
                  int64_t hidden, Owner &owner);
  void planValues(const YamlNode &node, AttentionPlan &plan, Owner &owner,
                  TowerPlan &tower);

  // PlannerStreams.cpp: several streams in place of x.
  void planStreams(Fields &stack, TowerPlan &tower);
  void planStreams(Fields &fields, StepPlan &step, TowerPlan &tower,
                   Owner &owner);
  StreamWeightsPlan readStreamWeights(Fields &fields, llvm::StringRef key,
                                      StreamWeightsPlan otherwise,
                                      TowerPlan &tower, Owner &owner);

  // PlannerCaches.cpp: where layers keep keys and values. A log for each layer.
  void planCaches(TowerPlan &tower, std::vector<std::string> &logs);

  // PlannerDistances.cpp: what attention has for distances.
  void planRelative(const YamlNode &node, AttentionPlan &plan, Owner owner,
                    TowerPlan &tower);
  RelativePlan planRows(Fields &fields, AttentionPlan &plan, int64_t hidden);
  void useRelativeTable(Fields &fields, const RelativePlan &table,
                        TowerPlan &tower);
  void planBuckets(const YamlNode &node, AttentionPlan &plan, Owner owner,
                   const TowerPlan &tower);

  // PlannerParts.cpp: what stands in a layer.
  void planAttention(const YamlNode &node, AttentionPlan &plan, Owner owner,
                     TowerPlan &tower);
  void planPositions(Fields &fields, AttentionPlan &plan, Owner &owner,
                     TowerPlan &tower);
  void planLinears(Fields &fields, AttentionPlan &plan, Owner &owner,
                   const TowerPlan &tower);
  void planReach(Fields &fields, const YamlNode &node, AttentionPlan &plan,
                 Owner &owner);
  void planDifference(Fields &fields, AttentionPlan &plan);
  void planLatent(const YamlNode &node, AttentionPlan &plan, Owner &owner,
                  const TowerPlan &tower);
  void planAlibi(const YamlNode &node, AttentionPlan &plan, Owner &owner);
  void planHeadNorm(Fields &fields, AttentionPlan &plan, Owner &owner,
                    const TowerPlan &tower);
  void planRope(const YamlNode &node, AttentionPlan &plan, Owner &owner,
                TowerPlan &tower);
  std::vector<float> storedOfPairs(const YamlNode &node, const char *rule,
                                   int64_t pairs, Owner &owner);
  void placeDecay(Fields &fields, RopePlan &rope);
  void planFactors(const YamlNode &node, AttentionPlan &plan, Owner &owner,
                   TowerPlan &tower);
  bool isUsed(const YamlNode &node, Owner &owner);
  void borrowKeys(AttentionPlan &plan, Owner &owner, const TowerPlan &tower);
  void checkKeysOf(Fields &fields, const AttentionPlan &plan,
                   const Owner &owner, const TowerPlan &tower);
  FfnPlan planFfn(const YamlNode &node, Owner owner, TowerPlan &tower);
  TokenFeaturesPlan planTokenFeatures(const YamlNode &node,
                                      std::optional<int64_t> width,
                                      Owner &owner, TowerPlan &tower);
  void planMoe(const YamlNode &node, MoePlan &plan, Owner owner,
               TowerPlan &tower);
  void planRoute(Fields &fields, MoePlan &plan);
  void checkRoute(Fields &fields, const MoePlan &plan);
  void planRouter(Fields &fields, MoePlan &plan, Owner &owner, Presence bias,
                  TowerPlan &tower);
  void planShared(Fields &fields, MoePlan &plan, Owner &owner, Presence bias,
                  const TowerPlan &tower);
  void readShape(Fields &fields, FfnPlan &plan);
  double readBound(Fields &fields, llvm::StringRef key,
                   std::optional<double> otherwise = 0);
  UnaryKind readActivation(Fields &fields);
  void readLearnedActivation(Fields &fields, FfnPlan &plan, int64_t width,
                             Owner &owner);
  NormPlan readNorm(Fields &fields, const NormPlan *otherwise);
  std::optional<NormPlan> readOptionalNorm(Fields &fields, llvm::StringRef key,
                                           const NormPlan &otherwise);
  HeadsNormPlan readHeadsNorm(Fields &fields, const NormPlan &otherwise,
                              std::optional<HeadsNormPlan::Over> usual);
  void useHeadNorms(const HeadsNormPlan &plan, const std::string &name,
                    int64_t heads, int64_t dim, Owner &owner);
  void useNorm(const NormPlan &norm, const std::string &name, int64_t width,
               Owner &owner);

  // Weights.
  Presence readPresence(Fields &fields, llvm::StringRef key);
  std::map<std::string, Presence>
  readBias(Fields &fields, llvm::ArrayRef<llvm::StringRef> names);
  bool use(Owner &owner, const std::string &name, std::vector<int64_t> shape,
           WeightRole role, Presence presence = Presence::Yes,
           bool flat = false);

  Bindings &bindings;
  WeightRules &rules;
  WeightTable &table;
  const TextEmbedding *embedding;
  Diagnostics &diagnostics;
  int64_t context = 0;                  ///< of the model
  int64_t layers = 0;                   ///< of the stack being planned
  const TowerPlan *source = nullptr;    ///< of cross attention
  std::set<std::string> rememberedHere; ///< names, in the layer being planned
  std::set<std::string> recalledNow;    ///< in the step being planned
};

} // namespace sinter

#endif // SINTER_SPEC_PLANNER_H
