//===- PlannerLayers.cpp - Evaluates a stack's layers and their steps -----===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Steps, where norms stand in them, and what is added to what; their parts are
// in PlannerParts.cpp and PlannerAttention.cpp.
//
//===----------------------------------------------------------------------===//

#include "spec/Limits.h"
#include "spec/Planner.h"

#include "llvm/ADT/STLExtras.h"

using namespace sinter;

//===----------------------------------------------------------------------===//
// LayerScope
//===----------------------------------------------------------------------===//

Scope::Found LayerScope::lookup(llvm::StringRef name, SpecLoc use,
                                SpecValue &value) {
  auto it = names.find(name);
  if (name != "i" && it == names.end())
    return outer.lookup(name, use, value);
  value = name == "i" ? SpecValue(layer) : it->second;
  return Found::Yes;
}

void LayerScope::listNames(std::vector<llvm::StringRef> &all) const {
  all.push_back("i");
  for (const auto &entry : names)
    all.push_back(entry.first());
  outer.listNames(all);
}

void LayerScope::explain(llvm::StringRef name, Diagnostics &diagnostics) const {
  outer.explain(name, diagnostics);
}

void LayerScope::sources(llvm::StringRef name,
                         std::vector<Source> &found) const {
  if (auto it = origins.find(name); it != origins.end())
    llvm::append_range(found, it->second);
  else
    outer.sources(name, found);
}

Scope::Found LayerScope::call(llvm::StringRef function,
                              llvm::ArrayRef<SpecValue> arguments, SpecLoc use,
                              SpecValue &value) {
  if (function == "stored" && arguments.size() == 1 &&
      arguments[0].asString()) {
    if (std::optional<bool> answer =
            rules.isStored(*arguments[0].asString(), layer, *this)) {
      value = *answer;
      return Found::Yes;
    }
  }
  if (function == "dot" && arguments.size() == 2 && arguments[0].asString() &&
      arguments[1].asString()) {
    std::optional<double> sum = rules.dot(
        *arguments[0].asString(), *arguments[1].asString(), layer, use, *this);
    value = sum.value_or(0);
    return sum ? Found::Yes : Found::Failed;
  }
  return outer.call(function, arguments, use, value);
}

AttentionPlan *LayerPlan::attention(llvm::StringRef part) {
  for (StepPlan &step : steps)
    for (PartPlan &candidate : step.parts)
      if (candidate.name == part)
        return std::get_if<AttentionPlan>(&candidate.what);
  return nullptr;
}

