//===- RowRoute.cpp - Choosing experts for a token ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Scores, what experts are judged by and what is chosen are kept on the stack.
// The best of some numbers is found by looking at all of them, the next best
// after the best was made the worst.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RowKernel.h"

#include "codegen/cpu/VectorMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace sinter;

namespace {

constexpr double kWorst = -std::numeric_limits<double>::infinity();

class Router {
public:
  Router(Emitter &emitter, RouteOp op, KernelOperands &operands)
      : e(emitter), op(op), operands(operands),
        experts(lastDimOf(op.getLogits().getType())),
        scores(e.stackBuffer(4 * experts)), judged(e.stackBuffer(4 * experts)),
        chosen(e.stackBuffer(8 * op.getTopK())),
        shares(e.stackBuffer(4 * op.getTopK())) {}

  /// Where the logits go, f32.
  Value logits() { return scores; }
  void choose();
  void storeIds(Value target, Value token);
  void storeWeights(Value target, Value token);

private:
  Value floatAt(Value numbers, Value index) {
    return e.at(numbers, e.mul(index, 4));
  }
  Value load(Value numbers, Value index) {
    return e.load(e.f32Type(), floatAt(numbers, index));
  }
  Value reduce(double initial, function_ref<Value(Value x, Value total)> step);
  void forScores(function_ref<Value(Value x, Value feature)> map, Value to);
  void computeScores();
  void share(Value k, Value expert);
  void judge();
  Value best(Value numbers, int64_t count);
  Value worthOf(Value group, int64_t each);
  Value ofExpert(Value vector, Value expert);
  void keepGroups();

  Emitter &e;
  RouteOp op;
  KernelOperands &operands;
  int64_t experts;
  Value scores; ///< p
  Value judged; ///< c
  Value chosen; ///< i64
  Value shares; ///< of `successive`, by place in `chosen`
};

} // namespace

/// Folds the scores into a vector.
Value Router::reduce(double initial,
                     function_ref<Value(Value x, Value total)> step) {
  return e.reduceFeatures(experts, e.splat(initial, e.lanes),
                          [&](Value index, int64_t lanes, Value total) {
                            Value x = e.load(e.f32Vector(lanes),
                                             floatAt(scores, index));
                            return step(x, total);
                          });
}

void Router::forScores(function_ref<Value(Value x, Value feature)> map,
                       Value to) {
  e.features(experts, [&](Value index, int64_t lanes) {
    Value x = e.load(e.f32Vector(lanes), floatAt(scores, index));
    e.store(map(x, index), floatAt(to, index));
  });
}

/// p = softmax(x), sigmoid(x) or sqrt(softplus(x)).
void Router::computeScores() {
  if (op.getScore() == RouteScore::Successive)
    return; // by logits, and shares of those chosen
  if (op.getScore() == RouteScore::Sigmoid)
    return forScores([&](Value x, Value) { return emitSigmoid(e, x); }, scores);
  if (op.getScore() == RouteScore::SqrtSoftplus)
    return forScores(
        [&](Value x, Value) -> Value {
          x = emitUnary(e, UnaryKind::Softplus, x);
          return math::SqrtOp::create(e.b, e.loc, x);
        },
        scores);
  Value most = e.maxLanes(
      reduce(kWorst, [&](Value x, Value total) { return e.maxF(x, total); }));
  forScores(
      [&](Value x, Value) {
        return emitExp(e, e.subF(x, e.splat(most, lanesOf(x))));
      },
      scores);
  Value sum = e.sumLanes(
      reduce(0.0, [&](Value x, Value total) { return e.addF(x, total); }));
  forScores([&](Value x, Value) { return e.divF(x, e.splat(sum, lanesOf(x))); },
            scores);
}

/// c = p + bias, of what the scores hold.
void Router::judge() {
  forScores(
      [&](Value x, Value feature) {
        if (!op.getBias())
          return x;
        auto type = cast<RankedTensorType>(op.getBias().getType());
        Type element = type.getElementType();
        Value bias = e.at(operands.address(op.getBias()),
                          e.mul(feature, Emitter::bytesOf(element)));
        return e.addF(x, e.loadFloats(element, bias, lanesOf(x)));
      },
      judged);
}

/// Index of the largest of some numbers, the first of equals; it is then made
/// the least.
Value Router::best(Value numbers, int64_t count) {
  Value first = e.load(e.f32Type(), numbers);
  Value index = e.loop(e.i64(1), e.i64(count), 1, {first, e.i64(0)},
                       [&](Value index, ValueRange best) -> Emitter::Values {
                         Value x = load(numbers, index);
                         Value isMore = arith::CmpFOp::create(
                             e.b, e.loc, arith::CmpFPredicate::OGT, x, best[0]);
                         return {e.select(isMore, x, best[0]),
                                 e.select(isMore, index, best[1])};
                       })[1];
  e.store(e.f32(kWorst), floatAt(numbers, index));
  return index;
}

/// The best c of a group, or the sum of its best two.
Value Router::worthOf(Value group, int64_t each) {
  Value numbers = floatAt(judged, e.mul(group, each));
  Emitter::Values best =
      e.loop(e.i64(0), e.i64(each), 1, {e.f32(kWorst), e.f32(kWorst)},
             [&](Value index, ValueRange best) -> Emitter::Values {
               Value x = load(numbers, index);
               return {e.maxF(best[0], x), e.maxF(best[1], e.minF(best[0], x))};
             });
  bool two = op.getGroupScore() == GroupScore::BestTwo && each > 1;
  return two ? e.addF(best[0], best[1]) : best[0];
}

