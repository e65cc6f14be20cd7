//===- PlannerAttention.cpp - Evaluates what attention is -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Heads, positions, masks and biases: from keys of a spec to tables and
// numbers.
//
//===----------------------------------------------------------------------===//

#include "spec/Planner.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <cstring>

using namespace sinter;

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

void Planner::planAttention(const YamlNode &node, AttentionPlan &plan,
                            Owner owner, TowerPlan &tower) {
  Fields fields(node, plan.cross ? "cross_attention" : "attention", owner.scope,
                diagnostics, owner.log);
  plan.heads = fields.integer("heads", 1);
  plan.kvHeads = fields.integer("kv_heads", 1, plan.heads);
  plan.valueHeads = fields.integer("value_heads", 1, plan.kvHeads);
  plan.dim = fields.integer("head_dim", 1);
  plan.valueDim = fields.integer("value_dim", 1, plan.dim);
  if (plan.heads % plan.kvHeads)
    fields.fail("kv_heads", "kv_heads (" + llvm::Twine(plan.kvHeads) +
                                ") must divide heads (" +
                                llvm::Twine(plan.heads) + ")");
  if (plan.kvHeads % plan.valueHeads)
    fields.fail("value_heads", "value_heads (" + llvm::Twine(plan.valueHeads) +
                                   ") must divide kv_heads (" +
                                   llvm::Twine(plan.kvHeads) + ")");
  planDifference(fields, plan);
  plan.scale = fields.number("scale", 1 / std::sqrt(double(plan.dim)));
  enum class Seen { Causal, Full, Prefix };
  Seen seen = fields.word<Seen>("mask",
                                {{"causal", Seen::Causal},
                                 {"full", Seen::Full},
                                 {"prefix", Seen::Prefix}},
                                plan.cross ? std::optional<Seen>(Seen::Full)
                                           : std::nullopt);
  plan.mask = seen == Seen::Full ? Mask::Full : Mask::Causal;
  plan.prefix = seen == Seen::Prefix;
  if (plan.cross && seen != Seen::Full)
    fields.fail("mask", "cross attention sees all of the encoder");
  if (!plan.cross && tower.cached && seen == Seen::Full)
    fields.fail("mask", "a tower that reads tokens in pieces cannot see those "
                        "to come; only encoders have the full mask");
  if (!plan.cross)
    planReach(fields, node, plan, owner);
  plan.softCap = readBound(fields, "soft_cap");
  if (const YamlNode *clip = fields.get("clip"); clip && clip->isMap()) {
    Fields each(*clip, "clip", owner.scope, diagnostics, owner.log);
    plan.clip = readBound(each, "at", std::nullopt);
    plan.clipAfterNorm = each.flag("after_norm", false);
    each.finish();
  } else {
    plan.clip = readBound(fields, "clip");
  }
  if (const YamlNode *gate = fields.get("gate"); gate && gate->isMap()) {
    Fields each(*gate, "gate", owner.scope, diagnostics, owner.log);
    if (each.flag("when", true))
      plan.gate = readActivation(each);
    else
      each.get("activation");
    each.finish();
  } else if (fields.flag("gate", false)) {
    plan.gate = UnaryKind::Sigmoid;
  }
  if (owner.log)
    *owner.log += plan.keysOf ? "keys of another;" : "";
  if (const YamlNode *latent = fields.get("latent");
      latent && !latent->isNull())
    planLatent(*latent, plan, owner, tower);
  planLinears(fields, plan, owner, tower);
  use(owner, "sinks", {plan.heads}, WeightRole::Bias,
      readPresence(fields, "sinks"));
  if (tower.prompt.states && tower.prompt.tokens && !plan.cross) {
    use(owner, "prompt_k", {tower.prompt.tokens, plan.kvHeads * plan.dim},
        WeightRole::Table);
    use(owner, "prompt_v",
        {tower.prompt.tokens, plan.valueHeads * plan.valueDim},
        WeightRole::Table);
  }
  planHeadNorm(fields, plan, owner, tower);
  if (const YamlNode *values = plan.cross ? nullptr : fields.get("values"))
    planValues(*values, plan, owner, tower);
  if (!plan.cross)
    planPositions(fields, plan, owner, tower);
  if (plan.keysOf)
    checkKeysOf(fields, plan, owner, tower);
  fields.finish();
}

/// Which tokens are seen, and whose keys. The encoder is there as a whole, and
/// its keys are each layer's own: cross attention has no such keys.
void Planner::planReach(Fields &fields, const YamlNode &node,
                        AttentionPlan &plan, Owner &owner) {
  // Layers of one form may differ in their window.
  Fields unlogged(node, "attention", owner.scope, diagnostics);
  plan.window = unlogged.integer("window", 0, 0);
  fields.get("window");
  plan.chunk = fields.integer("chunk", 0, 0);
  plan.memory = fields.integer("memory", 0, 0);
  if (const YamlNode *other = fields.get("keys_of");
      other && !other->isNull()) {
    std::optional<SpecValue> layer = unlogged.value("keys_of");
    if (layer && !layer->isNone())
      plan.keysOf = unlogged.integer("keys_of", 0);
  }
}

