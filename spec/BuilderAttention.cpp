//===- BuilderAttention.cpp - Builds the attention of a layer -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/FormBuilder.h"

#include "llvm/ADT/STLExtras.h"

#include <tuple>

using namespace mlir;
using namespace sinter;

static std::string cacheName(const AttentionPlan &plan,
                             const std::string &name) {
  return numbered(plan.cross ? "cross_" + name : name, plan.cache);
}

Value FormBuilder::layerScalar(
    const std::string &part, llvm::StringRef name,
    llvm::function_ref<int64_t(const AttentionPlan &)> get) {
  auto valueOf = [&](int64_t layer) {
    const AttentionPlan *plan = tower.layers[layer].attention(part);
    return plan ? get(*plan) : 0;
  };
  int64_t first = valueOf(form.layers[0]);
  if (llvm::all_of(form.layers,
                   [&](int64_t layer) { return valueOf(layer) == layer; }) &&
      name == "slot")
    return layer;
  if (llvm::all_of(form.layers,
                   [&](int64_t layer) { return valueOf(layer) == first; }))
    return e.index(first);
  std::string symbol = tower.prefix + "layer." + part + "." + name.str();
  OpBuilder &b = e.builder;
  if (!module.lookupSymbol(symbol)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    SmallVector<Attribute> values;
    for (size_t layer = 0; layer < tower.layers.size(); ++layer)
      values.push_back(b.getIndexAttr(valueOf(int64_t(layer))));
    LayerTableOp::create(b, e.loc, symbol, b.getArrayAttr(values),
                         b.getIndexType());
  }
  return LayerValueOp::create(b, e.loc, b.getIndexType(), symbol, layer);
}

/// A norm of (B, T, heads, dim).
Value FormBuilder::headNorm(const PartPlan &part, const HeadsNormPlan &plan,
                            Value x, const std::string &name, int64_t heads,
                            int64_t dim) {
  using Over = HeadsNormPlan::Over;
  if (plan.over == Over::None)
    return x;
  at(part, name);
  // What knows no mean treats each number alone.
  bool alone = plan.ownWeights && plan.norm.kind == NormPlan::Kind::Tanh;
  bool all = plan.over == Over::All || alone;
  if (all)
    x = e.reshape(x, {heads * dim});
  if (plan.ownWeights && !all) {
    x = e.norm(x, plan.norm, {}, name, layer);
    x = e.reshape(x, {heads * dim});
    Value scaled = e.mul(x, e.weight(part.uses, name, layer));
    x = plan.norm.plusOne ? e.add(x, scaled) : scaled;
    if (Value bias = e.weight(part.uses, name + ".bias", layer))
      x = e.add(x, bias);
    return e.reshape(x, {heads, dim});
  }
  x = e.norm(x, plan.norm, part.uses, name, layer);
  return all ? e.reshape(x, {heads, dim}) : x;
}

Value FormBuilder::rotate(const AttentionPlan &plan, Value x, bool isKey) {
  for (size_t at : isKey ? plan.keyRopes : plan.ropes) {
    const RopePlan &rope = tower.ropes[at];
    x = RopeOp::create(
        e.builder, e.loc, x.getType(), x, named["angles." + std::to_string(at)],
        rope.neighbours ? RopePairs::Neighbours : RopePairs::Halves,
        rope.offset);
  }
  return x;
}

/// Parts, of as many tokens as `like` has, side by side.
Value FormBuilder::concatTo(Value like, ValueRange parts,
                            llvm::ArrayRef<int64_t> features) {
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(like.getType()).getShape().take_front(2));
  llvm::append_range(shape, features);
  auto type = RankedTensorType::get(shape, e.builder.getF32Type());
  return ConcatOp::create(e.builder, e.loc, type, parts);
}

