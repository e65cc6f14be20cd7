//===- RowKernel.cpp - Kernels that work token by token -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The loops of row kernels, and how results reach memory. What has to be known
// before is in RowShapes.cpp and RowStatistics.cpp, what the ops compute in
// RowValues.cpp.
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
  if (failed(prepareElsewhere(value)) || failed(emitRowStatistics(value)))
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
  // Heads of different sizes meet: what is bound to heads comes first.
  if (failed(shapeOf(value))) {
    Cone cone;
    collectCone(value, cone);
    for (Operation *op : cone)
      if ((isNorm(op) || isBoundToHeads(op) || readsBlocks(op)) &&
          op->getResult(0) != value && failed(materialize(op->getResult(0))))
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
  if (auto route = dyn_cast_or_null<RouteOp>(op))
    return emitRoute(route);
  if (isa_and_nonnull<PositionsOp, MaskPositionsOp>(op))
    return emitPositions(result), success();
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

void RowKernel::emitPositions(Value positions) {
  Value narrow = arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(),
                                         ids.lookup(positions));
  Value base = operands.address(positions);
  e.store(narrow, e.at(base, e.mul(token, 4)));
}
