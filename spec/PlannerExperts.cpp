//===- PlannerExperts.cpp - Evaluates mixtures of experts -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Planner.h"

using namespace sinter;

/// How experts are chosen and weighed.
void Planner::planRoute(Fields &fields, MoePlan &plan) {
  plan.score =
      fields.word<RouteScore>("score",
                              {{"softmax", RouteScore::Softmax},
                               {"sigmoid", RouteScore::Sigmoid},
                               {"successive", RouteScore::Successive},
                               {"sqrt_softplus", RouteScore::SqrtSoftplus}},
                              RouteScore::Softmax);
  if (std::optional<SpecValue> within = fields.value("within");
      within && !within->isNone())
    plan.within = fields.number("within");
  if (plan.within && !(*plan.within >= 0))
    fields.fail("within", "within must not be negative");
  plan.normalize = fields.flag("normalize", false);
  plan.factor = fields.number("factor", 1);
  plan.groups = fields.integer("groups", 1, 1);
  plan.keep = fields.integer("keep", 1, plan.groups);
  plan.groupScore = fields.word<GroupScore>(
      "group_score",
      {{"best", GroupScore::Best}, {"best_two", GroupScore::BestTwo}},
      GroupScore::Best);
  plan.byLogits = fields.word<bool>(
      "choose_by", {{"scores", false}, {"logits", true}}, false);
  plan.softCap = readBound(fields, "soft_cap");
}

void Planner::checkRoute(Fields &fields, const MoePlan &plan) {
  int64_t choices = plan.experts + plan.identities;
  if (plan.topK > choices || choices % plan.groups || plan.keep > plan.groups)
    fields.fail("experts", "top_k must be at most experts, groups must divide "
                           "experts, keep must be at most groups");
  else if (int64_t left = plan.keep * (choices / plan.groups); plan.topK > left)
    fields.fail("top_k", "top_k (" + llvm::Twine(plan.topK) +
                             ") must be at most the " + llvm::Twine(left) +
                             " experts of the groups that are kept");
}

/// What logits are made from, and what else choices have.
void Planner::planRouter(Fields &fields, MoePlan &plan, Owner &owner,
                         Presence bias, TowerPlan &tower) {
  int64_t choices = plan.experts + plan.identities;
  if (const YamlNode *node = fields.get("router")) {
    Fields router(*node, "router", owner.scope, diagnostics, owner.log);
    plan.routerReads = readName(router, "reads", tower, tower.hidden);
    plan.routerNorm = readOptionalNorm(router, "norm", tower.norm);
    if (plan.routerNorm)
      useNorm(*plan.routerNorm, "router.norm", tower.hidden, owner);
    router.finish();
  }
  use(owner, "router", {choices, tower.hidden}, WeightRole::Matrix);
  use(owner, "router.bias", {choices}, WeightRole::Bias, bias);
  use(owner, "router.correction", {choices}, WeightRole::Bias,
      readPresence(fields, "correction"));
  use(owner, "router.gain", {choices}, WeightRole::Gain,
      readPresence(fields, "gain"));
}

/// The expert for all tokens: as the others are, where nothing else is said.
void Planner::planShared(Fields &fields, MoePlan &plan, Owner &owner,
                         Presence bias, const TowerPlan &tower) {
  int64_t width = fields.integer("shared_width", 0, 0);
  FfnPlan shared = plan.expert;
  if (const YamlNode *node = fields.get("shared")) {
    Fields own(*node, "shared", owner.scope, diagnostics, owner.log);
    if (own.has("activation"))
      shared.activation = readActivation(own);
    shared.gated = own.flag("gated", shared.gated);
    readShape(own, shared);
    own.finish();
  }
  plan.sharedGate = fields.flag("shared_gate", false);
  if (!width)
    return;
  plan.shared = shared;
  auto linear = [&](const std::string &name, int64_t rows, int64_t columns) {
    use(owner, name, {rows, columns}, WeightRole::Matrix);
    use(owner, name + ".bias", {rows}, WeightRole::Bias, bias);
  };
  if (shared.gated)
    linear("shared.gate", width, tower.hidden);
  linear("shared.up", width, tower.hidden);
  linear("shared.down", tower.hidden, width);
  if (plan.sharedGate)
    use(owner, "shared.router", {1, tower.hidden}, WeightRole::Matrix);
}

void Planner::planMoe(const YamlNode &node, MoePlan &plan, Owner owner,
                      TowerPlan &tower) {
  Fields fields(node, "moe", owner.scope, diagnostics, owner.log);
  plan.experts = fields.integer("experts", 1);
  plan.identities = fields.integer("identities", 0, 0);
  plan.topK = fields.integer("top_k", 1);
  int64_t width = fields.integer("width", 1);
  plan.expert.activation = readActivation(fields);
  plan.expert.gated = fields.flag("gated", true);
  readShape(fields, plan.expert);
  plan.weighInput = fields.flag("weigh_input", false);
  planRoute(fields, plan);
  checkRoute(fields, plan);

  std::map<std::string, Presence> bias =
      readBias(fields, {"router", "gate", "up", "down", "shared"});
  planRouter(fields, plan, owner, bias["router"], tower);
  auto linear = [&](const std::string &name, int64_t rows, int64_t columns) {
    use(owner, name, {plan.experts, rows, columns}, WeightRole::Matrix);
    use(owner, name + ".bias", {plan.experts, rows}, WeightRole::Bias,
        bias[name]);
  };
  if (plan.expert.gated)
    linear("gate", width, tower.hidden);
  linear("up", width, tower.hidden);
  linear("down", tower.hidden, width);
  planShared(fields, plan, owner, bias["shared"], tower);
  fields.finish();
}