/// Keys, queries or values (`kind`: "k", "q", "v") of relative positions:
/// (1, rows, groups of heads, features).
Value FormBuilder::relative(const PartPlan &part, const AttentionPlan &plan,
                            const std::string &kind) {
  std::string own = "relative_" + kind;
  at(part, own);
  int64_t dim = kind == "v" ? plan.valueDim : plan.dim;
  if (plan.relativeOwn) {
    const WeightUse &use = part.uses.at(own);
    auto type = RankedTensorType::get({1, use.shape[0], use.shape[1]},
                                      e.builder.getF32Type());
    Value rows =
        EmbedOp::create(e.builder, e.loc, type, e.rowNumbers(0, use.shape[0]),
                        e.weight(part.uses, own, layer));
    return e.reshape(rows, {plan.relativeGroups, dim});
  }
  Value table = named["relative"];
  if (!plan.relativeShared)
    return e.reshape(e.linear(table, part.uses, own, layer), {plan.heads, dim});
  // As tokens' are made, few features and shared ones included.
  AttentionPlan maker = plan;
  Value mine = layer;
  if (kind != "q") {
    maker.latent = plan.keysLatent;
    if (plan.keysOf)
      layer = layerScalar(part.name, "keys_layer",
                          [](const AttentionPlan &p) { return p.keysLayer; });
  }
  Value few =
      bottleneck(part, maker, table, kind == "q" ? "q_down" : "kv_down");
  at(part, own);
  int64_t common = kind == "k" && maker.latent ? maker.latent->shared : 0;
  int64_t heads = kind == "k"   ? plan.kvHeads
                  : kind == "v" ? plan.valueHeads
                                : plan.heads;
  Value y =
      e.reshape(e.linear(few, part.uses, kind, layer), {heads, dim - common});
  if (common)
    y = withSharedFeatures(part, maker, y, table);
  layer = mine;
  return y;
}

/// What a linear of the part reads: x, or fewer features made of it.
Value FormBuilder::bottleneck(const PartPlan &part, const AttentionPlan &plan,
                              Value x, const char *name) {
  if (!part.uses.count(name))
    return x;
  at(part, name);
  x = e.linear(x, part.uses, name, layer);
  return plan.latent->normed ? e.norm(x, plan.latent->norm, part.uses,
                                      std::string(name) + "_norm", layer)
                             : x;
}

/// Keys whose last features are the same for all heads.
Value FormBuilder::withSharedFeatures(const PartPlan &part,
                                      const AttentionPlan &plan, Value k,
                                      Value x) {
  int64_t width = plan.latent->shared;
  at(part, "k_shared");
  Value one = e.linear(x, part.uses, "k_shared", layer);
  std::vector<Value> copies(plan.kvHeads, one);
  Value all = one;
  if (plan.kvHeads > 1)
    all = concatTo(x, copies, {plan.kvHeads * width});
  return concatTo(x, {k, e.reshape(all, {plan.kvHeads, width})},
                  {plan.kvHeads, plan.dim});
}

/// Queries ("q") or keys ("k") with norms, clipped and rotated.
Value FormBuilder::place(const PartPlan &part, const AttentionPlan &plan,
                         Value x, const std::string &name, int64_t heads) {
  std::string norm = name + "_norm";
  if (!plan.normAfterRope)
    x = headNorm(part, plan.qkNorm, x, norm, heads, plan.dim);
  if (plan.clipAfterNorm)
    x = clip(plan, x);
  at(part, name + "_rope");
  x = rotate(plan, x, norm[0] == 'k');
  if (plan.normAfterRope)
    x = headNorm(part, plan.qkNorm, x, norm, heads, plan.dim);
  return x;
}

/// Keys and values as queries see them.
std::pair<Value, Value> FormBuilder::keysAndValues(const PartPlan &part,
                                                   const AttentionPlan &plan,
                                                   Value x) {
  Value from = bottleneck(part, plan, x, "kv_down");
  int64_t shared = plan.latent ? plan.latent->shared : 0;
  Value k = project(part, plan, from, "k", plan.kvHeads, plan.dim - shared);
  if (shared)
    k = withSharedFeatures(part, plan, k, x);
  Value v = project(part, plan, from, "v", plan.valueHeads, plan.valueDim);
  v = mixValues(part, plan, v, x);
  k = place(part, plan, k, "k", plan.kvHeads);
  if (plan.valueNorm) {
    at(part, "v_norm");
    v = RmsNormOp::create(e.builder, e.loc, v.getType(), v, Value(),
                          e.f32(plan.qkNorm.norm.eps), UnitAttr());
  }
  return {k, v};
}

