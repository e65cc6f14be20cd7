//===- AttentionValues.cpp - Softmax, and sums of values ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttentionKernel.h"

#include "codegen/cpu/VectorMath.h"

using namespace mlir;
using namespace sinter;

/// Turns scores into powers of their difference to the running maximum.
void AttentionKernel::emitSoftmax(Value first) {
  e.loop(e.i64(0), e.i64(rows), 1, [&](Value row) {
    Value scoreRow = at(scores, e.mul(row, kBlock));
    SmallVector<Value> parts;
    Value largest;
    for (int64_t i = 0; i < kBlock; i += kLanes) {
      Value s = e.load(e.f32Vector(kLanes), at(scoreRow, i), 64);
      if (op.getSlopes())
        s = slopeTerm(row, keyNumbers(e.add(first, i)), s);
      parts.push_back(s);
      largest = largest ? e.maxF(s, largest) : s;
    }
    Value old = e.load(e.f32Type(), at(maxima, row));
    Value maximum = e.maxF(e.maxLanes(largest), old);
    e.store(maximum, at(maxima, row));
    Value shrink = emitExp(e, e.splat(e.subF(old, maximum), 1));
    shrink = e.lane(shrink, 0);
    e.store(shrink, at(factors, row));
    Value rowWeights = at(weights, e.mul(row, kLanes));
    Value total = e.mulF(e.load(e.f32Vector(kLanes), rowWeights, 64),
                         e.splat(shrink, kLanes));
    Value reference = e.splat(maximum, kLanes);
    for (int64_t i = 0; i < kVectors; ++i) {
      Value p = emitExp(e, e.subF(parts[i], reference));
      e.store(p, at(scoreRow, i * kLanes), 64);
      total = e.addF(total, p);
    }
    e.store(total, rowWeights, 64);
  });
}

/// sums = factor * sums + powers * values, some vectors of features at a time.
/// Values after the last key are not read: they may be anything.
void AttentionKernel::emitValues(Value count) {
  int64_t vectors = valueSize / e.lanes;
  int64_t together =
      std::max<int64_t>(1, std::min<int64_t>(accumulators() / rows,
                                             std::max<int64_t>(vectors, 1)));
  int64_t wide = e.lanes * together, whole = valueSize / wide * wide;
  e.loop(e.i64(0), e.i64(whole), wide, [&](Value feature) {
    emitValueTile(feature, e.lanes, together, count);
  });
  int64_t rest = vectors % together;
  if (rest)
    emitValueTile(e.i64(whole), e.lanes, rest, count);
  int64_t done = vectors * e.lanes;
  e.features(valueSize - done, [&](Value feature, int64_t lanes) {
    emitValueTile(e.add(feature, done), lanes, 1, count);
  });
}

void AttentionKernel::emitValueTile(Value feature, int64_t lanes,
                                    int64_t vectors, Value count) {
  int64_t size = Emitter::bytesOf(valueElement);
  int64_t stride = valueSize * size * (valueCache ? 1 : valueHeads);
  auto sumAt = [&](int64_t row, int64_t i) {
    return at(sums, e.add(feature, row * valueSize + i * lanes));
  };
  Emitter::Values initial;
  for (int64_t row = 0; row < rows; ++row) {
    Value factor = e.loadSplat(e.f32Type(), at(factors, row), lanes);
    for (int64_t i = 0; i < vectors; ++i)
      initial.push_back(
          e.mulF(e.load(e.f32Vector(lanes), sumAt(row, i)), factor));
  }
  Value base = e.at(valueBlock, e.mul(feature, size));
  auto step = [&](Value index, ValueRange carried) {
    Emitter::Values next;
    SmallVector<Value> values;
    Value source = e.at(base, e.mul(index, stride));
    if (nextValues) {
      Value next =
          e.at(nextValues, e.add(e.mul(feature, size), e.mul(index, stride)));
      for (int64_t byte = 0; byte < vectors * lanes * size; byte += kLine)
        e.prefetch(e.at(next, byte));
    }
    for (int64_t i = 0; i < vectors; ++i)
      values.push_back(
          e.loadFloats(valueElement, e.at(source, i * lanes * size), lanes));
    for (int64_t row = 0; row < rows; ++row) {
      Value power = at(scores, e.add(index, row * kBlock));
      Value p = e.loadSplat(e.f32Type(), power, lanes);
      for (int64_t i = 0; i < vectors; ++i)
        next.push_back(e.fma(p, values[i], carried[row * vectors + i]));
    }
    return next;
  };
  auto totals = e.loop(e.i64(0), count, 1, initial, step);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < vectors; ++i)
      e.store(totals[row * vectors + i], sumAt(row, i));
}
