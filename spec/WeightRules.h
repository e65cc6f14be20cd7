//===- WeightRules.h - Which tensors a weight is made from ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The sections `weights` and `ignored` of a spec: for each weight that parts of
// the model ask for, its names in either format and what to do with it. Counts
// which tensors were claimed, so that none is left over unnoticed.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_WEIGHTRULES_H
#define SINTER_SPEC_WEIGHTRULES_H

#include "formats/Checkpoint.h"
#include "spec/Fields.h"
#include "spec/Recipe.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sinter {

/// Whether a key of a weight rule has names of tensors.
bool namesTensors(llvm::StringRef key);

/// What a weight is used as; decides whether it becomes f32, and random values.
enum class WeightRole {
  Matrix, ///< keeps its stored type; its last dimension is summed over
  Table,  ///< keeps its stored type; rows are looked up
  Bias,   ///< f32
  Gain    ///< f32, a factor around 1
};

struct WeightRequest {
  std::string name;   ///< of the rule
  int64_t layer = -1; ///< -1 outside layers
  std::vector<int64_t> shape;
  WeightRole role = WeightRole::Matrix;
  SpecLoc user; ///< the part of the spec that asks
};

class WeightRules {
public:
  /// `checkpoint` may have no weights: then every weight that a rule names for
  /// the configuration's format is taken to be there, as f32.
  WeightRules(const Checkpoint &checkpoint, std::optional<uint64_t> seed,
              Diagnostics &diagnostics);

  void read(const YamlNode &section);

  /// Changes what tensors hold; it is of the same names, and outlives this.
  void use(const Adapter &changes) { adapter = &changes; }

  /// Tokens that the adapter has learned; null: none.
  const LearnedPrompt *learnedPrompt() const {
    return adapter ? adapter->prompt() : nullptr;
  }
  /// Where that is, for messages.
  SpecLoc adapterLoc() const { return {adapter->file()}; }
  /// Reports why the adapter does not go with the model.
  void refuseAdapter(const llvm::Twine &why) {
    diagnostics.error(adapterLoc(), why);
  }

  /// Tensors (as the files call them) that are no part of the model, beyond
  /// those of the section `ignored`.
  void ignore(std::vector<std::string> patterns) {
    ignoredOutside = std::move(patterns);
  }

  /// Whether there are tensors to look at.
  bool hasTensors() const { return checkpoint.hasWeights() && !seed; }
  /// Whether the checkpoint has the tensors of a rule, in this layer; false
  /// without tensors, nullopt when there is no such rule.
  std::optional<bool> isStored(llvm::StringRef name, int64_t layer,
                               Scope &scope) const;
  /// The sum of the products of two weights' values, as they are stored; 0
  /// without tensors, nullopt after an error was reported.
  std::optional<double> dot(llvm::StringRef a, llvm::StringRef b, int64_t layer,
                            SpecLoc use, Scope &scope);
  /// Whether all layers have the same tensors by this rule.
  bool isSharedByLayers(llvm::StringRef name, const Scope &scope) const;

  /// How to make a weight; nullopt after an error was reported.
  std::optional<Recipe> resolve(const WeightRequest &request, Scope &scope);

  /// How to make a weight of a tensor that no rule names, as it stands in a
  /// file of its own; null where there are no tensors.
  std::optional<Recipe> ofTensor(const WeightRequest &request,
                                 const StoredTensor *tensor);

  /// Reads the section `ignored` (may be null) and reports every tensor that
  /// was neither claimed nor ignored.
  void checkClaims(const YamlNode *ignored, Scope &scope);

private:
  /// One way in which a checkpoint may hold a weight.
  struct Source {
    std::vector<std::string> names; ///< the first that exists, or all
    std::string scales;             ///< exponents of 4-bit values, if apart
    Recipe::Join join = Recipe::Join::None;
    const YamlNode *steps = nullptr; ///< the mapping that has them
    std::optional<Expr> fill;        ///< instead of tensors
    SpecLoc loc;
  };
  struct Rule {
    std::string name;
    SpecLoc loc;
    std::vector<Source> sources;
  };

  /// An item of the section `ignored`, in one reading.
  struct Ignored {
    std::string name;
    std::string copyOf; ///< the weight that it must be equal to, if any
    SpecLoc loc;
  };

  std::vector<Ignored> readIgnored(const YamlNode &section, Scope &scope);
  void checkCopy(const StoredTensor &copy, const Ignored &ignored,
                 Scope &scope);
  void checkChanges();
  const Rule *unusedRuleOf(llvm::StringRef tensor) const;
  void readRule(const YamlEntry &entry);
  void readSources(const YamlNode &node, Rule &rule);
  std::vector<float> readWhole(llvm::StringRef name, int64_t layer, SpecLoc use,
                               Scope &scope);
  const Rule *findRule(llvm::StringRef name) const;
  std::string fillName(llvm::StringRef pattern, SpecLoc loc, int64_t layer,
                       int64_t expert, Scope &scope) const;
  const StoredTensor *findTensor(llvm::StringRef pattern, SpecLoc loc,
                                 int64_t layer, int64_t expert,
                                 Scope &scope) const;
  std::vector<const StoredTensor *> findTensors(const Source &source,
                                                int64_t layer, int64_t experts,
                                                Scope &scope) const;
  std::vector<RecipeStep> readSteps(const Source &source, Scope &scope);
  void readSplit(const YamlNode &node, Scope &scope,
                 std::vector<RecipeStep> &steps);
  void readReorder(const YamlNode &node, Scope &scope,
                   std::vector<RecipeStep> &steps);
  bool addChange(const StoredTensor &tensor, const Source &source,
                 Recipe &recipe);
  bool addScales(const Source &source, Recipe &recipe, int64_t layer,
                 Scope &scope);
  void reportMissing(const Rule &rule, const WeightRequest &request,
                     Scope &scope);
  std::optional<Recipe> filled(const Source &source,
                               const WeightRequest &request, Scope &scope);
  std::optional<Recipe> ofPrompt(const WeightRequest &request);
  Recipe withoutTensors(const WeightRequest &request) const;

  const Checkpoint &checkpoint;
  std::optional<uint64_t> seed;
  Diagnostics &diagnostics;
  CheckpointKind kind;
  std::vector<Rule> rules;
  std::map<std::string, size_t> ruleByName;
  std::set<std::string> claimed;
  std::set<std::string> usedRules;
  const Adapter *adapter = nullptr;
  std::vector<std::string> ignoredOutside;
};

} // namespace sinter

#endif // SINTER_SPEC_WEIGHTRULES_H