Value FormBuilder::clip(const AttentionPlan &plan, Value x) {
  if (plan.clip <= 0)
    return x;
  return ClampOp::create(e.builder, e.loc, x.getType(), x, e.f32(-plan.clip),
                         e.f32(plan.clip));
}

Value FormBuilder::project(const PartPlan &part, const AttentionPlan &plan,
                           Value x, const char *name, int64_t heads,
                           int64_t dim) {
  at(part, name);
  Value y = e.linear(x, part.uses, name, layer);
  if (!plan.clipAfterNorm || name[0] == 'v')
    y = clip(plan, y);
  return e.reshape(y, {heads, dim});
}

/// Appends to the caches of the part, which take the place of k and v.
void FormBuilder::remember(const PartPlan &part, const AttentionPlan &plan,
                           Value &k, Value &v) {
  at(part, "append");
  Value slot = layerScalar(part.name, "slot",
                           [](const AttentionPlan &p) { return p.slot; });
  auto append = [&](Value x, const std::string &name) -> Value {
    Value &cache = named[cacheName(plan, name)];
    cache = AppendOp::create(e.builder, e.loc, cache.getType(), x, cache, slot,
                             named["past"]);
    return cache;
  };
  k = append(k, "keys");
  v = append(v, "values");
}

Value FormBuilder::attend(const PartPlan &part, const AttentionPlan &plan,
                          Value q, Value k, Value v) {
  OpBuilder &b = e.builder;
  at(part, "context");
  Value slot, past, window;
  if (isa<CacheType>(k.getType()))
    slot = layerScalar(part.name, "slot",
                       [](const AttentionPlan &p) { return p.slot; });
  if (tower.cached && !plan.cross)
    past = named["past"];
  bool windowed = llvm::any_of(form.layers, [&](int64_t layer) {
    const AttentionPlan *other = tower.layers[layer].attention(part.name);
    return other && other->window > 0;
  });
  if (windowed)
    window = layerScalar(part.name, "window",
                         [](const AttentionPlan &p) { return p.window; });
  Value slopes;
  if (plan.alibi)
    slopes = plan.slopes.empty() ? e.scale(e.weight(part.uses, "slopes", layer),
                                           plan.alibiScale)
                                 : e.constant(plan.slopes);
  auto constant = [&](const std::vector<int32_t> &rows) {
    return rows.empty() ? Value() : e.constant(rows);
  };
  Value map = constant(plan.buckets), relativeMap = constant(plan.rows);
  if (!map)
    std::swap(map, relativeMap);
  auto relativeIf = [&](bool wanted, const char *kind) {
    return wanted ? relative(part, plan, kind) : Value();
  };
  Value relativeKeys = relativeIf(plan.relativeKeys, "k");
  Value relativeQueries = relativeIf(plan.relativeQueries, "q");
  Value relativeValues = relativeIf(plan.relativeValues, "v");
  Value relativeQuery;
  // Biases of their own for what is asked of keys and of distances.
  auto biased = [&](const char *name) -> Value {
    Value bias = e.weight(part.uses, name, layer);
    Value flat = e.reshape(q, {plan.heads * plan.dim});
    return e.reshape(e.add(flat, bias), {plan.heads, plan.dim});
  };
  if (part.uses.count("content_bias")) {
    at(part, "query_biases");
    relativeQuery = biased("relative_bias");
    q = biased("content_bias");
  }
  at(part, "context");
  Value sinks = e.weight(part.uses, "sinks", layer);
  Value bias = e.weight(part.uses, "buckets", layer);
  auto attention = AttentionOp::create(
      b, e.loc, e.activation({plan.heads, plan.valueDim}), q, k, v, slot, past,
      window, e.f32(plan.scale), MaskAttr::get(b.getContext(), plan.mask),
      e.f32(plan.softCap));
  if (plan.chunk)
    attention.setChunk(plan.chunk);
  auto set = [](MutableOperandRange operand, Value value) {
    if (value)
      operand.assign(value);
  };
  set(attention.getSlopesMutable(), slopes);
  set(attention.getSinksMutable(), sinks);
  set(attention.getMapMutable(), map);
  set(attention.getBiasMutable(), bias);
  set(attention.getRelMapMutable(), relativeMap);
  set(attention.getRelKeysMutable(), relativeKeys);
  set(attention.getRelQueriesMutable(), relativeQueries);
  set(attention.getRelValuesMutable(), relativeValues);
  // Without keys of distances nobody asks them.
  if (plan.relativeKeys)
    set(attention.getRelQueryMutable(), relativeQuery);
  if (plan.memory)
    attention.setMemory(plan.memory);
  if (plan.prefix)
    set(attention.getPrefixMutable(), named["prefix_length"]);
  if (plan.cross) {
    set(attention.getKeysMutable(), named["encoder_past"]);
    set(attention.getKeyMaskMutable(), named["attention_mask"]);
  } else if (!tower.cached) {
    set(attention.getKeyMaskMutable(), named["attention_mask"]);
  }
  return attention;
}

