//===- BuilderForm.cpp - Builds the function of a form of layer -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Builder.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>
#include <tuple>

using namespace mlir;
using namespace sinter;

namespace {

class FormBuilder {
public:
  FormBuilder(ModuleOp module, const TowerPlan &tower, const FormPlan &form,
              const BuildOptions &options)
      : module(module), tower(tower), form(form), options(options),
        e(OpBuilder(module.getBodyRegion()), module.getLoc()) {}

  void build();
  void buildCross(int64_t encodedFeatures);
  void buildPrompt();

private:
  void startFunction(const std::string &symbol,
                     llvm::ArrayRef<NamedType> carried,
                     llvm::ArrayRef<NamedType> shared);
  void finishFunction(llvm::ArrayRef<NamedType> carried);
  Value buildStep(const StepPlan &step, Value x);
  Value buildPart(const PartPlan &part, Value x);
  Value buildAttention(const PartPlan &part, const AttentionPlan &plan,
                       Value x);
  Value buildFfn(const FfnPlan &plan, const Uses &uses, Value x,
                 const std::string &prefix);
  Value buildMoe(const PartPlan &part, const MoePlan &plan, Value x);
  Value bottleneck(const PartPlan &part, const AttentionPlan &plan, Value x,
                   const char *name);
  Value withSharedFeatures(const PartPlan &part, const AttentionPlan &plan,
                           Value k, Value x);
  std::pair<Value, Value> keysAndValues(const PartPlan &part,
                                        const AttentionPlan &plan, Value x);
  Value clip(const AttentionPlan &plan, Value x);
  Value project(const PartPlan &part, const AttentionPlan &plan, Value x,
                const char *name, int64_t heads, int64_t dim);
  void remember(const PartPlan &part, const AttentionPlan &plan, Value &k,
                Value &v);
  Value attend(const PartPlan &part, const AttentionPlan &plan, Value q,
               Value k, Value v);
  Value headNorm(const PartPlan &part, const AttentionPlan &plan, Value x,
                 const char *name, int64_t heads, int64_t dim);
  Value rotate(const AttentionPlan &plan, Value x);
  Value relative(const PartPlan &part, const AttentionPlan &plan,
                 const char *own, const char *shared);

  /// A number of the layer: a constant if all layers of the form have the same
  /// (or the layer's own number, for slots), else a row of a table.
  Value layerScalar(const std::string &part, llvm::StringRef name,
                    llvm::function_ref<int64_t(const AttentionPlan &)> get);
  const AttentionPlan *findAttention(int64_t layer, const std::string &part);
  /// "attention.q": what locations show.
  void at(const PartPlan &part, llvm::StringRef name) {
    e.at(part.name + "." + name.str(), part.loc);
  }

  ModuleOp module;
  const TowerPlan &tower;
  const FormPlan &form;
  const BuildOptions &options;
  OpEmitter e;
  Value layer;
  std::map<std::string, Value> named; ///< arguments, and caches as they change
};

/// "keys", "keys.1", "cross_keys", ...
std::string numbered(std::string name, size_t at) {
  return at ? name + "." + std::to_string(at) : name;
}

std::string cacheName(const AttentionPlan &plan, const std::string &name) {
  return numbered(plan.cross ? "cross_" + name : name, plan.cache);
}

std::vector<NamedType> typesOf(llvm::ArrayRef<CachePlan> caches,
                               const std::string &prefix, Type element) {
  std::vector<NamedType> out;
  for (auto [at, cache] : llvm::enumerate(caches)) {
    auto type = [&](int64_t dim) {
      return CacheType::get(element.getContext(), cache.slots, cache.kvHeads,
                            dim, element, /*ring=*/0);
    };
    out.push_back({numbered(prefix + "keys", at), type(cache.dim)});
    out.push_back({numbered(prefix + "values", at), type(cache.valueDim)});
  }
  return out;
}

} // namespace

std::vector<NamedType> sinter::cacheInputs(const TowerPlan &tower,
                                           const BuildOptions &options) {
  return typesOf(tower.caches, "", options.cacheElement);
}

std::vector<NamedType> sinter::crossInputs(const TowerPlan &tower,
                                           const BuildOptions &options) {
  return typesOf(tower.crossCaches, "cross_", options.cacheElement);
}

