//===- BuilderStreams.cpp - Several streams in place of x -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Builder.h"

using namespace mlir;
using namespace sinter;

/// The numbers of a plan: a vector, or of each token.
static Value weightsOf(OpEmitter &e, const StreamWeightsPlan &plan,
                       const Uses &uses, const std::string &name, Value streams,
                       double eps, Value layer) {
  bool plain = !plan.linear && plan.activation == UnaryKind::Identity;
  if (plain && !plan.gain && plan.times == 1 && plan.plus == 0 && plan.bias)
    return e.weight(uses, name + ".bias", layer);
  if (plain && !plan.bias)
    return e.constant(std::vector<float>(size_t(plan.count), float(plan.plus)));
  Value y;
  if (plan.linear) {
    Value normed = RmsNormOp::create(e.builder, e.loc, streams.getType(),
                                     streams, Value(), e.f32(eps), UnitAttr());
    Value matrix = e.weight(uses, name, layer);
    y = LinearOp::create(e.builder, e.loc, e.activation({plan.count}), normed,
                         matrix, Value());
  } else {
    // The same numbers for each token: no part of it counts.
    std::vector<Value> copies(size_t(plan.count), streams);
    int64_t width = cast<RankedTensorType>(streams.getType()).getDimSize(2);
    if (width < plan.count) {
      streams = ConcatOp::create(e.builder, e.loc,
                                 e.activation({width * plan.count}), copies);
    }
    y = SliceOp::create(e.builder, e.loc, e.activation({plan.count}), streams,
                        0);
    y = e.scale(y, 0);
  }
  if (plan.gain)
    y = e.mul(y, e.weight(uses, name + ".gain", layer));
  if (plan.bias)
    y = e.add(y, e.weight(uses, name + ".bias", layer));
  y = UnaryOp::create(e.builder, e.loc, y.getType(), plan.activation, y);
  y = e.scale(y, plan.times);
  if (plan.plus == 0)
    return y;
  return e.add(
      y, e.constant(std::vector<float>(size_t(plan.count), float(plan.plus))));
}

static Value mixStreams(OpEmitter &e, Value x, int64_t parts, int64_t wanted,
                        Value weights) {
  int64_t width = cast<RankedTensorType>(x.getType()).getDimSize(2) / parts;
  Value apart = e.reshape(x, {parts, width});
  Value y = MixOp::create(e.builder, e.loc, e.activation({wanted, width}),
                          apart, weights);
  return e.reshape(y, {wanted * width});
}

Value sinter::readStreams(OpEmitter &e, const TowerPlan &tower,
                          const StreamWeightsPlan &plan, const Uses &uses,
                          Value streams, Value layer) {
  Value weights =
      weightsOf(e, plan, uses, "streams.read", streams, tower.norm.eps, layer);
  return mixStreams(e, streams, tower.streams, 1, weights);
}

Value sinter::writeStreams(OpEmitter &e, const TowerPlan &tower,
                           const StepPlan &step, Value streams, Value y,
                           Value layer) {
  int64_t count = tower.streams;
  auto weights = [&](const StreamWeightsPlan &plan, const char *name) {
    return weightsOf(e, plan, step.uses, name, streams, tower.norm.eps, layer);
  };
  Value written =
      mixStreams(e, y, 1, count, weights(step.streams.write, "streams.write"));
  Value kept = streams;
  if (step.streams.keep)
    kept = mixStreams(e, streams, count, count,
                      weights(*step.streams.keep, "streams.keep"));
  return e.add(kept, written);
}
