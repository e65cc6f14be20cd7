//===- PlannerStreams.cpp - Several streams in place of x -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Hyper-connections: layers carry n streams, of which a step reads a weighted
// sum and to which it adds what its parts give, with weights again.
//
//===----------------------------------------------------------------------===//

#include "spec/Planner.h"

using namespace sinter;

/// Numbers under a key of `streams`; each learned part is a weight.
StreamWeightsPlan Planner::readStreamWeights(Fields &fields,
                                             llvm::StringRef key,
                                             StreamWeightsPlan plan,
                                             TowerPlan &tower, Owner &owner) {
  const YamlNode *node = fields.get(key);
  if (!node)
    return plan;
  Fields each(*node, key, owner.scope, diagnostics, owner.log);
  plan.linear = each.flag("linear", false);
  plan.gain = each.flag("gain", false);
  plan.bias = each.flag("bias", false);
  if (each.has("activation"))
    plan.activation = readActivation(each);
  plan.times = each.number("times", 1);
  plan.plus = each.number("plus", 0);
  each.finish();
  std::string name = "streams." + key.str();
  if (plan.linear)
    use(owner, name, {plan.count, tower.streams * tower.hidden},
        WeightRole::Matrix);
  if (plan.gain)
    use(owner, name + ".gain", {plan.count}, WeightRole::Gain);
  if (plan.bias)
    use(owner, name + ".bias", {plan.count}, WeightRole::Bias);
  return plan;
}

/// How many streams there are, and what follows the last layer.
void Planner::planStreams(Fields &stack, TowerPlan &tower) {
  const YamlNode *node = stack.get("streams");
  if (!node)
    return;
  Fields fields(*node, "streams", bindings, diagnostics);
  tower.streams = fields.integer("count", 1);
  Owner owner{tower.prefix, -1, bindings, nullptr, &tower.uses, node->loc};
  StreamWeightsPlan mean{tower.streams};
  mean.plus = 1 / double(tower.streams);
  tower.lastRead = mean;
  if (tower.streams > 1)
    tower.lastRead = readStreamWeights(fields, "read", mean, tower, owner);
  else
    fields.get("read");
  fields.finish();
}

void Planner::planStreams(Fields &fields, StepPlan &step, TowerPlan &tower,
                          Owner &owner) {
  const YamlNode *node = fields.get("streams");
  int64_t count = tower.streams;
  if (count == 1)
    return;
  StreamWeightsPlan mean{count}, one{count}, keep{count * count};
  mean.plus = 1 / double(count);
  one.plus = 1;
  step.streams.read = mean;
  step.streams.write = one;
  if (node) {
    Fields each(*node, "streams", owner.scope, diagnostics, owner.log);
    step.streams.read = readStreamWeights(each, "read", mean, tower, owner);
    step.streams.write = readStreamWeights(each, "write", one, tower, owner);
    if (each.has("keep"))
      step.streams.keep = readStreamWeights(each, "keep", keep, tower, owner);
    each.finish();
  }
  const MixPlan &mix = step.mix;
  if (step.joins == StepPlan::Joins::End || step.normAfter || !step.residual ||
      step.residualOfNormed || !step.residualOf.empty() || step.outputGain ||
      mix.carry != 1 || mix.carryGain || mix.carryBias || mix.blend)
    fields.fail("streams", "streams are kept and written as \"streams\" says; "
                           "of norms, joins and residual there is what "
                           "concerns the parts alone");
}
