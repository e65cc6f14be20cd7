//===- BuilderValues.cpp - Values with names, and how two are mixed -------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/FormBuilder.h"

using namespace mlir;
using namespace sinter;

static std::string rememberedName(const std::string &name) {
  return "remembered." + name;
}

std::vector<NamedType> sinter::rememberedInputs(const TowerPlan &tower,
                                                const BuildOptions &options) {
  MLIRContext *context = options.cacheElement.getContext();
  OpEmitter e((OpBuilder(context)), UnknownLoc::get(context));
  std::vector<NamedType> inputs;
  for (const RememberedPlan &value : tower.remembered)
    if (value.carried)
      inputs.push_back(
          {rememberedName(value.name), e.activation({value.width})});
  return inputs;
}

Value FormBuilder::valueCalled(const std::string &name) {
  return named.at(name == "embedded" ? name : rememberedName(name));
}

Value FormBuilder::recalled(const RecallPlan &plan) {
  Value sum;
  for (const std::string &name : plan.values)
    sum = sum ? e.add(sum, valueCalled(name)) : valueCalled(name);
  return sum;
}

void FormBuilder::rememberValue(const std::string &name, Value value) {
  if (!name.empty())
    named[rememberedName(name)] = value;
}

/// The branch of a mix, with its factors; `x` is what it is blended with.
Value FormBuilder::weighBranch(const MixPlan &plan, const Uses &uses,
                               const std::string &prefix, Value x, Value branch,
                               Value gateInput) {
  if (plan.blend)
    branch = SubOp::create(e.builder, e.loc, branch.getType(), branch, x);
  if (plan.branchBias)
    branch = e.add(branch, e.weight(uses, prefix + "branch_bias", layer));
  branch = e.scale(branch, plan.branch);
  if (plan.branchGain)
    branch = e.mul(branch, e.weight(uses, prefix + "branch_gain", layer));
  if (plan.gate) {
    Value gate = e.linear(gateInput, uses, prefix + "branch_gate", layer);
    gate = UnaryOp::create(e.builder, e.loc, gate.getType(), *plan.gate, gate);
    branch = e.mul(branch, gate);
  }
  return branch;
}

Value FormBuilder::mix(const MixPlan &plan, const Uses &uses,
                       const std::string &prefix, Value x, Value branch,
                       Value gateInput) {
  branch = weighBranch(plan, uses, prefix, x, branch, gateInput);
  if (plan.carryBias)
    x = e.add(x, e.weight(uses, prefix + "carry_bias", layer));
  x = e.scale(x, plan.carry);
  if (plan.carryGain)
    x = e.mul(x, e.weight(uses, prefix + "carry_gain", layer));
  return e.add(x, branch);
}

/// Values of heads, remembered and mixed with what is recalled.
Value FormBuilder::mixValues(const PartPlan &part, const AttentionPlan &plan,
                             Value v, Value x) {
  const ValuesPlan &values = plan.values;
  if (values.remember.empty() && values.recall.empty())
    return v;
  at(part, "values");
  v = e.reshape(v, {plan.valueHeads * plan.valueDim});
  Value own = v;
  if (!values.recall.empty())
    v = mix(values.mix, part.uses, "values.", v, valueCalled(values.recall), x);
  rememberValue(values.remember, own);
  return e.reshape(v, {plan.valueHeads, plan.valueDim});
}