/// y1 - lambda y2 of the pairs of heads.
Value FormBuilder::difference(const PartPlan &part, const AttentionPlan &plan,
                              Value y) {
  using Difference = AttentionPlan::Difference;
  if (plan.difference == Difference::None)
    return y;
  at(part, "difference");
  // Side by side lie what stays whole: one head, or half of those that read one
  // head of values.
  bool halves = plan.difference == Difference::Halves;
  int64_t groups = halves ? plan.valueHeads : plan.heads / 2;
  int64_t width = plan.resultHeads() * plan.valueDim;
  y = e.reshape(y, {groups, 2 * width / groups});
  auto half = [&](int64_t at) {
    Value part = SliceOp::create(e.builder, e.loc,
                                 e.activation({groups, width / groups}), y,
                                 at * (width / groups));
    return e.reshape(part, {width});
  };
  Value first = half(0), second = half(1);
  second = e.mul(second, e.weight(part.uses, "lambda", layer));
  y = SubOp::create(e.builder, e.loc, first.getType(), first, second);
  return e.reshape(y, {plan.resultHeads(), plan.valueDim});
}

Value FormBuilder::buildAttention(const PartPlan &part,
                                  const AttentionPlan &plan, Value x) {
  Value q = project(part, plan, bottleneck(part, plan, x, "q_down"), "q",
                    plan.heads, plan.dim);
  q = place(part, plan, q, "q", plan.heads);
  Value k, v;
  if (plan.cross || plan.keysOf) {
    k = named[cacheName(plan, "keys")];
    v = named[cacheName(plan, "values")];
  } else {
    std::tie(k, v) = keysAndValues(part, plan, x);
    if (tower.cached)
      remember(part, plan, k, v);
  }
  if (plan.factors) {
    at(part, "q_factors");
    q = ScaleTokensOp::create(
        e.builder, e.loc, q.getType(), q,
        named["factors." + std::to_string(*plan.factors)]);
  }
  Value y = attend(part, plan, q, k, v);
  y = difference(part, plan, y);
  int64_t heads = plan.resultHeads();
  y = headNorm(part, plan.innerNorm, y, "inner_norm", heads, plan.valueDim);
  y = e.reshape(y, {heads * plan.valueDim});
  if (plan.gate) {
    at(part, "gate");
    Value gate = e.linear(x, part.uses, "gate", layer);
    gate = UnaryOp::create(e.builder, e.loc, gate.getType(), *plan.gate, gate);
    y = e.mul(y, gate);
  }
  at(part, "o");
  return e.linear(y, part.uses, "o", layer);
}