std::vector<NamedType> sinter::sharedInputs(const TowerPlan &tower,
                                            const BuildOptions &options) {
  MLIRContext *context = options.cacheElement.getContext();
  OpEmitter e((OpBuilder(context)), UnknownLoc::get(context));
  std::vector<NamedType> inputs;
  if (tower.cached)
    inputs.push_back({"past", e.idsOfSequences()});
  if (!tower.crossCaches.empty())
    inputs.push_back({"encoder_past", e.idsOfSequences()});
  if (!tower.cached || !tower.crossCaches.empty())
    inputs.push_back({"attention_mask", e.idsOfTokens()});
  llvm::append_range(inputs, crossInputs(tower, options));
  if (tower.usesPrefix())
    inputs.push_back({"prefix_length", e.idsOfSequences()});
  for (auto [at, rope] : llvm::enumerate(tower.ropes))
    inputs.push_back(
        {"angles." + std::to_string(at), e.activation({rope.dims / 2, 2})});
  for (size_t at = 0; at < tower.factors.size(); ++at)
    inputs.push_back({"factors." + std::to_string(at), e.activation({})});
  if (tower.relative)
    inputs.push_back({"relative", RankedTensorType::get(
                                      {1, tower.relative->rows, tower.hidden},
                                      e.builder.getF32Type())});
  return inputs;
}

/// Starts (carried..., layer, shared...) -> (carried...).
void FormBuilder::startFunction(const std::string &symbol,
                                llvm::ArrayRef<NamedType> carried,
                                llvm::ArrayRef<NamedType> shared) {
  OpBuilder &b = e.builder;
  b.setInsertionPointToEnd(module.getBody());
  std::vector<Type> inputs, results;
  for (const NamedType &value : carried)
    results.push_back(value.second);
  inputs = results;
  inputs.push_back(b.getIndexType());
  for (const NamedType &value : shared)
    inputs.push_back(value.second);
  e.at(symbol, tower.stackLoc);
  auto function = func::FuncOp::create(b, e.loc, symbol,
                                       b.getFunctionType(inputs, results));
  function.setPrivate();
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  size_t at = 0;
  for (const NamedType &value : carried)
    named[value.first] = body->getArgument(at++);
  layer = body->getArgument(at++);
  for (const NamedType &value : shared)
    named[value.first] = body->getArgument(at++);
}

void FormBuilder::finishFunction(llvm::ArrayRef<NamedType> carried) {
  std::vector<Value> results;
  for (const NamedType &value : carried)
    results.push_back(named[value.first]);
  e.at(form.symbol, tower.stackLoc);
  func::ReturnOp::create(e.builder, e.loc, results);
}

void FormBuilder::build() {
  std::vector<NamedType> carried{{"x", e.activation({tower.hidden})}};
  llvm::append_range(carried, cacheInputs(tower, options));
  startFunction(form.symbol, carried, sharedInputs(tower, options));
  Value &x = named["x"];
  for (const StepPlan &step : tower.layers[form.layers[0]].steps)
    x = buildStep(step, x);
  finishFunction(carried);
}

void FormBuilder::buildCross(int64_t encodedFeatures) {
  std::vector<NamedType> carried = crossInputs(tower, options);
  startFunction(form.symbol + ".cross", carried,
                {{"encoded", e.activation({encodedFeatures})},
                 {"past", e.idsOfSequences()}});
  for (const StepPlan &step : tower.layers[form.layers[0]].steps)
    for (const PartPlan &part : step.parts) {
      auto *plan = std::get_if<AttentionPlan>(&part.what);
      if (!plan || !plan->cross)
        continue;
      auto [k, v] = keysAndValues(part, *plan, named["encoded"]);
      remember(part, *plan, k, v);
    }
  finishFunction(carried);
}

void FormBuilder::buildPrompt() {
  std::vector<NamedType> carried = cacheInputs(tower, options);
  startFunction(form.symbol + ".prompt", carried,
                {{"ids", e.idsOfTokens()}, {"past", e.idsOfSequences()}});
  for (const StepPlan &step : tower.layers[form.layers[0]].steps)
    for (const PartPlan &part : step.parts) {
      if (!part.uses.count("prompt_k"))
        continue;
      const AttentionPlan &plan = std::get<AttentionPlan>(part.what);
      auto states = [&](const char *name, int64_t dim) {
        at(part, name);
        Value rows = EmbedOp::create(
            e.builder, e.loc, e.activation({plan.kvHeads * dim}), named["ids"],
            e.weight(part.uses, name, layer));
        return e.reshape(rows, {plan.kvHeads, dim});
      };
      Value k = states("prompt_k", plan.dim);
      Value v = states("prompt_v", plan.valueDim);
      remember(part, plan, k, v);
    }
  finishFunction(carried);
}