bool TowerPlan::usesPrefix() const {
  for (const LayerPlan &layer : layers)
    for (const StepPlan &step : layer.steps)
      for (const PartPlan &part : step.parts)
        if (auto *attention = std::get_if<AttentionPlan>(&part.what))
          if (attention->prefix)
            return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

void Planner::planStack(const YamlNode &node, TowerPlan &tower) {
  Fields fields(node, "stack", bindings, diagnostics);
  layers = fields.integer("repeat", 1);
  planStreams(fields, tower);
  const YamlNode *steps = fields.need("layer");
  const YamlNode *let = fields.get("let");
  fields.finish();
  if (!steps)
    return;
  if (!steps->isList())
    return diagnostics.error(steps->loc, "a layer is a list of steps, found " +
                                             steps->describe());
  std::vector<std::string> logs;
  for (int64_t layer = 0; layer < layers && !diagnostics.failed(); ++layer)
    tower.layers.push_back(
        planLayer(*steps, let, tower, layer, logs.emplace_back()));
  if (diagnostics.failed())
    return;
  planCaches(tower, logs);
  std::map<std::string, size_t> formByLog;
  for (auto [layer, log] : llvm::enumerate(logs)) {
    auto [it, isNew] = formByLog.try_emplace(log, tower.forms.size());
    if (isNew) {
      std::string symbol = tower.prefix + "layer";
      if (tower.forms.size() == size_t(kMostForms))
        return diagnostics.error(
            steps->loc, "layers are of more than " + llvm::Twine(kMostForms) +
                            " forms: too many of them differ");
      if (!tower.forms.empty())
        symbol += "_" + std::to_string(tower.forms.size());
      tower.forms.push_back({symbol, {}});
    }
    tower.layers[layer].form = it->second;
    tower.forms[it->second].layers.push_back(int64_t(layer));
  }
}

/// Each name may be used by those after it.
void Planner::bindNames(const YamlNode &let, LayerScope &scope) {
  if (!let.isMap())
    return diagnostics.error(let.loc, "let is a mapping of names to "
                                      "expressions, found " +
                                          let.describe());
  std::vector<llvm::StringRef> taken;
  scope.listNames(taken);
  for (const YamlEntry &entry : let.entries) {
    if (llvm::is_contained(taken, entry.key) || !isName(entry.key))
      return diagnostics.error(entry.keyLoc,
                               "\"" + entry.key +
                                   "\" is not a new name: names are letters, "
                                   "digits and _, and stand once in config and "
                                   "let");
    std::optional<Expr> expr = parseExpression(entry.value, diagnostics);
    if (!expr)
      return;
    if (std::optional<SpecValue> value = expr->evaluate(scope, diagnostics))
      scope.bind(entry.key, *value, *expr);
    else
      return;
  }
}

/// The parts of `beside` become branches of `step`.
void Planner::putBeside(StepPlan &step, StepPlan &beside) {
  if (beside.normBranch || beside.normAfter || !beside.residual ||
      beside.residualOfNormed || !beside.residualOf.empty() ||
      !beside.mix.isPlainSum() || beside.outputGain)
    diagnostics.error(beside.loc, "a parallel step has its own norm before at "
                                  "most; the other norms and the residual are "
                                  "those of the step that it stands beside");
  if (!beside.remember.empty())
    diagnostics.error(beside.loc, "a parallel step remembers nothing: its sum "
                                  "is that of the step that it stands beside");
  if (recalledNow.count(step.remember))
    diagnostics.error(beside.loc, "a branch of a step cannot read what that "
                                  "step remembers");
  for (PartPlan &part : beside.parts) {
    part.reads = beside.reads;
    step.parts.push_back(std::move(part));
  }
}

/// What joins elsewhere than here is added, and no more.
void Planner::checkJoins(Fields &fields, const StepPlan &step) {
  using Joins = StepPlan::Joins;
  if (step.joins == Joins::Here)
    return;
  if (step.normAfter || !step.residual || step.residualOfNormed ||
      !step.residualOf.empty() || step.mix.carry != 1 || step.mix.carryGain ||
      step.mix.carryBias || step.mix.blend || step.outputGain)
    fields.fail("joins", "what joins at the end or later leaves x as it is: "
                         "there is no sum to norm or to weigh");
  if (step.parts.empty())
    fields.fail("joins", "a step without parts has nothing to add");
}

LayerPlan Planner::planLayer(const YamlNode &steps, const YamlNode *let,
                             TowerPlan &tower, int64_t layer,
                             std::string &log) {
  LayerPlan plan;
  rememberedHere.clear();
  LayerScope scope(bindings, rules, layer);
  if (let)
    bindNames(*let, scope);
  for (const YamlNode &node : steps.items) {
    Fields condition(node, "a step", scope, diagnostics, &log);
    if (node.find("when") && !condition.flag("when", true))
      continue;
    bool beside = node.find("parallel") && condition.flag("parallel", false);
    if (beside && plan.steps.empty())
      condition.fail("parallel", "there is no step before this one");
    if (diagnostics.failed())
      break;
    recalledNow.clear();
    StepPlan step = planStep(node, beside, tower, layer, scope, log);
    if (beside && step.joins == StepPlan::Joins::Here) {
      putBeside(*llvm::find_if(llvm::reverse(plan.steps),
                               [](const StepPlan &s) { return !s.beside; }),
                step);
    } else {
      step.beside = beside;
      plan.steps.push_back(std::move(step));
    }
    if (diagnostics.failed())
      break;
  }
  llvm::StringMap<bool> names;
  for (const StepPlan &step : plan.steps)
    for (const PartPlan &part : step.parts)
      if (!names.try_emplace(part.name, true).second)
        diagnostics.error(part.loc, "two parts of a layer are called \"" +
                                        part.name + "\"; give one a \"name\"");
  return plan;
}

StepPlan Planner::planStep(const YamlNode &node, bool beside, TowerPlan &tower,
                           int64_t layer, Scope &scope, std::string &log) {
  StepPlan step;
  step.loc = node.loc;
  Fields fields(node, "a step", scope, diagnostics, &log);
  fields.get("when");
  fields.get("parallel");
  std::string name = fields.text("name", "");
  step.reads = readName(fields, "reads", tower, tower.hidden);
  std::string stack = tower.prefix + "layer.";
  Owner owner{stack, layer, scope, &log, &step.uses, step.loc};
  planStepParts(fields, name, step, tower, owner);
  step.name = step.parts.empty() ? name : step.parts[0].name;
  owner.path = stack + step.name + ".";
  using Joins = StepPlan::Joins;
  step.joins = fields.word<Joins>(
      "joins",
      {{"here", Joins::Here}, {"end", Joins::End}, {"later", Joins::Later}},
      Joins::Here);
  planStepWidth(step, tower);
  planStepNorms(fields, step, tower, owner, beside);
  if (const YamlNode *residual = fields.get("residual"))
    planResidual(*residual, step, tower, owner);
  checkJoins(fields, step);
  planStreams(fields, step, tower, owner);
  bool here = step.joins == Joins::Here, later = step.joins == Joins::Later;
  step.remember = readNewName(fields, "remember");
  remember(fields, "remember", step.remember,
           here ? tower.streams * tower.hidden : step.width, tower);
  if (later && step.remember.empty())
    fields.fail("joins", "what joins later needs a name to remember");
  bool idle = step.parts.empty() && !step.normAfter && !step.outputGain &&
              step.remember.empty() && !node.find("remember");
  if (idle)
    diagnostics.error(node.loc,
                      "a step needs one of attention, cross_attention, ffn, "
                      "moe, of_tokens and recall, or a norm after them, an "
                      "output_gain or something to remember");
  bool weighs = step.normAfter || step.outputGain;
  if (step.parts.empty() && weighs && name.empty())
    diagnostics.error(node.loc, "a step without parts needs a \"name\" for "
                                "its weights");
  fields.finish();
  return step;
}

void Planner::planStepParts(Fields &fields, const std::string &name,
                            StepPlan &step, TowerPlan &tower,
                            const Owner &owner) {
  auto addPart = [&](const char *kind, auto read) {
    const YamlNode *part = fields.get(kind);
    if (!part)
      return;
    PartPlan plan;
    plan.name = name.empty() ? kind : name;
    plan.loc = part->loc;
    Owner mine = owner;
    mine.path += plan.name + ".";
    mine.uses = &plan.uses;
    mine.loc = part->loc;
    read(*part, plan, mine);
    step.parts.push_back(std::move(plan));
  };
  addPart("attention", [&](const YamlNode &n, PartPlan &part, Owner owner) {
    planAttention(n, part.what.emplace<AttentionPlan>(), owner, tower);
  });
  addPart("cross_attention",
          [&](const YamlNode &n, PartPlan &part, Owner owner) {
            auto &plan = part.what.emplace<AttentionPlan>();
            plan.cross = true;
            if (source)
              planAttention(n, plan, owner, tower);
            else
              diagnostics.error(n.loc, "there is no encoder to attend to");
          });
  addPart("ffn", [&](const YamlNode &n, PartPlan &part, Owner owner) {
    part.what = planFfn(n, owner, tower);
  });
  addPart("moe", [&](const YamlNode &n, PartPlan &part, Owner owner) {
    planMoe(n, part.what.emplace<MoePlan>(), owner, tower);
  });
  addPart("of_tokens", [&](const YamlNode &n, PartPlan &part, Owner owner) {
    part.what = planTokenFeatures(n, std::nullopt, owner, tower);
  });
  addPart("recall", [&](const YamlNode &, PartPlan &part, Owner) {
    RecallPlan plan = readRecall(fields, "recall", tower, /*many=*/true);
    if (plan.values.empty())
      fields.fail("recall", "recall needs the name of a value; \"when\" leaves "
                            "a step out");
    part.what = plan;
  });
}

/// Features of what the parts give: those of x, unless it is not added to x.
void Planner::planStepWidth(StepPlan &step, const TowerPlan &tower) {
  step.width = tower.hidden;
  for (const PartPlan &part : step.parts) {
    int64_t width = tower.hidden;
    if (auto *recall = std::get_if<RecallPlan>(&part.what))
      width = recall->width;
    if (auto *tokens = std::get_if<TokenFeaturesPlan>(&part.what))
      width = tokens->width;
    if (&part == &step.parts[0])
      step.width = width;
    else if (width != step.width)
      diagnostics.error(part.loc, "the parts of a step are added, but have " +
                                      llvm::Twine(step.width) + " and " +
                                      llvm::Twine(width) + " features");
  }
  if (step.width != tower.hidden && step.joins != StepPlan::Joins::Later)
    diagnostics.error(step.loc, "the step gives " + llvm::Twine(step.width) +
                                    " features, x has " +
                                    llvm::Twine(tower.hidden) +
                                    "; it can only join later");
}

void Planner::planStepNorms(Fields &fields, StepPlan &step,
                            const TowerPlan &tower, const Owner &owner,
                            bool beside) {
  step.norm = tower.norm;
  const YamlNode *norm =
      step.parts.empty() ? fields.get("norm") : fields.need("norm");
  std::optional<Fields> mapping;
  if (norm && norm->isMap()) {
    mapping.emplace(*norm, "norm", owner.scope, diagnostics, owner.log);
    step.norm = readNorm(*mapping, &tower.norm);
  }
  enum Place { None, Pre, Post, Sandwich, Branch };
  std::vector<int> places;
  if (norm)
    places = (mapping ? *mapping : fields)
                 .wordIndices(mapping ? "place" : "norm",
                              {"none", "pre", "post", "sandwich", "branch"});
  for (int place : places) {
    step.normBefore |= place == Pre || place == Sandwich;
    step.normBranch |= place == Sandwich || place == Branch;
    step.normAfter |= place == Post;
  }
  if (mapping)
    mapping->finish();
  bool own = fields.flag("own_norms", false) || beside;
  auto useHere = [&](const char *name, int64_t width) {
    Owner mine = owner;
    mine.uses = &step.uses;
    useNorm(step.norm, name, width, mine);
  };
  if (step.parts.empty())
    step.normBefore = step.normBranch = false;
  if (step.normBefore && !own)
    useHere("norm", tower.hidden);
  for (PartPlan &part : step.parts)
    if (step.normBefore && own) {
      Owner mine = owner;
      mine.path = tower.prefix + "layer." + part.name + ".";
      mine.uses = &part.uses;
      mine.loc = part.loc;
      useNorm(step.norm, "norm", tower.hidden, mine);
      part.ownNorm = true;
      part.norm = step.norm;
    }
  if (step.normBranch)
    useHere("branch_norm", step.width);
  if (step.normAfter)
    useHere("output_norm", tower.hidden);
}

void Planner::planResidual(const YamlNode &node, StepPlan &step,
                           TowerPlan &tower, Owner &owner) {
  if (node.isScalar() && node.text == "none") {
    step.residual = false;
    return;
  }
  Fields fields(node, "residual", owner.scope, diagnostics, owner.log);
  step.mix = readMix(fields, "", step.width, tower.hidden, owner);
  step.outputGain = fields.flag("output_gain", false);
  if (step.outputGain)
    use(owner, "output_gain", {step.width}, WeightRole::Gain);
  std::vector<llvm::StringRef> words = {"input", "normed", "embedded"};
  for (const RememberedPlan &value : tower.remembered)
    words.push_back(value.name);
  int of = fields.wordIndex("of", words, /*optional=*/true);
  step.residualOfNormed = of == 1;
  if (of > 1)
    step.residualOf = words[size_t(of)].str();
  if (of > 1 && recall(step.residualOf, tower) != step.width)
    fields.fail("of", "what is carried past the parts must have as many "
                      "features as x");
  if (step.residualOfNormed && !step.normBefore)
    fields.fail("of", "there is no normed input without a norm before");
  fields.finish();
}
