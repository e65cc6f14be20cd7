//===- PlannerValues.cpp - Values with names, and how two are mixed -------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Steps and attention may remember what they compute under a name, for steps
// after them in this layer and in others. What other layers read is carried
// from layer to layer; a name that one layer alone has costs nothing.
//
//===----------------------------------------------------------------------===//

#include "spec/Planner.h"

#include "llvm/ADT/STLExtras.h"

using namespace sinter;

/// What tokens embed to, as the first layer reads it: remembered by itself.
static constexpr llvm::StringLiteral embedded = "embedded";

/// The name under a key, or an empty one. Names in its expression that are
/// bound nowhere are such names.
std::string Planner::readNewName(Fields &fields, llvm::StringRef key) {
  const YamlNode *node = fields.get(key);
  if (!node || node->isNull())
    return "";
  std::optional<Expr> expr = parseExpression(*node, diagnostics);
  if (!expr)
    return "";
  std::vector<llvm::StringRef> used, bound, words;
  expr->listNames(used);
  fields.names().listNames(bound);
  for (llvm::StringRef name : used)
    if (!llvm::is_contained(bound, name))
      words.push_back(name);
  std::optional<SpecValue> value = fields.value(key, words);
  if (!value || value->isNone())
    return "";
  const std::string *name = value->asString();
  if (name && isName(*name) && *name != embedded)
    return *name;
  fields.fail(key, key +
                       " must be a name of letters, digits and _ that is not "
                       "\"embedded\", found " +
                       value->print());
  return "";
}

/// From here on, `name` is a value of so many features.
void Planner::remember(Fields &fields, llvm::StringRef key,
                       const std::string &name, int64_t width,
                       TowerPlan &tower) {
  if (name.empty())
    return;
  rememberedHere.insert(name);
  auto it = llvm::find_if(tower.remembered, [&](const RememberedPlan &other) {
    return other.name == name;
  });
  if (it == tower.remembered.end())
    tower.remembered.push_back({name, width});
  else if (it->width != width)
    fields.fail(key, "\"" + name + "\" has " + llvm::Twine(it->width) +
                         " features elsewhere, here " + llvm::Twine(width));
}

/// The width of a value that a step before, of this layer or another, has
/// remembered; from here on it is read.
int64_t Planner::recall(const std::string &name, TowerPlan &tower) {
  recalledNow.insert(name);
  if (name == embedded) {
    tower.readsEmbedded = true;
    return tower.hidden;
  }
  RememberedPlan &value =
      *llvm::find_if(tower.remembered, [&](const RememberedPlan &other) {
        return other.name == name;
      });
  value.carried |= !rememberedHere.count(name);
  return value.width;
}

/// The remembered value under a key, or more of one width; none: no name.
RecallPlan Planner::readRecall(Fields &fields, llvm::StringRef key,
                               TowerPlan &tower, bool many) {
  RecallPlan plan;
  plan.width = tower.hidden;
  std::vector<llvm::StringRef> words = {embedded};
  for (const RememberedPlan &other : tower.remembered)
    words.push_back(other.name);
  std::optional<SpecValue> value = fields.value(key, words);
  if (!value || value->isNone())
    return plan;
  const SpecValue::List *list = many ? value->asList() : nullptr;
  for (const SpecValue &item : list ? *list : SpecValue::List{*value}) {
    const std::string *name = item.asString();
    if (!name || !llvm::is_contained(words, *name)) {
      fields.fail(key, key + " must be a value that a step before remembers: " +
                           listed(words) + ", found " + value->print());
      return plan;
    }
    int64_t width = recall(*name, tower);
    if (!plan.values.empty() && width != plan.width)
      fields.fail(key, "values of " + llvm::Twine(plan.width) + " and " +
                           llvm::Twine(width) + " features cannot be added");
    plan.width = width;
    plan.values.push_back(*name);
  }
  return plan;
}

std::string Planner::readName(Fields &fields, llvm::StringRef key,
                              TowerPlan &tower, int64_t width) {
  RecallPlan plan = readRecall(fields, key, tower, /*many=*/false);
  if (plan.values.empty())
    return "";
  if (plan.width != width)
    fields.fail(key, "\"" + plan.values[0] + "\" has " +
                         llvm::Twine(plan.width) + " features, here " +
                         llvm::Twine(width) + " are read");
  return plan.values[0];
}

/// How two values of `width` features are mixed. A gate reads the features of a
/// token, `hidden` of them.
MixPlan Planner::readMix(Fields &fields, const std::string &prefix,
                         int64_t width, int64_t hidden, Owner &owner) {
  MixPlan plan;
  plan.carry = fields.number("weight", 1);
  plan.branch = fields.number("branch", 1);
  plan.branchGain = fields.flag("gain", false);
  plan.carryGain = fields.flag("carry_gain", false);
  plan.branchBias = fields.flag("bias", false);
  plan.carryBias = fields.flag("carry_bias", false);
  plan.blend = fields.flag("blend", false);
  Presence bias = Presence::No;
  if (const YamlNode *gate = fields.get("gate"); gate && gate->isMap()) {
    Fields each(*gate, "gate", owner.scope, diagnostics, owner.log);
    UnaryKind kind =
        each.has("activation") ? readActivation(each) : UnaryKind::Sigmoid;
    bias = readPresence(each, "bias");
    if (each.flag("when", true))
      plan.gate = kind;
    each.finish();
  } else if (fields.flag("gate", false)) {
    plan.gate = UnaryKind::Sigmoid;
  }
  if (plan.carryGain)
    use(owner, prefix + "carry_gain", {width}, WeightRole::Gain);
  if (plan.branchGain)
    use(owner, prefix + "branch_gain", {width}, WeightRole::Gain);
  if (plan.carryBias)
    use(owner, prefix + "carry_bias", {width}, WeightRole::Bias);
  if (plan.branchBias)
    use(owner, prefix + "branch_bias", {width}, WeightRole::Bias);
  if (plan.gate) {
    use(owner, prefix + "branch_gate", {width, hidden}, WeightRole::Matrix);
    use(owner, prefix + "branch_gate.bias", {width}, WeightRole::Bias, bias);
  }
  return plan;
}

void Planner::planValues(const YamlNode &node, AttentionPlan &plan,
                         Owner &owner, TowerPlan &tower) {
  Fields fields(node, "values", owner.scope, diagnostics, owner.log);
  if (!fields.flag("when", true))
    return;
  int64_t width = plan.valueHeads * plan.valueDim;
  plan.values.recall = readName(fields, "recall", tower, width);
  plan.values.remember = readNewName(fields, "remember");
  if (plan.values.recall.empty())
    for (const char *key : {"weight", "branch", "gain", "carry_gain", "bias",
                            "carry_bias", "blend", "gate"})
      fields.get(key);
  else
    plan.values.mix = readMix(fields, "values.", width, tower.hidden, owner);
  remember(fields, "remember", plan.values.remember, width, tower);
  if (plan.keysOf &&
      !(plan.values.recall.empty() && plan.values.remember.empty()))
    fields.fail("recall", "an attention that reads another layer's values has "
                          "none of its own to remember or to mix");
  fields.finish();
}