Value FormBuilder::buildStep(const StepPlan &step, Value x) {
  Value normed = x;
  if (step.uses.count("norm") || (step.normBefore && !step.parts[0].ownNorm)) {
    e.at(step.name + ".norm", step.loc);
    normed = e.norm(x, step.norm, step.uses, "norm", layer);
  }
  Value sum;
  for (const PartPlan &part : step.parts) {
    Value input = normed;
    if (part.ownNorm) {
      at(part, "norm");
      input = e.norm(x, part.norm, part.uses, "norm", layer);
    }
    Value y = buildPart(part, input);
    at(part, "sum");
    sum = sum ? e.add(sum, y) : y;
  }
  if (step.normBranch) {
    e.at(step.name + ".branch_norm", step.loc);
    sum = e.norm(sum, step.norm, step.uses, "branch_norm", layer);
  }
  e.at(step.name + ".residual", step.loc);
  sum = e.scale(sum, step.branchWeight);
  if (step.branchGain)
    sum = e.mul(sum, e.weight(step.uses, "branch_gain", layer));
  if (step.residual)
    sum = e.add(
        e.scale(step.residualOfNormed ? normed : x, step.residualWeight), sum);
  if (step.normAfter) {
    e.at(step.name + ".output_norm", step.loc);
    sum = e.norm(sum, step.norm, step.uses, "output_norm", layer);
  }
  return sum;
}

