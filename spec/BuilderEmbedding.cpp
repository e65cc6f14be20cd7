//===- BuilderEmbedding.cpp - From tokens to one vector -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Builder.h"

using namespace mlir;
using namespace sinter;

/// What step `number` makes of x.
static Value buildStep(OpEmitter &e, const EmbeddingStep &step,
                       const std::string &number, const Uses &uses, Value x) {
  using Kind = EmbeddingStep::Kind;
  if (step.kind == Kind::Length) {
    // So small that it counts for zeros alone, which stay zeros.
    NormPlan norm{NormPlan::Kind::Length, /*eps=*/1e-24, false, false};
    return e.norm(x, norm, {}, "", Value());
  }
  if (step.kind == Kind::LayerNorm) {
    NormPlan norm{NormPlan::Kind::Layer, /*eps=*/1e-5, false, true};
    return e.norm(x, norm, uses, number, Value());
  }
  Value y = e.linear(x, uses, number, Value());
  if (step.activation != UnaryKind::Identity)
    y = UnaryOp::create(e.builder, e.loc, y.getType(), step.activation, y);
  if (!step.residual)
    return y;
  bool fits = step.in == step.out;
  return e.add(y, fits ? x : e.linear(x, uses, number + ".residual", Value()));
}

/// Several ways to pool stand side by side.
static Value buildPools(OpEmitter &e, const std::vector<PoolKind> &pools,
                        Value x, Value mask) {
  int64_t width = cast<RankedTensorType>(x.getType()).getShape().back();
  auto one = [&](int64_t features) {
    return RankedTensorType::get({ShapedType::kDynamic, 1, features},
                                 e.builder.getF32Type());
  };
  std::vector<Value> vectors;
  for (PoolKind kind : pools)
    vectors.push_back(
        PoolOp::create(e.builder, e.loc, one(width), kind, x, mask));
  if (vectors.size() == 1)
    return vectors.front();
  return ConcatOp::create(e.builder, e.loc,
                          one(width * int64_t(vectors.size())), vectors);
}

Value sinter::buildEmbedding(OpEmitter &e, const EmbeddingPlan &plan,
                             SpecLoc loc, Value x, Value mask) {
  bool pooled = false;
  for (size_t at = 0; at <= plan.steps.size(); ++at) {
    bool last = at == plan.steps.size();
    if (!pooled && (last || !plan.steps[at].ofTokens)) {
      e.at("pool", loc);
      x = buildPools(e, plan.pools, x, mask);
      pooled = true;
    }
    if (last)
      return x;
    std::string number = std::to_string(at);
    e.at("embedding." + number, loc);
    x = buildStep(e, plan.steps[at], number, plan.uses, x);
  }
  return x;
}
