//===- RowKernel.cpp - Kernels that work token by token -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The loops of row kernels, and how results reach memory. What the ops compute
// is in RowValues.cpp.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RowKernel.h"

#include "codegen/cpu/VectorMath.h"
#include "dialect/IR/StoredLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sinter;

Value sinter::addressInCache(Emitter &e, CacheType type, Value base, Value slot,
                             Value sequence, Value head) {
  int64_t size = type.getDim() * Emitter::bytesOf(type.getElementType());
  Value row = e.add(e.mul(slot, e.batch), sequence);
  row = e.add(e.mul(row, type.getHeads()), head);
  return e.at(base, e.mul(row, e.mul(e.capacity, size)));
}

LogicalResult sinter::emitRowKernel(Emitter &e, FusedOp fused,
                                    KernelOperands &operands, int64_t tile) {
  Operation *yield = fused.getBody().front().getTerminator();
  Value first = yield->getOperand(0);
  if (auto append = first.getDefiningOp<AppendOp>())
    first = append.getInput();
  Value rows = operands.rowsOf(first);
  LogicalResult result = success();
  RowKernel kernel(e, fused, operands);
  if (Emitter::known(rows) == 1) {
    Value isMine = e.equal(e.thread, e.i64(0));
    e.when(isMine, [&] { result = kernel.emitToken(e.i64(0)); });
    return result;
  }
  auto [begin, end] = e.myShare(rows, tile);
  e.loop(begin, end, 1, [&](Value token) { result = kernel.emitToken(token); });
  return result;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

bool RowKernel::isInside(Value value) {
  return value.getParentBlock() == &fused.getBody().front();
}

/// Ops inside the kernel that `value` is computed from at the same token, up to
/// what is in memory.
void RowKernel::collectCone(Value value, Cone &cone) {
  if (!isInside(value) || stored.contains(value) || rows.contains(value))
    return;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    if (isa<RankedTensorType>(operand.getType()))
      collectCone(operand, cone);
  cone.insert(op);
}

static bool isNorm(Operation *op) { return isa<RmsNormOp, LayerNormOp>(op); }

/// Whether a norm spans all features of a token.
static bool isOfRow(Operation *norm) {
  Type type = norm->getResult(0).getType();
  return lastDimOf(type) == featuresOf(type);
}

/// Bounds inside heads beyond which a rope treats features differently.
static void addBounds(RopeOp rope, llvm::SmallSetVector<int64_t, 4> &bounds) {
  auto angles = cast<RankedTensorType>(rope.getAngles().getType());
  int64_t pairs = angles.getDimSize(2);
  bounds.insert(rope.getOffset());
  bounds.insert(rope.getOffset() + 2 * pairs);
  if (rope.getPairs() == RopePairs::Halves)
    bounds.insert(rope.getOffset() + pairs);
}

FailureOr<RowKernel::Shape> RowKernel::shapeOf(Value value, int64_t headSize) {
  Cone cone;
  collectCone(value, cone);
  Shape shape;
  shape.features = featuresOf(value.getType());
  shape.headSize = headSize;
  llvm::SmallSetVector<int64_t, 4> bounds;
  for (Operation *op : cone) {
    bool needsHeads = isa<RopeOp, SliceOp>(op) || (isNorm(op) && !isOfRow(op));
    for (Value operand : op->getOperands())
      if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
        needsHeads |= type.getRank() == 1 && isElementwise(op) &&
                      type.getDimSize(0) < shape.features;
    if (!needsHeads)
      continue;
    int64_t size = lastDimOf(op->getResult(0).getType());
    if (shape.headSize && shape.headSize != size)
      return failure();
    shape.headSize = size;
    if (auto rope = dyn_cast<RopeOp>(op))
      addBounds(rope, bounds);
  }
  if (!shape.headSize)
    shape.headSize = shape.features;
  bounds.insert(0);
  bounds.insert(shape.headSize);
  shape.bounds.assign(bounds.begin(), bounds.end());
  llvm::sort(shape.bounds);
  return shape;
}

/// Calls `body` for vectors that cover all features of the token, heads and
/// segments of heads one after another; `onHead` before those of a head.
void RowKernel::forPlaces(const Shape &shape,
                          function_ref<void(const Place &)> body,
                          function_ref<void(Value)> onHead, int64_t width) {
  auto segments = [&](Value head) {
    onHead(head);
    Value base = e.mul(head, shape.headSize);
    for (unsigned i = 0; i + 1 < shape.bounds.size(); ++i) {
      int64_t from = shape.bounds[i], to = shape.bounds[i + 1];
      e.features(
          to - from,
          [&](Value index, int64_t lanes) {
            Value inner = e.add(index, from);
            clear();
            segmentStart = from;
            body({token, e.add(base, inner), lanes, inner, shape.headSize});
          },
          width);
    }
  };
  e.loop(e.i64(0), e.i64(shape.features / shape.headSize), 1, segments);
  clear();
}

LogicalResult RowKernel::forValues(Value value,
                                   function_ref<void(const Place &)> body,
                                   int64_t headSize, int64_t width) {
  if (failed(emitRowStatistics(value)))
    return failure();
  Cone all;
  collectCone(value, all);
  for (Operation *op : all)
    if (isNorm(op) && !isOfRow(op) && succeeded(shapeOf(op->getOperand(0))) &&
        shapeOf(op->getOperand(0))->bounds.size() > 2 &&
        failed(materialize(op->getOperand(0))))
      return failure();
  auto shape = shapeOf(value, headSize);
  auto straddles = [&](int64_t bound) { return width && bound % width; };
  if (failed(shape) || llvm::any_of(shape->bounds, straddles)) {
    if (failed(materialize(value)))
      return failure();
    shape = shapeOf(value, headSize);
  }
  Cone cone;
  collectCone(value, cone);
  forPlaces(
      *shape, body, [&](Value head) { emitHeadStatistics(cone, *shape, head); },
      width);
  finishSideResults();
  return success();
}

/// Computes a value of the kernel for the whole token, into memory of the
/// stack from where it is read.
LogicalResult RowKernel::materialize(Value value) {
  if (!isComputed(value))
    return success();
  // Heads of different sizes meet: the inner norms' inputs come first.
  if (failed(shapeOf(value))) {
    Cone cone;
    collectCone(value, cone);
    for (Operation *op : cone)
      if ((isNorm(op) || isa<RopeOp>(op)) && op->getResult(0) != value &&
          failed(materialize(op->getResult(0))))
        return failure();
    if (failed(shapeOf(value)))
      return fused.emitOpError("mixes heads of different sizes in one kernel");
  }
  Value row = e.stackBuffer(4 * featuresOf(value.getType()));
  auto store = [&](const Place &place) {
    e.store(evaluate(value, place), e.at(row, e.mul(place.feature, 4)));
    storeSideResults(place);
  };
  if (failed(forValues(value, store)))
    return failure();
  rows[value] = row;
  return success();
}

//===----------------------------------------------------------------------===//
// Statistics of norms
//===----------------------------------------------------------------------===//

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

/// One pass over a row (or head) for rms_norm, two for layer_norm, whose
/// variance would cancel in one.
void RowKernel::emitStatistics(Operation *norm, int64_t size, Value head) {
  Value input = norm->getOperand(0);
  Value base = e.mul(head, size);
  auto mean = [&](function_ref<Value(Value x, Value total)> step) {
    Value total = e.reduceFeatures(
        size, e.splat(0.0, e.lanes),
        [&](Value index, int64_t lanes, Value total) {
          Place place{token, e.add(base, index), lanes, index, size};
          clear();
          Value x = evaluate(input, place);
          if (isOfRow(norm))
            storeSideResults(place);
          return step(x, total);
        });
    clear();
    finishSideResults();
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
    int64_t lanes = cast<VectorType>(x.getType()).getDimSize(0);
    Value away = e.subF(x, e.splat(center, lanes));
    return e.fma(away, away, total);
  });
  APFloat eps = cast<LayerNormOp>(norm).getEps();
  statistics[norm] = {factor(variance, eps), center};
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

LogicalResult RowKernel::emitToken(Value currentToken) {
  token = currentToken;
  stored.clear();
  rows.clear();
  statistics.clear();
  pending.clear();
  clear();
  loadIds();
  for (Value value : fused.getBody().front().getTerminator()->getOperands())
    pending.insert(value);
  while (!pending.empty()) {
    Value result = pending.front();
    if (failed(emitResult(result)))
      return failure();
    pending.remove(result);
    stored.insert(result);
  }
  return failure(failedInside);
}

LogicalResult RowKernel::emitResult(Value result) {
  Operation *op = result.getDefiningOp();
  if (auto append = dyn_cast_or_null<AppendOp>(op))
    return emitAppend(append);
  if (auto quantize = dyn_cast_or_null<QuantizeOp>(op))
    return emitQuantize(quantize);
  if (auto positions = dyn_cast_or_null<PositionsOp>(op))
    return emitPositions(positions), success();
  return forValues(result, [&](const Place &place) {
    evaluate(result, place);
    storeSideResults(place);
  });
}

/// Stores what is known at a place of the results that are still to come.
void RowKernel::storeSideResults(const Place &place) {
  for (Value value : pending) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    Value vector = values.lookup(value);
    if (!type || !vector || type.getEncoding() || rows.contains(value))
      continue;
    store(value, vector, place);
    storedNow.insert(value);
  }
}

