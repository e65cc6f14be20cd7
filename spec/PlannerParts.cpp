//===- PlannerParts.cpp - Evaluates the parts of a layer ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/TokenTensors.h"
#include "spec/Limits.h"
#include "spec/Planner.h"

#include "llvm/ADT/STLExtras.h"

using namespace sinter;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Resolves a weight and adds it to the owner's uses; false when it is not
/// there (and need not be).
bool Planner::use(Owner &owner, const std::string &name,
                  std::vector<int64_t> shape, WeightRole role,
                  Presence presence, bool flat) {
  std::string path = owner.path + name;
  if (presence == Presence::AsStored)
    presence = rules.isStored(path, owner.layer, owner.scope).value_or(false)
                   ? Presence::Yes
                   : Presence::No;
  if (presence == Presence::No)
    return false;
  if (!isOfPossibleSize(shape)) {
    std::string dims;
    for (int64_t dim : shape)
      dims += (dims.empty() ? "" : "x") + std::to_string(dim);
    diagnostics.error(owner.loc, "weight " + path + " of shape " + dims +
                                     " is too large: more than 2^40 numbers");
    return false;
  }
  WeightUse use;
  // Layers that all have the same tensors share one weight.
  use.perLayer = owner.layer >= 0 && !rules.isSharedByLayers(path, owner.scope);
  int64_t layer = use.perLayer ? owner.layer : -1;
  std::optional<Recipe> recipe =
      rules.resolve({path, layer, shape, role, owner.loc}, owner.scope);
  if (flat) {
    int64_t count = 1;
    for (int64_t dim : shape)
      count *= dim;
    shape = {count};
    if (recipe) {
      recipe->steps.push_back(RecipeStep(RecipeStep::Kind::Reshape));
      recipe->shape = shape;
    }
  }
  use.shape = std::move(shape);
  if (recipe) {
    use.type = recipe->type;
    use.symbol = table.add(path, owner.layer, use.perLayer ? layers : 0,
                           std::move(*recipe));
  }
  if (owner.log)
    *owner.log += "weight " + use.symbol + ";";
  (*owner.uses)[name] = std::move(use);
  return true;
}

Presence Planner::readPresence(Fields &fields, llvm::StringRef key) {
  std::optional<SpecValue> value = fields.value(key, {"stored"});
  if (!value || value->isNone())
    return Presence::No;
  if (const bool *b = value->asBool())
    return *b ? Presence::Yes : Presence::No;
  if (value->asString() && *value->asString() == "stored")
    return Presence::AsStored;
  fields.fail(key,
              key + " must be true, false or stored, found " + value->print());
  return Presence::No;
}

/// The key `bias`: one answer for all linears of a part, or one for each.
std::map<std::string, Presence>
Planner::readBias(Fields &fields, llvm::ArrayRef<llvm::StringRef> names) {
  std::map<std::string, Presence> out;
  const YamlNode *node = fields.get("bias");
  if (node && node->isMap()) {
    Fields each(*node, "bias", fields.names(), diagnostics, fields.formLog());
    for (llvm::StringRef name : names)
      out[name.str()] = readPresence(each, name);
    each.finish();
    return out;
  }
  Presence all = node ? readPresence(fields, "bias") : Presence::No;
  for (llvm::StringRef name : names)
    out[name.str()] = all;
  return out;
}

//===----------------------------------------------------------------------===//
// Norms and activations
//===----------------------------------------------------------------------===//

/// The keys of a norm, each defaulting to the model's.
NormPlan Planner::readNorm(Fields &fields, const NormPlan *otherwise) {
  using Kind = NormPlan::Kind;
  NormPlan norm = otherwise ? *otherwise : NormPlan();
  norm.kind = fields.word<Kind>("kind",
                                {{"rms", Kind::Rms},
                                 {"layer", Kind::Layer},
                                 {"tanh", Kind::Tanh},
                                 {"length", Kind::Length}},
                                otherwise ? std::optional<Kind>(norm.kind)
                                          : std::nullopt);
  norm.eps = fields.number("eps", otherwise ? std::optional<double>(norm.eps)
                                            : std::nullopt);
  if (!(norm.eps >= 0))
    fields.fail("eps", "eps must not be negative");
  norm.plusOne = fields.flag("plus_one", norm.plusOne);
  norm.weighted = fields.flag("weights", norm.weighted);
  return norm;
}

/// A key that says whether there is a norm, or how that differs from the
/// model's.
std::optional<NormPlan> Planner::readOptionalNorm(Fields &fields,
                                                  llvm::StringRef key,
                                                  const NormPlan &otherwise) {
  const YamlNode *node = fields.get(key);
  if (node && node->isMap()) {
    Fields norm(*node, key, fields.names(), diagnostics, fields.formLog());
    NormPlan plan = readNorm(norm, &otherwise);
    norm.finish();
    return plan;
  }
  if (!fields.flag(key, false))
    return std::nullopt;
  return otherwise;
}

/// A norm's gain and bias are there if the checkpoint has them; without a
/// checkpoint the gain is, and the bias if there is a rule for it.
void Planner::useNorm(const NormPlan &norm, const std::string &name,
                      int64_t width, Owner &owner) {
  if (norm.kind == NormPlan::Kind::Tanh)
    use(owner, name + ".alpha", {width}, WeightRole::Gain);
  if (!norm.weighted)
    return;
  bool known = rules.hasTensors();
  std::string path = owner.path + name;
  bool mayBeBare = norm.kind != NormPlan::Kind::Rms;
  // A rule without a name for this format means that there is no such weight.
  Presence gain = rules.isStored(path, owner.layer, owner.scope) || !mayBeBare
                      ? Presence::Yes
                      : Presence::No;
  Presence bias = known ? Presence::AsStored
                  : rules.isStored(path + ".bias", owner.layer, owner.scope)
                      ? Presence::Yes
                      : Presence::No;
  use(owner, name, {width}, WeightRole::Gain, gain);
  use(owner, name + ".bias", {width}, WeightRole::Bias, bias);
}