Value FormBuilder::buildPart(const PartPlan &part, Value x) {
  if (auto *attention = std::get_if<AttentionPlan>(&part.what))
    return buildAttention(part, *attention, x);
  if (auto *moe = std::get_if<MoePlan>(&part.what))
    return buildMoe(part, *moe, x);
  e.at(part.name, part.loc);
  return buildFfn(std::get<FfnPlan>(part.what), part.uses, x, "");
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

const AttentionPlan *FormBuilder::findAttention(int64_t layer,
                                                const std::string &part) {
  for (const StepPlan &step : tower.layers[layer].steps)
    for (const PartPlan &candidate : step.parts)
      if (candidate.name == part)
        return std::get_if<AttentionPlan>(&candidate.what);
  return nullptr;
}

Value FormBuilder::layerScalar(
    const std::string &part, llvm::StringRef name,
    llvm::function_ref<int64_t(const AttentionPlan &)> get) {
  auto valueOf = [&](int64_t layer) {
    const AttentionPlan *plan = findAttention(layer, part);
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

Value FormBuilder::headNorm(const PartPlan &part, const AttentionPlan &plan,
                            Value x, const char *name, int64_t heads,
                            int64_t dim) {
  using HeadNorm = AttentionPlan::HeadNorm;
  if (plan.headNorm == HeadNorm::None)
    return x;
  at(part, name);
  bool all = plan.headNorm == HeadNorm::All;
  if (all)
    x = e.reshape(x, {heads * dim});
  if (plan.ownNormWeights) {
    x = e.norm(x, plan.norm, {}, name, layer);
    x = e.mul(e.reshape(x, {heads * dim}), e.weight(part.uses, name, layer));
    if (Value bias = e.weight(part.uses, std::string(name) + ".bias", layer))
      x = e.add(x, bias);
    return e.reshape(x, {heads, dim});
  }
  x = e.norm(x, plan.norm, part.uses, name, layer);
  return all ? e.reshape(x, {heads, dim}) : x;
}

Value FormBuilder::rotate(const AttentionPlan &plan, Value x) {
  for (size_t at : plan.ropes) {
    const RopePlan &rope = tower.ropes[at];
    x = RopeOp::create(
        e.builder, e.loc, x.getType(), x, named["angles." + std::to_string(at)],
        rope.neighbours ? RopePairs::Neighbours : RopePairs::Halves,
        rope.offset);
  }
  return x;
}

/// Keys or queries (1, rows, heads, dim) of relative positions.
Value FormBuilder::relative(const PartPlan &part, const AttentionPlan &plan,
                            const char *own, const char *shared) {
  at(part, own);
  Value y = e.linear(named["relative"], part.uses,
                     plan.relativeShared ? shared : own, layer);
  return e.reshape(y, {plan.heads, plan.dim});
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
    all = ConcatOp::create(e.builder, e.loc,
                           e.activation({plan.kvHeads * width}), copies);
  Value parts[] = {k, e.reshape(all, {plan.kvHeads, width})};
  return ConcatOp::create(e.builder, e.loc,
                          e.activation({plan.kvHeads, plan.dim}),
                          ValueRange(parts));
}

/// Keys and values as they are before norms and rotation.
std::pair<Value, Value> FormBuilder::keysAndValues(const PartPlan &part,
                                                   const AttentionPlan &plan,
                                                   Value x) {
  Value from = bottleneck(part, plan, x, "kv_down");
  int64_t shared = plan.latent ? plan.latent->shared : 0;
  Value k = project(part, plan, from, "k", plan.kvHeads, plan.dim - shared);
  if (shared)
    k = withSharedFeatures(part, plan, k, x);
  return {k, project(part, plan, from, "v", plan.kvHeads, plan.valueDim)};
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
  at(part, "attention");
  Value slot, past, window;
  if (isa<CacheType>(k.getType()))
    slot = layerScalar(part.name, "slot",
                       [](const AttentionPlan &p) { return p.slot; });
  if (tower.cached && !plan.cross)
    past = named["past"];
  bool windowed = llvm::any_of(form.layers, [&](int64_t layer) {
    const AttentionPlan *other = findAttention(layer, part.name);
    return other && other->window > 0;
  });
  if (windowed)
    window = layerScalar(part.name, "window",
                         [](const AttentionPlan &p) { return p.window; });
  Value slopes = plan.alibi ? e.constant(plan.slopes) : Value();
  Value map = plan.rows.empty() ? Value() : e.constant(plan.rows);
  Value relativeKeys, relativeQueries, relativeQuery;
  if (plan.relativeKeys)
    relativeKeys = relative(part, plan, "relative_k", "k");
  if (plan.relativeQueries)
    relativeQueries = relative(part, plan, "relative_q", "q");
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
  at(part, "attention");
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
  set(attention.getRelKeysMutable(), relativeKeys);
  set(attention.getRelQueriesMutable(), relativeQueries);
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

Value FormBuilder::buildAttention(const PartPlan &part,
                                  const AttentionPlan &plan, Value x) {
  Value q = project(part, plan, bottleneck(part, plan, x, "q_down"), "q",
                    plan.heads, plan.dim);
  Value k, v;
  auto place = [&](Value y, const char *name, int64_t heads) {
    if (!plan.normAfterRope)
      y = headNorm(part, plan, y, name, heads, plan.dim);
    if (plan.clipAfterNorm)
      y = clip(plan, y);
    at(part, "rope");
    y = rotate(plan, y);
    if (plan.normAfterRope)
      y = headNorm(part, plan, y, name, heads, plan.dim);
    return y;
  };
  if (plan.cross || plan.keysOf) {
    k = named[cacheName(plan, "keys")];
    v = named[cacheName(plan, "values")];
  } else {
    std::tie(k, v) = keysAndValues(part, plan, x);
    k = place(k, "k_norm", plan.kvHeads);
  }
  if (!plan.cross) {
    q = place(q, "q_norm", plan.heads);
    if (plan.factors)
      q = ScaleTokensOp::create(
          e.builder, e.loc, q.getType(), q,
          named["factors." + std::to_string(*plan.factors)]);
    if (plan.valueNorm && !plan.keysOf) {
      at(part, "v_norm");
      v = RmsNormOp::create(e.builder, e.loc, v.getType(), v, Value(),
                            e.f32(plan.norm.eps), UnitAttr());
    }
    if (tower.cached && !plan.keysOf)
      remember(part, plan, k, v);
  }
  Value y = attend(part, plan, q, k, v);
  y = e.reshape(y, {plan.heads * plan.valueDim});
  if (plan.innerNorm) {
    at(part, "inner_norm");
    y = e.norm(y, *plan.innerNorm, part.uses, "inner_norm", layer);
  }
  if (plan.gated) {
    at(part, "gate");
    Value gate = e.linear(x, part.uses, "gate", layer);
    gate = UnaryOp::create(e.builder, e.loc, gate.getType(), UnaryKind::Sigmoid,
                           gate);
    y = e.mul(y, gate);
  }
  at(part, "o");
  return e.linear(y, part.uses, "o", layer);
}

//===----------------------------------------------------------------------===//
// Feed-forward
//===----------------------------------------------------------------------===//

Value FormBuilder::buildFfn(const FfnPlan &plan, const Uses &uses, Value x,
                            const std::string &prefix) {
  auto act = [&](Value y) {
    y = e.scale(y, plan.beta);
    y = UnaryOp::create(e.builder, e.loc, y.getType(), plan.activation, y);
    return e.scale(y, 1 / plan.beta);
  };
  auto clamp = [&](Value y, double low) -> Value {
    if (plan.limit <= 0)
      return y;
    return ClampOp::create(e.builder, e.loc, y.getType(), y, e.f32(low),
                           e.f32(plan.limit));
  };
  Value h;
  Value up = clamp(e.linear(x, uses, prefix + "up", layer), -plan.limit);
  if (plan.gated) {
    Value gate = act(clamp(e.linear(x, uses, prefix + "gate", layer),
                           -std::numeric_limits<float>::max()));
    h = e.mul(gate, up);
    if (plan.upOffset != 0)
      h = e.add(h, e.scale(gate, plan.upOffset));
  } else {
    h = act(up);
  }
  if (plan.innerNorm)
    h = e.norm(h, *plan.innerNorm, uses, "inner_norm", layer);
  return e.linear(h, uses, prefix + "down", layer);
}

Value FormBuilder::buildMoe(const PartPlan &part, const MoePlan &plan,
                            Value x) {
  OpBuilder &b = e.builder;
  at(part, "router");
  Value logits = e.linear(x, part.uses, "router", layer);
  auto chosen = e.activation({plan.topK});
  auto ids = RankedTensorType::get(chosen.getShape(), b.getI32Type());
  auto route = RouteOp::create(b, e.loc, ids, chosen, logits,
                               e.weight(part.uses, "router.correction", layer),
                               plan.score, plan.topK, plan.groups, plan.keep,
                               plan.groupScore, plan.normalize,
                               llvm::APFloat(float(plan.factor)));
  at(part, "experts");
  auto w = [&](const char *name) { return e.weight(part.uses, name, layer); };
  Value y = MoeOp::create(b, e.loc, x.getType(), plan.expert.activation, x,
                          route.getIds(), route.getWeights(), w("gate"),
                          w("up"), w("down"), w("gate.bias"), w("up.bias"),
                          w("down.bias"), llvm::APFloat(float(plan.limit)),
                          llvm::APFloat(float(plan.upOffset)), plan.weighInput,
                          /*quantized=*/false);
  if (!plan.hasShared)
    return y;
  at(part, "shared");
  Value shared = buildFfn(plan.expert, part.uses, x, "shared.");
  if (plan.sharedGate) {
    Value gate = e.linear(x, part.uses, "shared.router", layer);
    gate = UnaryOp::create(b, e.loc, gate.getType(), UnaryKind::Sigmoid, gate);
    gate = ReshapeOp::create(b, e.loc, e.activation({}), gate);
    shared = ScaleTokensOp::create(b, e.loc, shared.getType(), shared, gate);
  }
  return e.add(y, shared);
}

void sinter::buildCrossForm(ModuleOp module, const TowerPlan &tower,
                            size_t form, int64_t encodedFeatures,
                            const BuildOptions &options) {
  FormBuilder(module, tower, tower.forms[form], options)
      .buildCross(encodedFeatures);
}

void sinter::buildPromptForm(ModuleOp module, const TowerPlan &tower,
                             size_t form, const BuildOptions &options) {
  FormBuilder(module, tower, tower.forms[form], options).buildPrompt();
}

void sinter::buildForm(ModuleOp module, const TowerPlan &tower, size_t form,
                       const BuildOptions &options) {
  FormBuilder(module, tower, tower.forms[form], options).build();
}
