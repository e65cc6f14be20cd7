//===- BuilderForm.cpp - Builds the function of a form of layer -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/FormBuilder.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>
#include <tuple>

using namespace mlir;
using namespace sinter;

namespace {

std::vector<NamedType> typesOf(llvm::ArrayRef<CachePlan> caches,
                               const std::string &prefix, Type element) {
  std::vector<NamedType> out;
  for (auto [at, cache] : llvm::enumerate(caches)) {
    auto type = [&](int64_t heads, int64_t dim) {
      return CacheType::get(element.getContext(), cache.slots, heads, dim,
                            element, cache.ring);
    };
    out.push_back(
        {numbered(prefix + "keys", at), type(cache.kvHeads, cache.dim)});
    out.push_back({numbered(prefix + "values", at),
                   type(cache.valueHeads, cache.valueDim)});
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
  if (tower.readsIds)
    inputs.push_back({"token_ids", e.idsOfTokens()});
  if (tower.readsEmbedded)
    inputs.push_back({"embedded", e.activation({tower.hidden})});
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
  std::vector<NamedType> carried{
      {"x", e.activation({tower.streams * tower.hidden})}};
  llvm::append_range(carried, cacheInputs(tower, options));
  llvm::append_range(carried, rememberedInputs(tower, options));
  startFunction(form.symbol, carried, sharedInputs(tower, options));
  Value &x = named["x"];
  for (const StepPlan &step : tower.layers[form.layers[0]].steps)
    x = buildStep(step, x);
  if (late)
    x = e.add(x, late);
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
      auto states = [&](const char *name, int64_t heads, int64_t dim) {
        at(part, name);
        Value rows =
            EmbedOp::create(e.builder, e.loc, e.activation({heads * dim}),
                            named["ids"], e.weight(part.uses, name, layer));
        return e.reshape(rows, {heads, dim});
      };
      Value k = states("prompt_k", plan.kvHeads, plan.dim);
      Value v = states("prompt_v", plan.valueHeads, plan.valueDim);
      remember(part, plan, k, v);
    }
  finishFunction(carried);
}

/// What the step's parts read, before and after its norm.
FormBuilder::Read FormBuilder::readOf(const StepPlan &step, Value carried) {
  // A late step may stand beside the one before and read what that reads.
  Read read{carried, carried};
  if (!step.reads.empty())
    read.x = read.normed = valueCalled(step.reads);
  else if (step.beside)
    read = before;
  if (step.uses.count("norm") ||
      (step.normBefore && !step.parts.empty() && !step.parts[0].ownNorm)) {
    e.at(step.name + ".norm", step.loc);
    read.normed = e.norm(read.x, step.norm, step.uses, "norm", layer);
  }
  if (!step.beside)
    before = read;
  return read;
}

/// The sum of the parts, null if there are none.
Value FormBuilder::buildParts(const StepPlan &step, const Read &read) {
  Value sum;
  for (const PartPlan &part : step.parts) {
    Value x = part.reads.empty() ? read.x : valueCalled(part.reads);
    Value input = part.reads.empty() ? read.normed : x;
    if (part.ownNorm) {
      at(part, "norm");
      input = e.norm(x, part.norm, part.uses, "norm", layer);
    }
    Value y = buildPart(part, input);
    at(part, "sum");
    sum = sum ? e.add(sum, y) : y;
  }
  return sum;
}

/// What becomes of x where the step's parts give `sum` (null: it has none).
Value FormBuilder::join(const StepPlan &step, const Read &read, Value carried,
                        Value sum) {
  if (!sum)
    return carried;
  if (tower.streams > 1) {
    sum = weighBranch(step.mix, step.uses, "", Value(), sum, read.normed);
    return writeStreams(e, tower, step, carried, sum, layer);
  }
  if (!step.residual)
    return sum;
  Value past = carried;
  if (!step.residualOf.empty())
    past = valueCalled(step.residualOf);
  else if (step.residualOfNormed)
    past = read.normed;
  return mix(step.mix, step.uses, "", past, sum, read.normed);
}

Value FormBuilder::buildStep(const StepPlan &step, Value carried) {
  Value x = carried;
  if (tower.streams > 1 && !step.parts.empty()) {
    e.at(step.name + ".streams", step.loc);
    x = readStreams(e, tower, step.streams.read, step.uses, carried, layer);
  }
  Read read = readOf(step, x);
  Value sum = buildParts(step, read);
  if (step.normBranch) {
    e.at(step.name + ".branch_norm", step.loc);
    sum = e.norm(sum, step.norm, step.uses, "branch_norm", layer);
  }
  e.at(step.name + ".residual", step.loc);
  if (step.joins != StepPlan::Joins::Here) {
    sum = weighBranch(step.mix, step.uses, "", Value(), sum, read.normed);
    rememberValue(step.remember, sum);
    if (step.joins == StepPlan::Joins::End)
      late = late ? e.add(late, sum) : sum;
    return carried;
  }
  sum = join(step, read, carried, sum);
  if (step.outputGain)
    sum = e.mul(sum, e.weight(step.uses, "output_gain", layer));
  if (step.normAfter) {
    e.at(step.name + ".output_norm", step.loc);
    sum = e.norm(sum, step.norm, step.uses, "output_norm", layer);
  }
  rememberValue(step.remember, sum);
  return sum;
}

Value FormBuilder::buildPart(const PartPlan &part, Value x) {
  if (auto *attention = std::get_if<AttentionPlan>(&part.what))
    return buildAttention(part, *attention, x);
  if (auto *moe = std::get_if<MoePlan>(&part.what))
    return buildMoe(part, *moe, x);
  if (auto *recall = std::get_if<RecallPlan>(&part.what))
    return recalled(*recall);
  if (auto *tokens = std::get_if<TokenFeaturesPlan>(&part.what)) {
    at(part, "tokens");
    return tokenFeatures(*tokens, part.uses);
  }
  return buildFfn(part, std::get<FfnPlan>(part.what), x, "");
}

//===----------------------------------------------------------------------===//
// Feed-forward
//===----------------------------------------------------------------------===//

/// positive * max(x, 0)^2 + negative * (elu(x) - x) + beta x.
Value FormBuilder::learnedActivation(const FfnPlan &plan, const Uses &uses,
                                     Value x) {
  auto unary = [&](UnaryKind kind) -> Value {
    return UnaryOp::create(e.builder, e.loc, x.getType(), kind, x);
  };
  Value square =
      e.mul(unary(UnaryKind::Relu2), e.weight(uses, "positive", layer));
  Value below =
      SubOp::create(e.builder, e.loc, x.getType(), unary(UnaryKind::Elu), x);
  below = e.mul(below, e.weight(uses, "negative", layer));
  return e.add(e.add(square, below), e.scale(x, plan.beta));
}

/// weight * (scale * tokens[id] + norm(project_scale * embedded P^T)).
Value FormBuilder::tokenFeatures(const TokenFeaturesPlan &plan,
                                 const Uses &uses) {
  Value sum;
  if (plan.project) {
    sum = e.linear(named["embedded"], uses, "tokens_project", layer);
    sum = e.scale(sum, plan.projectScale);
    if (plan.norm)
      sum = e.norm(sum, *plan.norm, uses, "tokens_norm", layer);
  }
  if (plan.table) {
    Value rows =
        EmbedOp::create(e.builder, e.loc, e.activation({plan.width}),
                        named["token_ids"], e.weight(uses, "tokens", layer));
    rows = e.scale(rows, plan.scale);
    sum = sum ? e.add(sum, rows) : rows;
  }
  return e.scale(sum, plan.weight);
}

Value FormBuilder::buildFfn(const PartPlan &part, const FfnPlan &plan, Value x,
                            const std::string &prefix) {
  auto linear = [&](Value y, const char *name) {
    at(part, prefix + name);
    return e.linear(y, part.uses, prefix + name, layer);
  };
  auto act = [&](Value y) {
    at(part, prefix + "activation");
    if (plan.learned)
      return learnedActivation(plan, part.uses, y);
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
  at(part, prefix + "up");
  Value up = plan.ofTokens ? tokenFeatures(*plan.ofTokens, part.uses)
                           : linear(x, "up");
  up = clamp(up, -plan.limit);
  if (plan.gated) {
    Value gate =
        act(clamp(linear(x, "gate"), -std::numeric_limits<float>::max()));
    h = e.mul(gate, up);
    if (plan.upOffset != 0)
      h = e.add(h, e.scale(gate, plan.upOffset));
  } else {
    h = act(up);
  }
  if (plan.innerNorm) {
    at(part, "inner_norm");
    h = e.norm(h, *plan.innerNorm, part.uses, "inner_norm", layer);
  }
  return linear(h, "down");
}

/// Chooses experts by what the router reads.
RouteOp FormBuilder::route(const PartPlan &part, const MoePlan &plan, Value x) {
  OpBuilder &b = e.builder;
  if (!plan.routerReads.empty())
    x = valueCalled(plan.routerReads);
  if (plan.routerNorm) {
    at(part, "router.norm");
    x = e.norm(x, *plan.routerNorm, part.uses, "router.norm", layer);
  }
  at(part, "router");
  Value logits = e.linear(x, part.uses, "router", layer);
  if (plan.softCap > 0)
    logits = SoftCapOp::create(b, e.loc, logits.getType(), logits,
                               e.f32(plan.softCap));
  auto chosen = e.activation({plan.topK});
  auto ids = RankedTensorType::get(chosen.getShape(), b.getI32Type());
  auto route = RouteOp::create(
      b, e.loc, ids, chosen, logits,
      e.weight(part.uses, "router.correction", layer),
      e.weight(part.uses, "router.gain", layer), plan.score, plan.topK,
      plan.groups, plan.keep, plan.groupScore, /*within=*/nullptr,
      plan.byLogits, plan.normalize, llvm::APFloat(float(plan.factor)));
  if (plan.within && plan.score == RouteScore::Successive)
    route.setWithin(llvm::APFloat(float(*plan.within)));
  return route;
}

Value FormBuilder::buildMoe(const PartPlan &part, const MoePlan &plan,
                            Value x) {
  OpBuilder &b = e.builder;
  auto chosen = route(part, plan, x);
  at(part, "experts");
  auto w = [&](const char *name) { return e.weight(part.uses, name, layer); };
  auto number = [](double value) { return llvm::APFloat(float(value)); };
  const FfnPlan &expert = plan.expert;
  Value y = MoeOp::create(
      b, e.loc, x.getType(), expert.activation, x, chosen.getIds(),
      chosen.getWeights(), w("gate"), w("up"), w("down"), w("gate.bias"),
      w("up.bias"), w("down.bias"), number(expert.limit),
      number(expert.upOffset), number(expert.beta), plan.weighInput,
      plan.identities > 0, /*quantized=*/false, /*crest=*/nullptr);
  if (!plan.shared)
    return y;
  Value shared = buildFfn(part, *plan.shared, x, "shared.");
  at(part, "shared");
  if (plan.sharedGate) {
    Value gate = e.linear(x, part.uses, "shared.router", layer);
    gate = UnaryOp::create(b, e.loc, gate.getType(), UnaryKind::Sigmoid, gate);
    gate = ReshapeOp::create(b, e.loc, e.activation({}), gate);
    shared = ScaleTokensOp::create(b, e.loc, shared.getType(), shared, gate);
  }
  at(part, "sum");
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