static std::vector<Word<std::optional<UnaryKind>>> activations() {
  return {{"relu", UnaryKind::Relu},
          {"relu2", UnaryKind::Relu2},
          {"gelu", UnaryKind::Gelu},
          {"gelu_tanh", UnaryKind::GeluTanh},
          {"gelu_quick", UnaryKind::GeluQuick},
          {"silu", UnaryKind::Silu},
          {"sigmoid", UnaryKind::Sigmoid},
          {"tanh", UnaryKind::Tanh},
          {"identity", UnaryKind::Identity},
          {"softplus", UnaryKind::Softplus},
          {"elu", UnaryKind::Elu},
          {"mish", UnaryKind::Mish},
          {"relu6", UnaryKind::Relu6},
          {"leaky_relu", UnaryKind::LeakyRelu},
          {"hard_swish", UnaryKind::HardSwish}};
}

/// A number of which the negative stands as well; 0: there is none.
double Planner::readBound(Fields &fields, llvm::StringRef key,
                          std::optional<double> otherwise) {
  double bound = fields.number(key, otherwise);
  if (!(bound >= 0))
    fields.fail(key, key + " must not be negative");
  return bound;
}

UnaryKind Planner::readActivation(Fields &fields) {
  return *fields.word<std::optional<UnaryKind>>("activation", activations());
}

/// The same or `xielu`, which has weights.
void Planner::readLearnedActivation(Fields &fields, FfnPlan &plan,
                                    int64_t width, Owner &owner) {
  std::vector<Word<std::optional<UnaryKind>>> words = activations();
  words.push_back({"xielu", std::nullopt});
  std::optional<UnaryKind> kind =
      fields.word<std::optional<UnaryKind>>("activation", words);
  plan.learned = !kind;
  plan.activation = kind.value_or(UnaryKind::Elu);
  if (!plan.learned)
    return;
  use(owner, "positive", {width}, WeightRole::Gain);
  use(owner, "negative", {width}, WeightRole::Gain);
}

//===----------------------------------------------------------------------===//
// Feed-forward
//===----------------------------------------------------------------------===//

/// Of a `width` that the caller knows, or says which.
TokenFeaturesPlan Planner::planTokenFeatures(const YamlNode &node,
                                             std::optional<int64_t> known,
                                             Owner &owner, TowerPlan &tower) {
  Fields fields(node, "of_tokens", owner.scope, diagnostics, owner.log);
  TokenFeaturesPlan plan;
  int64_t width = known ? *known : fields.integer("width", 1, tower.hidden);
  plan.width = width;
  int64_t rows = fields.integer("rows", 0, tower.vocab);
  plan.table = rows > 0;
  plan.scale = fields.number("scale", 1);
  plan.project = fields.flag("project", false);
  plan.projectScale = fields.number("project_scale", 1);
  plan.norm = readOptionalNorm(fields, "norm", tower.norm);
  plan.weight = fields.number("weight", 1);
  fields.finish();
  if (!plan.table && !plan.project)
    fields.fail("rows", "rows or project must say what tokens have");
  if (plan.table)
    use(owner, "tokens", {rows, width}, WeightRole::Table);
  if (plan.project)
    use(owner, "tokens_project", {width, tower.hidden}, WeightRole::Matrix);
  if (plan.project && plan.norm)
    useNorm(*plan.norm, "tokens_norm", width, owner);
  tower.readsIds |= plan.table;
  tower.readsEmbedded |= plan.project;
  return plan;
}

/// How inner features become an activation, where that has no weights.
void Planner::readShape(Fields &fields, FfnPlan &plan) {
  plan.beta = fields.number("beta", plan.beta);
  if (plan.beta == 0 && !plan.learned)
    fields.fail("beta", "beta must not be 0");
  plan.limit = readBound(fields, "limit", plan.limit);
  plan.upOffset = fields.number("up_offset", plan.upOffset);
  if (plan.upOffset != 0 && !plan.gated)
    fields.fail("up_offset", "up_offset needs gated: true");
}

FfnPlan Planner::planFfn(const YamlNode &node, Owner owner, TowerPlan &tower) {
  Fields fields(node, "ffn", owner.scope, diagnostics, owner.log);
  FfnPlan plan;
  int64_t width = fields.integer("width", 1);
  readLearnedActivation(fields, plan, width, owner);
  plan.gated = fields.flag("gated", false);
  readShape(fields, plan);
  plan.innerNorm = readOptionalNorm(fields, "inner_norm", tower.norm);
  if (plan.innerNorm)
    useNorm(*plan.innerNorm, "inner_norm", width, owner);
  std::map<std::string, Presence> bias =
      readBias(fields, {"gate", "up", "down"});
  auto linear = [&](const std::string &name, int64_t rows, int64_t columns) {
    use(owner, name, {rows, columns}, WeightRole::Matrix);
    use(owner, name + ".bias", {rows}, WeightRole::Bias, bias[name]);
  };
  if (plan.gated)
    linear("gate", width, tower.hidden);
  if (const YamlNode *tokens = fields.get("of_tokens"))
    plan.ofTokens = planTokenFeatures(*tokens, width, owner, tower);
  else
    linear("up", width, tower.hidden);
  linear("down", tower.hidden, width);
  fields.finish();
  return plan;
}
