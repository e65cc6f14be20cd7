//===- RowStatistics.cpp - Numbers of whole rows and heads ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Norms (and the logarithm of a softmax) need sums over a row or a head before
// they can compute an element of it.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RowKernel.h"

#include "codegen/cpu/VectorMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

/// Numbers of the norms of whole rows that `value` depends on.
LogicalResult RowKernel::emitRowStatistics(Value value) {
  Cone cone;
  collectCone(value, cone);
  for (Operation *op : cone) {
    if (!isNorm(op) || !isOfRow(op) || statistics.contains(op))
      continue;
    Value input = op->getOperand(0);
    auto shape = shapeOf(input);
    bool whole = succeeded(shape) && shape->headSize == shape->features &&
                 shape->bounds.size() == 2;
    if (!whole && failed(materialize(input)))
      return failure();
    emitStatistics(op, featuresOf(input.getType()), e.i64(0));
  }
  return success();
}

void RowKernel::emitHeadStatistics(const Cone &cone, const Shape &shape,
                                   Value head) {
  for (Operation *op : cone)
    if (isNorm(op) && !isOfRow(op))
      emitStatistics(op, shape.headSize, head);
}

/// A vector that `step` has folded the row or head of a norm's input into.
Value RowKernel::foldInput(Operation *norm, int64_t size, Value head,
                           double initial,
                           function_ref<Value(Value x, Value total)> step) {
  Value base = e.mul(head, size);
  Value total = e.reduceFeatures(
      size, e.splat(initial, e.lanes),
      [&](Value index, int64_t lanes, Value total) {
        Place place{token, e.add(base, index), lanes, index, size};
        clear();
        Value x = evaluate(norm->getOperand(0), place);
        if (isOfRow(norm))
          storeSideResults(place);
        return step(x, total);
      });
  clear();
  finishSideResults();
  return total;
}

/// log sum e^(x - m), and m = max x.
void RowKernel::emitSoftmaxStatistics(LogSoftmaxOp op, int64_t size,
                                      Value head) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Value most = e.maxLanes(
      foldInput(op, size, head, -infinity,
                [&](Value x, Value total) { return e.maxF(x, total); }));
  Value sum =
      e.sumLanes(foldInput(op, size, head, 0.0, [&](Value x, Value total) {
        Value away = e.subF(x, e.splat(most, lanesOf(x)));
        return e.addF(emitExp(e, away), total);
      }));
  Value wide = arith::ExtFOp::create(
      e.b, e.loc, Emitter::vectorType(e.b.getF64Type(), 1), e.splat(sum, 1));
  Value log = arith::TruncFOp::create(e.b, e.loc, e.f32Type(),
                                      e.lane(emitLog64(e, wide), 0));
  statistics[op] = {log, most};
}

/// One pass over a row (or head) for rms_norm, two for layer_norm, whose
/// variance would cancel in one.
void RowKernel::emitStatistics(Operation *norm, int64_t size, Value head) {
  if (auto softmax = dyn_cast<LogSoftmaxOp>(norm))
    return emitSoftmaxStatistics(softmax, size, head);
  auto mean = [&](function_ref<Value(Value x, Value total)> step) {
    Value total = foldInput(norm, size, head, 0.0, step);
    return e.mulF(e.sumLanes(total), e.f32(1.0 / size));
  };
  auto factor = [&](Value variance, const APFloat &eps) {
    Value shifted = e.addF(variance, e.f32(eps.convertToDouble()));
    return emitReciprocalSqrt(e, shifted);
  };
  if (auto rms = dyn_cast<RmsNormOp>(norm)) {
    Value squares =
        mean([&](Value x, Value total) { return e.fma(x, x, total); });
    statistics[norm] = {factor(squares, rms.getEps()), nullptr};
    return;
  }
  Value center = mean([&](Value x, Value total) { return e.addF(x, total); });
  Value variance = mean([&](Value x, Value total) {
    Value away = e.subF(x, e.splat(center, lanesOf(x)));
    return e.fma(away, away, total);
  });
  APFloat eps = cast<LayerNormOp>(norm).getEps();
  statistics[norm] = {factor(variance, eps), center};
}