/// Which results are subtracted from which.
void Planner::planDifference(Fields &fields, AttentionPlan &plan) {
  using Difference = AttentionPlan::Difference;
  plan.difference =
      fields.word<Difference>("difference",
                              {{"none", Difference::None},
                               {"halves", Difference::Halves},
                               {"neighbours", Difference::Neighbours}},
                              Difference::None);
  int64_t together = plan.heads / plan.valueHeads;
  if (plan.difference != Difference::None && together % 2)
    fields.fail("difference", "the " + llvm::Twine(together) +
                                  " heads that read one head of values are "
                                  "not pairs");
}

/// The linears that make queries, keys and values, and the output's.
void Planner::planLinears(Fields &fields, AttentionPlan &plan, Owner &owner,
                          const TowerPlan &tower) {
  std::map<std::string, Presence> bias =
      readBias(fields, {"q", "k", "v", "o", "q_down", "kv_down", "gate"});
  int64_t out = plan.resultHeads() * plan.valueDim;
  int64_t from = plan.cross ? source->hidden : tower.hidden;
  auto linear = [&](const std::string &name, int64_t rows, int64_t columns,
                    const char *biasName = nullptr) {
    use(owner, name, {rows, columns}, WeightRole::Matrix);
    use(owner, name + ".bias", {rows}, WeightRole::Bias,
        bias[biasName ? biasName : name]);
  };
  LatentPlan latent = plan.latent.value_or(LatentPlan());
  auto bottleneck = [&](const std::string &name, int64_t width,
                        int64_t columns) {
    if (!width)
      return columns;
    linear(name, width, columns);
    if (latent.normed)
      useNorm(latent.norm, name + "_norm", width, owner);
    return width;
  };
  linear("q", plan.heads * plan.dim,
         bottleneck("q_down", latent.queries, tower.hidden));
  if (!plan.keysOf) {
    int64_t columns = bottleneck("kv_down", latent.keys, from);
    linear("k", plan.kvHeads * (plan.dim - latent.shared), columns);
    linear("v", plan.valueHeads * plan.valueDim, columns);
    if (latent.shared)
      linear("k_shared", latent.shared, from, "kv_down");
  }
  linear("o", tower.hidden, out);
  if (plan.difference != AttentionPlan::Difference::None)
    use(owner, "lambda", {out}, WeightRole::Gain);
  if (plan.gate)
    linear("gate", out, tower.hidden);
}

void Planner::planLatent(const YamlNode &node, AttentionPlan &plan,
                         Owner &owner, const TowerPlan &tower) {
  Fields fields(node, "latent", owner.scope, diagnostics, owner.log);
  LatentPlan latent;
  latent.queries = fields.integer("queries", 0, 0);
  latent.keys = fields.integer("keys", 0, 0);
  latent.shared = fields.integer("shared", 0, 0);
  std::optional<NormPlan> norm = readOptionalNorm(fields, "norm", tower.norm);
  latent.normed = norm.has_value();
  latent.norm = norm.value_or(tower.norm);
  if (latent.shared >= plan.dim)
    fields.fail("shared", "the features of a key that heads share (" +
                              llvm::Twine(latent.shared) +
                              ") must be fewer than those of a head (" +
                              llvm::Twine(plan.dim) + ")");
  fields.finish();
  plan.latent = latent;
}

static const std::array<Word<HeadsNormPlan::Over>, 3> headsNormWords = {
    {{"none", HeadsNormPlan::Over::None},
     {"head", HeadsNormPlan::Over::Head},
     {"all", HeadsNormPlan::Over::All}}};

void Planner::planHeadNorm(Fields &fields, AttentionPlan &plan, Owner &owner,
                           const TowerPlan &tower) {
  using Over = HeadsNormPlan::Over;
  const YamlNode *node = fields.get("qk_norm");
  plan.qkNorm.norm = tower.norm;
  if (node && node->isMap()) {
    Fields norm(*node, "qk_norm", owner.scope, diagnostics, owner.log);
    plan.normAfterRope = norm.flag("after_rope", false);
    plan.valueNorm = norm.flag("values", false);
    plan.qkNorm = readHeadsNorm(norm, tower.norm, std::nullopt);
    norm.finish();
  } else if (node) {
    plan.qkNorm.over = fields.word<Over>("qk_norm", headsNormWords, Over::None);
  }
  useHeadNorms(plan.qkNorm, "q_norm", plan.heads, plan.dim, owner);
  if (!plan.keysOf)
    useHeadNorms(plan.qkNorm, "k_norm", plan.kvHeads, plan.dim, owner);
  // Of the results: over all heads' unless another is said.
  node = fields.get("inner_norm");
  if (node && node->isMap()) {
    Fields norm(*node, "inner_norm", owner.scope, diagnostics, owner.log);
    plan.innerNorm = readHeadsNorm(norm, tower.norm, Over::All);
    norm.finish();
  } else if (fields.flag("inner_norm", false)) {
    plan.innerNorm = {Over::All, false, tower.norm};
  }
  useHeadNorms(plan.innerNorm, "inner_norm", plan.resultHeads(), plan.valueDim,
               owner);
}

