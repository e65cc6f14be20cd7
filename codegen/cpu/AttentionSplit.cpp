//===- AttentionSplit.cpp - One token's keys in parts ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// With one token there are few tiles of rows, so the keys are cut into parts,
// too. How many depends on the number of keys alone, and parts are put together
// in order: any number of threads gives the same bits.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttentionKernel.h"

#include "codegen/cpu/VectorMath.h"

using namespace mlir;
using namespace sinter;

static constexpr int64_t kMostParts = 16;
static constexpr int64_t kLeastKeys = 128; ///< of a part

/// Floats of a row of a part: sums of values, maximum, sum of powers.
static int64_t floatsOfRow(int64_t valueSize) {
  return llvm::alignTo(valueSize + 2, 16);
}

int64_t sinter::attentionWorkspace(AttentionOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  if (type.getDimSize(0) != 1 || type.getDimSize(1) != 1 ||
      !isa<CacheType>(op.getKey().getType()))
    return 0;
  return 4 * type.getDimSize(2) * kMostParts * floatsOfRow(type.getDimSize(3));
}

void AttentionKernel::emitSplit(Value workspace) {
  parts = workspace;
  locateTokens(e.i64(0), e.i64(0));
  Value keys = e.max(e.sub(high, low), 1);
  Value size = e.mul(e.ceilDiv(e.ceilDiv(keys, kMostParts), kBlock), kBlock);
  size = e.max(size, kLeastKeys);
  Value count = e.div(e.add(keys, e.sub(size, 1)), size);
  int64_t groups = queryHeads / heads;
  auto [first, end] = e.myShare(e.mul(count, groups));
  e.loop(first, end, 1, [&](Value item) {
    Value group = e.div(item, count), number = e.rem(item, count);
    locateHead(e.mul(group, heads));
    loadQueries();
    Value from = e.add(low, e.mul(number, size));
    attendKeys(from, e.min(e.add(from, size), high));
    storePart(group, number);
  });
  // A single part stays with the thread that computed it.
  e.when(e.less(e.i64(1), count), [&] { e.barrier(); });
  auto [firstGroup, endGroup] = e.myShare(e.i64(groups));
  e.loop(firstGroup, endGroup, 1, [&](Value group) {
    locateHead(e.mul(group, heads));
    e.loop(e.i64(0), e.i64(rows), 1,
           [&](Value row) { mergeParts(group, row, count); });
  });
}

Value AttentionKernel::partOf(Value group, Value number, Value row) {
  Value index = e.add(e.mul(group, kMostParts), number);
  index = e.add(e.mul(index, rows), row);
  return at(parts, e.mul(index, floatsOfRow(valueSize)));
}

void AttentionKernel::storePart(Value group, Value number) {
  e.loop(e.i64(0), e.i64(rows), 1, [&](Value row) {
    Value part = partOf(group, number, row);
    Value rowSums = at(sums, e.mul(row, valueSize));
    e.features(valueSize, [&](Value feature, int64_t lanes) {
      e.store(e.load(e.f32Vector(lanes), at(rowSums, feature)),
              at(part, feature));
    });
    Value powers =
        e.load(e.f32Vector(kLanes), at(weights, e.mul(row, kLanes)), 64);
    e.store(e.load(e.f32Type(), at(maxima, row)), at(part, valueSize));
    e.store(e.sumLanes(powers), at(part, valueSize + 1));
  });
}

/// Sums of the parts, each shrunk to the greatest maximum.
void AttentionKernel::mergeParts(Value group, Value row, Value count) {
  Value maximum =
      e.loop(e.i64(0), count, 1, e.f32(kNoMaximum),
             [&](Value number, ValueRange carried) -> Emitter::Values {
               Value part = partOf(group, number, row);
               Value other = e.load(e.f32Type(), at(part, valueSize));
               return {e.maxF(other, carried[0])};
             })[0];
  e.features(valueSize, [&](Value feature, int64_t lanes) {
    e.store(e.splat(0.0, lanes), at(sums, feature));
  });
  Value total = e.loop(
      e.i64(0), count, 1, e.f32(0.0),
      [&](Value number, ValueRange carried) -> Emitter::Values {
        Value part = partOf(group, number, row);
        Value away = e.subF(e.load(e.f32Type(), at(part, valueSize)), maximum);
        Value factor = e.lane(emitExp(e, e.splat(away, 1)), 0);
        e.features(valueSize, [&](Value feature, int64_t lanes) {
          Value x = e.load(e.f32Vector(lanes), at(part, feature));
          Value sum = e.load(e.f32Vector(lanes), at(sums, feature));
          e.store(e.fma(x, e.splat(factor, lanes), sum), at(sums, feature));
        });
        Value weight = e.load(e.f32Type(), at(part, valueSize + 1));
        return {e.addF(carried[0], e.mulF(weight, factor))};
      })[0];
  storeResult(row, total, maximum, sums);
}