/// From here on they are read where they were stored: what they were computed
/// from may be gone, a result may lie on its operand.
void RowKernel::finishSideResults() {
  for (Value value : storedNow) {
    pending.remove(value);
    stored.insert(value);
  }
  storedNow.clear();
}

void RowKernel::emitPositions(PositionsOp positions) {
  Value narrow = arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(),
                                         ids.lookup(positions.getResult()));
  Value base = operands.address(positions.getResult());
  e.store(narrow, e.at(base, e.mul(token, 4)));
}

/// Keys go to the lanes of their block, values to rows of their own.
LogicalResult RowKernel::emitAppend(AppendOp append) {
  auto type = cast<CacheType>(append.getCache().getType());
  Type element = type.getElementType();
  int64_t size = Emitter::bytesOf(element), dim = type.getDim();
  Value sequence = e.div(token, e.tokens);
  Value past = operands.address(append.getPast());
  past = e.load(e.b.getI32Type(), e.at(past, e.mul(sequence, 4)));
  Value position = e.add(e.toI64(past), e.rem(token, e.tokens));
  Value slot = operands.scalar(append.getSlot());
  Value base = operands.address(append.getCache());
  bool keys = operands.isKeyCache(append.getCache());
  auto store = [&](const Place &place) {
    Value vector = evaluate(append.getInput(), place);
    storeSideResults(place);
    Value head = e.div(e.sub(place.feature, place.inner), dim);
    Value start = addressInCache(e, type, base, slot, sequence, head);
    if (!keys) {
      Value index = e.add(e.mul(position, dim), place.inner);
      return e.storeFloats(vector, element, e.at(start, e.mul(index, size)));
    }
    Value index = e.add(e.mul(e.div(position, 16), dim), place.inner);
    index = e.add(e.mul(index, 16), e.rem(position, 16));
    Value at = e.at(start, e.mul(index, size));
    for (int64_t i = 0; i < place.lanes; ++i) {
      Value lane = e.lane(vector, i);
      if (!element.isF32())
        lane = arith::TruncFOp::create(e.b, e.loc, element, lane);
      e.store(lane, e.at(at, 16 * size * i));
    }
  };
  return forValues(append.getInput(), store, dim);
}
