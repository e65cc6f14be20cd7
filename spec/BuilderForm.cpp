//===- BuilderForm.cpp - Builds the function of a form of layer -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Builder.h"

#include "llvm/ADT/STLExtras.h"

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

private:
  Value buildStep(const StepPlan &step, Value x);
  Value buildPart(const PartPlan &part, Value x);
  Value buildAttention(const PartPlan &part, const AttentionPlan &plan,
                       Value x);
  Value buildFfn(const FfnPlan &plan, const Uses &uses, Value x,
                 const std::string &prefix);
  Value buildMoe(const PartPlan &part, const MoePlan &plan, Value x);
  Value headNorm(const PartPlan &part, const AttentionPlan &plan, Value x,
                 const char *name, int64_t heads, int64_t dim);
  Value rotate(const AttentionPlan &plan, Value x);

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
  Emitter e;
  Value layer, past;
  std::vector<Value> caches, angles;
};

} // namespace

void FormBuilder::build() {
  OpBuilder &b = e.builder;
  b.setInsertionPointToEnd(module.getBody());
  std::vector<Type> carried{e.activation({tower.hidden})};
  for (Type type : cacheTypes(tower, options))
    carried.push_back(type);
  std::vector<Type> inputs = carried;
  inputs.push_back(b.getIndexType());
  inputs.push_back(
      RankedTensorType::get({ShapedType::kDynamic}, b.getI32Type()));
  for (const RopePlan &rope : tower.ropes)
    inputs.push_back(e.activation({rope.dims / 2, 2}));

  e.at(form.symbol, tower.stackLoc);
  auto function = func::FuncOp::create(b, e.loc, form.symbol,
                                       b.getFunctionType(inputs, carried));
  function.setPrivate();
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  size_t at = 0;
  Value x = body->getArgument(at++);
  for (size_t cache = 0; cache < 2 * tower.caches.size(); ++cache)
    caches.push_back(body->getArgument(at++));
  layer = body->getArgument(at++);
  past = body->getArgument(at++);
  for (size_t rope = 0; rope < tower.ropes.size(); ++rope)
    angles.push_back(body->getArgument(at++));

  for (const StepPlan &step : tower.layers[form.layers[0]].steps)
    x = buildStep(step, x);
  std::vector<Value> results{x};
  results.insert(results.end(), caches.begin(), caches.end());
  e.at(form.symbol, tower.stackLoc);
  func::ReturnOp::create(b, e.loc, results);
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
      input = e.norm(x, step.norm, part.uses, "norm", layer);
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
  x = e.norm(x, plan.norm, part.uses, name, layer);
  return all ? e.reshape(x, {heads, dim}) : x;
}

Value FormBuilder::rotate(const AttentionPlan &plan, Value x) {
  if (!plan.rope)
    return x;
  const RopePlan &rope = tower.ropes[*plan.rope];
  RopePairs pairs = rope.neighbours ? RopePairs::Neighbours : RopePairs::Halves;
  return RopeOp::create(e.builder, e.loc, x.getType(), x, angles[*plan.rope],
                        pairs, rope.offset);
}

Value FormBuilder::buildAttention(const PartPlan &part,
                                  const AttentionPlan &plan, Value x) {
  OpBuilder &b = e.builder;
  auto project = [&](const char *name, int64_t heads, int64_t dim) -> Value {
    at(part, name);
    Value y = e.linear(x, part.uses, name, layer);
    if (plan.clip > 0)
      y = ClampOp::create(b, e.loc, y.getType(), y, e.f32(-plan.clip),
                          e.f32(plan.clip));
    return e.reshape(y, {heads, dim});
  };
  Value q = project("q", plan.heads, plan.dim);
  Value k = project("k", plan.kvHeads, plan.dim);
  Value v = project("v", plan.kvHeads, plan.valueDim);
  auto place = [&](Value y, const char *name, int64_t heads) {
    if (!plan.normAfterRope)
      y = headNorm(part, plan, y, name, heads, plan.dim);
    at(part, "rope");
    y = rotate(plan, y);
    if (plan.normAfterRope)
      y = headNorm(part, plan, y, name, heads, plan.dim);
    return y;
  };
  q = place(q, "q_norm", plan.heads);
  k = place(k, "k_norm", plan.kvHeads);
  if (plan.valueNorm) {
    at(part, "v_norm");
    v = RmsNormOp::create(b, e.loc, v.getType(), v, Value(),
                          e.f32(plan.norm.eps), UnitAttr());
  }

  at(part, "append");
  Value slot = layerScalar(part.name, "slot",
                           [](const AttentionPlan &p) { return p.slot; });
  Value &keys = caches[2 * plan.cache], &values = caches[2 * plan.cache + 1];
  keys = AppendOp::create(b, e.loc, keys.getType(), k, keys, slot, past);
  values = AppendOp::create(b, e.loc, values.getType(), v, values, slot, past);

  at(part, "attention");
  bool windowed = llvm::any_of(form.layers, [&](int64_t layer) {
    const AttentionPlan *other = findAttention(layer, part.name);
    return other && other->window > 0;
  });
  Value window;
  if (windowed)
    window = layerScalar(part.name, "window",
                         [](const AttentionPlan &p) { return p.window; });
  auto attention = AttentionOp::create(
      b, e.loc, e.activation({plan.heads, plan.valueDim}), q, keys, values,
      slot, past, window, e.f32(plan.scale),
      MaskAttr::get(b.getContext(), plan.mask), e.f32(plan.softCap));
  if (plan.chunk)
    attention.setChunk(plan.chunk);
  if (plan.alibi)
    attention.getSlopesMutable().assign(e.constant(plan.slopes));
  if (Value sinks = e.weight(part.uses, "sinks", layer))
    attention.getSinksMutable().assign(sinks);
  Value y = attention.getResult();
  // Operands must dominate the op that they were added to.
  attention->moveBefore(b.getInsertionBlock(), b.getInsertionPoint());

  y = e.reshape(y, {plan.heads * plan.valueDim});
  if (plan.gated) {
    at(part, "gate");
    Value gate = e.linear(x, part.uses, "gate", layer);
    gate = UnaryOp::create(b, e.loc, gate.getType(), UnaryKind::Sigmoid, gate);
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
  auto act = [&](Value y) -> Value {
    return UnaryOp::create(e.builder, e.loc, y.getType(), plan.activation, y);
  };
  Value h;
  if (plan.gated) {
    Value gate = e.linear(x, uses, prefix + "gate", layer);
    Value up = e.linear(x, uses, prefix + "up", layer);
    h = e.mul(act(gate), up);
  } else {
    h = act(e.linear(x, uses, prefix + "up", layer));
  }
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

void sinter::buildForm(ModuleOp module, const TowerPlan &tower, size_t form,
                       const BuildOptions &options) {
  FormBuilder(module, tower, tower.forms[form], options).build();
}