/// Makes the experts outside of the best groups the worst.
void Router::keepGroups() {
  int64_t groups = op.getGroups(), keep = op.getKeep();
  if (keep == groups)
    return;
  int64_t each = experts / groups;
  Value worth = e.stackBuffer(4 * groups), kept = e.stackBuffer(4 * groups);
  e.loop(e.i64(0), e.i64(groups), 1, [&](Value group) {
    e.store(worthOf(group, each), floatAt(worth, group));
    e.store(e.i32(0), floatAt(kept, group));
  });
  e.loop(e.i64(0), e.i64(keep), 1,
         [&](Value) { e.store(e.i32(1), floatAt(kept, best(worth, groups))); });
  e.loop(e.i64(0), e.i64(groups), 1, [&](Value group) {
    Value isKept = e.load(e.b.getI32Type(), floatAt(kept, group));
    e.when(e.equal(isKept, e.i32(0)), [&] {
      e.loop(e.i64(0), e.i64(each), 1, [&](Value index) {
        e.store(e.f32(kWorst),
                floatAt(judged, e.add(e.mul(group, each), index)));
      });
    });
  });
}

/// The share of the expert chosen last among those that are left: the others'
/// exp(x[j] - x[expert]) and its own, 1.
void Router::share(Value k, Value expert) {
  Value own = load(scores, expert);
  auto compare = [&](arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(e.b, e.loc, predicate, a, b);
  };
  Value sum = e.reduceFeatures(
      experts, e.splat(0.0, e.lanes),
      [&](Value index, int64_t lanes, Value total) -> Value {
        Type type = e.f32Vector(lanes);
        Value x = e.load(type, floatAt(scores, index));
        Value c = e.load(type, floatAt(judged, index));
        Value best = e.splat(own, lanes);
        Value power = emitExp(e, e.subF(x, best));
        Value none = e.splat(0.0, lanes);
        Value isLeft =
            compare(arith::CmpFPredicate::OGT, c, e.splat(kWorst, lanes));
        power = e.select(isLeft, power, none);
        if (op.getWithin()) {
          Value size = e.maxF(math::AbsFOp::create(e.b, e.loc, x), best);
          Value reach =
              e.mulF(size, e.splat(op.getWithin()->convertToDouble(), lanes));
          Value isFar =
              compare(arith::CmpFPredicate::OGT, e.subF(best, x), reach);
          power = e.select(isFar, none, power);
        }
        return e.addF(total, power);
      });
  sum = e.addF(e.sumLanes(sum), e.f32(1.0));
  e.store(e.divF(e.f32(1.0), sum), floatAt(shares, k));
}

void Router::choose() {
  if (op.getByLogits()) {
    judge();
    computeScores();
  } else {
    computeScores();
    judge();
  }
  keepGroups();
  e.loop(e.i64(0), e.i64(op.getTopK()), 1, [&](Value k) {
    Value expert = best(judged, experts);
    e.store(expert, e.at(chosen, e.mul(k, 8)));
    if (op.getScore() == RouteScore::Successive)
      share(k, expert);
  });
}

void Router::storeIds(Value target, Value token) {
  int64_t count = op.getTopK();
  e.loop(e.i64(0), e.i64(count), 1, [&](Value k) {
    Value id = e.load(e.i64Type(), e.at(chosen, e.mul(k, 8)));
    Value narrow = arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(), id);
    e.store(narrow, floatAt(target, e.add(e.mul(token, count), k)));
  });
}

/// A number of a vector.
Value Router::ofExpert(Value vector, Value expert) {
  auto type = cast<RankedTensorType>(vector.getType());
  Type element = type.getElementType();
  Value at =
      e.at(operands.address(vector), e.mul(expert, Emitter::bytesOf(element)));
  return e.lane(e.loadFloats(element, at, 1), 0);
}

void Router::storeWeights(Value target, Value token) {
  int64_t count = op.getTopK();
  Type element =
      cast<RankedTensorType>(op.getWeights().getType()).getElementType();
  auto score = [&](Value k) {
    if (op.getScore() == RouteScore::Successive)
      return load(shares, k);
    return load(scores, e.load(e.i64Type(), e.at(chosen, e.mul(k, 8))));
  };
  Value sum = e.loop(e.i64(0), e.i64(count), 1, e.f32(0.0),
                     [&](Value k, ValueRange sum) -> Emitter::Values {
                       return {e.addF(sum[0], score(k))};
                     })[0];
  e.loop(e.i64(0), e.i64(count), 1, [&](Value k) {
    Value weight = score(k);
    if (op.getNormalize())
      weight = e.divF(weight, sum);
    weight = e.mulF(e.f32(op.getFactor().convertToDouble()), weight);
    if (op.getGains()) {
      Value expert = e.load(e.i64Type(), e.at(chosen, e.mul(k, 8)));
      weight = e.mulF(weight, ofExpert(op.getGains(), expert));
    }
    Value index = e.add(e.mul(token, count), k);
    e.storeFloats(e.splat(weight, 1), element,
                  e.at(target, e.mul(index, Emitter::bytesOf(element))));
  });
}

/// Stores those of the two results that are asked for.
LogicalResult RowKernel::emitRoute(RouteOp route) {
  Router router(e, route, operands);
  auto store = [&](const Place &place) {
    e.store(evaluate(route.getLogits(), place),
            e.at(router.logits(), e.mul(place.feature, 4)));
    storeSideResults(place);
  };
  if (failed(forValues(route.getLogits(), store)))
    return failure();
  router.choose();
  for (Value result : route.getResults()) {
    if (!pending.contains(result))
      continue;
    Value target = operands.address(result);
    if (result == route.getIds())
      router.storeIds(target, token);
    else
      router.storeWeights(target, token);
  }
  for (Value result : route.getResults())
    if (pending.remove(result))
      stored.insert(result);
  return success();
}