HeadsNormPlan Planner::readHeadsNorm(Fields &fields, const NormPlan &otherwise,
                                     std::optional<HeadsNormPlan::Over> usual) {
  HeadsNormPlan plan;
  plan.over = fields.word<HeadsNormPlan::Over>("over", headsNormWords, usual);
  plan.ownWeights = fields.flag("own_weights", false);
  plan.norm = readNorm(fields, &otherwise);
  return plan;
}

void Planner::useHeadNorms(const HeadsNormPlan &plan, const std::string &name,
                           int64_t heads, int64_t dim, Owner &owner) {
  using Over = HeadsNormPlan::Over;
  if (plan.over == Over::None)
    return;
  if (!plan.ownWeights)
    return useNorm(plan.norm, name, plan.over == Over::Head ? dim : heads * dim,
                   owner);
  if (plan.norm.kind == NormPlan::Kind::Tanh)
    use(owner, name + ".alpha", {heads, dim}, WeightRole::Gain, Presence::Yes,
        /*flat=*/true);
  use(owner, name, {heads, dim}, WeightRole::Gain, Presence::Yes,
      /*flat=*/true);
  use(owner, name + ".bias", {heads, dim}, WeightRole::Bias, Presence::AsStored,
      /*flat=*/true);
}

/// Slopes of heads: 2^(-reach h/n) for a power of two, the sequences of the
/// powers around it otherwise (Press et al. 2022; there reach is 8).
static std::vector<float> alibiSlopes(int64_t heads, double reach) {
  auto sequence = [&](int64_t n, int64_t count, int64_t step) {
    std::vector<float> out;
    double base = std::pow(2.0, -reach / double(n));
    for (int64_t h = 0; h < count; ++h)
      out.push_back(float(std::pow(base, double(1 + h * step))));
    return out;
  };
  int64_t power = 1;
  while (power * 2 <= heads)
    power *= 2;
  std::vector<float> slopes = sequence(power, power, 1);
  std::vector<float> more = sequence(2 * power, heads - power, 2);
  slopes.insert(slopes.end(), more.begin(), more.end());
  return slopes;
}

void Planner::planAlibi(const YamlNode &node, AttentionPlan &plan,
                        Owner &owner) {
  Fields fields(node, "alibi", owner.scope, diagnostics, owner.log);
  bool when = fields.flag("when", true);
  double reach = fields.number("reach", 8);
  double scale = fields.number("scale", 1);
  std::optional<SpecValue> said = fields.value("slopes", {"learned"});
  bool learned = said && *said == SpecValue("learned");
  std::vector<double> slopes;
  if (!learned)
    slopes = fields.numbers("slopes");
  fields.finish();
  if (!when)
    return;
  plan.alibi = true;
  plan.alibiScale = scale;
  if (learned) {
    use(owner, "slopes", {plan.heads}, WeightRole::Gain);
    return;
  }
  if (!slopes.empty() && int64_t(slopes.size()) != plan.heads)
    fields.fail("slopes", "alibi needs " + llvm::Twine(plan.heads) +
                              " slopes, one for each head");
  plan.slopes = slopes.empty()
                    ? alibiSlopes(plan.heads, reach)
                    : std::vector<float>(slopes.begin(), slopes.end());
  for (float &slope : plan.slopes)
    slope = float(double(slope) * scale);
}

/// The `when` of a mapping in an attention.
bool Planner::isUsed(const YamlNode &node, Owner &owner) {
  if (!node.find("when"))
    return true;
  Fields fields(node, "a part of attention", owner.scope, diagnostics,
                owner.log);
  return fields.flag("when", true);
}

void Planner::planPositions(Fields &fields, AttentionPlan &plan, Owner &owner,
                            TowerPlan &tower) {
  const YamlNode *alibi = fields.get("alibi");
  const YamlNode usual;
  if (alibi && alibi->isMap())
    planAlibi(*alibi, plan, owner);
  else if (fields.flag("alibi", false))
    planAlibi(usual, plan, owner);
  const YamlNode *buckets = fields.get("buckets");
  if (buckets && isUsed(*buckets, owner))
    planBuckets(*buckets, plan, owner, tower);
  const YamlNode *relative = fields.get("relative");
  if (relative && isUsed(*relative, owner))
    planRelative(*relative, plan, owner, tower);
  if (const YamlNode *factors = fields.get("query_factors"))
    planFactors(*factors, plan, owner, tower);
  const YamlNode *node = fields.get("rope");
  if (!node || node->isNull())
    return;
  if (!node->isList())
    return planRope(*node, plan, owner, tower);
  for (const YamlNode &each : node->items)
    planRope(each, plan, owner, tower);
}

/// Numbers of pairs that the checkpoint stores as a tensor, if any.
std::vector<float> Planner::storedOfPairs(const YamlNode &node,
                                          const char *rule, int64_t pairs,
                                          Owner &owner) {
  std::vector<float> factors;
  if (!rules.isStored(rule, owner.layer, owner.scope).value_or(false))
    return factors;
  std::optional<Recipe> recipe = rules.resolve(
      {rule, owner.layer, {pairs}, WeightRole::Bias, node.loc}, owner.scope);
  if (!recipe)
    return factors;
  llvm::Expected<WeightData> data = cook(*recipe);
  if (!data) {
    diagnostics.error(node.loc, llvm::toString(data.takeError()));
    return factors;
  }
  factors.resize(data->bytes().size() / sizeof(float));
  std::memcpy(factors.data(), data->bytes().data(),
              factors.size() * sizeof(float));
  return factors;
}

/// The index of `value` in `list`, to which it is added if it is new.
template <typename T, typename Same>
static size_t indexOf(std::vector<T> &list, T value, Same same) {
  auto it = llvm::find_if(list, same);
  size_t at = it - list.begin();
  if (it == list.end())
    list.push_back(std::move(value));
  return at;
}

/// Factors are 1 in the middle of the context: they are far from it at neither
/// end, as caches have keys with them.
void Planner::placeDecay(Fields &fields, RopePlan &rope) {
  if (rope.growth.empty())
    return;
  rope.origin = context / 2;
  // e^80 is a number of f32, and so is what it is multiplied by.
  double most =
      std::abs(double(rope.growth[0])) * double(context - rope.origin);
  if (most > 80)
    fields.fail("decay", "over a context of " + llvm::Twine(context) +
                             " tokens this decay leaves the range of f32");
}

void Planner::planRope(const YamlNode &node, AttentionPlan &plan, Owner &owner,
                       TowerPlan &tower) {
  Fields top(node, "rope", owner.scope, diagnostics);
  if (!top.flag("when", true))
    return;
  RopePlan rope = readRope(
      node, plan.dim, storedOfPairs(node, "rope.factors", plan.dim / 2, owner),
      storedOfPairs(node, "rope.long_factors", plan.dim / 2, owner),
      owner.scope, diagnostics);
  std::vector<float> stored =
      storedOfPairs(node, "rope.frequencies", rope.dims / 2, owner);
  if (!stored.empty()) {
    rope.frequencies = std::move(stored);
    rope.longFrequencies.clear();
    rope.ntk = RopePlan::Ntk::None;
  }
  placeDecay(top, rope);
  auto same = [&](const RopePlan &other) {
    return other.frequencies == rope.frequencies && other.scale == rope.scale &&
           other.growth == rope.growth &&
           other.longFrequencies == rope.longFrequencies &&
           other.ntk == rope.ntk && other.theta == rope.theta &&
           other.factor == rope.factor && other.trained == rope.trained &&
           other.ofPrompt == rope.ofPrompt && other.dims == rope.dims &&
           other.offset == rope.offset && other.neighbours == rope.neighbours &&
           other.input == rope.input;
  };
  plan.ropes.push_back(indexOf(tower.ropes, rope, same));
  *owner.log += "rope " + std::to_string(plan.ropes.back()) + ";";
  for (float &growth : rope.growth)
    growth = -growth;
  plan.keyRopes.push_back(indexOf(tower.ropes, rope, same));
}

void Planner::planFactors(const YamlNode &node, AttentionPlan &plan,
                          Owner &owner, TowerPlan &tower) {
  Fields fields(node, "query_factors", owner.scope, diagnostics, owner.log);
  if (!fields.flag("when", true))
    return;
  FactorsPlan factors;
  factors.kind =
      fields.word<FactorKind>("kind", {{"log_ratio", FactorKind::LogRatio},
                                       {"log_floor", FactorKind::LogFloor}});
  factors.length = fields.integer("length", 2);
  factors.gain = fields.number("gain", 1);
  factors.first = fields.integer("first", 0, 1);
  fields.finish();
  plan.factors = indexOf(tower.factors, factors, [&](const FactorsPlan &other) {
    return other.kind == factors.kind && other.length == factors.length &&
           other.gain == factors.gain && other.first == factors.first;
  });
}
