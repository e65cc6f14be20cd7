//===- AttentionScores.cpp - Products of queries and keys -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/AttentionKernel.h"

#include "codegen/cpu/VectorMath.h"

using namespace mlir;
using namespace sinter;

/// Brings a block of a plain tensor's keys into the layout of caches.
void AttentionKernel::packKeys(Value count) {
  int64_t size = Emitter::bytesOf(keyElement);
  e.loop(e.i64(0), count, 1, [&](Value index) {
    Value source = e.at(keyBlock, e.mul(index, keyHeads * keySize * size));
    Value lane = e.add(e.mul(e.div(index, kLanes), keySize * kLanes),
                       e.rem(index, kLanes));
    e.features(keySize, [&](Value feature, int64_t lanes) {
      Value x =
          e.loadFloats(keyElement, e.at(source, e.mul(feature, size)), lanes);
      Value target = at(packedKeys, e.add(lane, e.mul(feature, kLanes)));
      for (int64_t i = 0; i < lanes; ++i)
        e.store(e.lane(x, i), at(target, i * kLanes));
    });
  });
}

/// A feature of the 16 keys of a vector of the block.
Value AttentionKernel::keyVector(Value vector, Value feature) {
  Value index = e.mul(e.add(e.mul(vector, keySize), feature), kLanes);
  if (!keyCache)
    return e.load(e.f32Vector(kLanes), at(packedKeys, index), 64);
  Value offset = e.mul(index, Emitter::bytesOf(keyElement));
  if (nextKeys)
    e.prefetch(e.at(nextKeys, offset));
  Value pointer = e.at(keyBlock, offset);
  return e.loadFloats(keyElement, pointer, kLanes);
}

/// Scores of a block's first `count` keys, soft-capped. Vectors of keys that
/// begin after them are left out; the mask hides what then is there.
void AttentionKernel::emitScores(Value count) {
  int64_t registers = kLanes / std::min<int64_t>(e.lanes, kLanes);
  int64_t together = 1;
  while (together < kVectors &&
         2 * together * rows * registers <= accumulators())
    together *= 2;
  Value vectors = e.ceilDiv(count, kLanes);
  e.loop(e.i64(0), vectors, together, [&](Value vector) {
    emitScoreTile(vector, together, e.sub(vectors, 1));
  });
}

/// Of `together` vectors of keys, the last of which may be repeated.
void AttentionKernel::emitScoreTile(Value vector, int64_t together,
                                    Value lastVector) {
  SmallVector<Value> vectors;
  for (int64_t i = 0; i < together; ++i)
    vectors.push_back(e.min(e.add(vector, i), lastVector));
  Emitter::Values zeros(rows * together, e.splat(0.0, kLanes));
  auto step = [&](Value feature, ValueRange carried) {
    Emitter::Values next;
    SmallVector<Value> keys;
    for (Value vector : vectors)
      keys.push_back(keyVector(vector, feature));
    for (int64_t row = 0; row < rows; ++row) {
      Value place = e.add(e.mul(feature, rows), row);
      Value q = e.loadSplat(e.f32Type(), at(queries, place), kLanes);
      for (int64_t i = 0; i < together; ++i)
        next.push_back(e.fma(q, keys[i], carried[row * together + i]));
    }
    return next;
  };
  auto totals = e.loop(e.i64(0), e.i64(keySize), 1, zeros, step);
  double cap = op.getSoftCap().convertToDouble();
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < together; ++i) {
      Value score = totals[row * together + i];
      if (cap > 0)
        score = emitSoftCap(e, score, cap);
      Value place = e.add(e.mul(vectors[i], kLanes), row * kBlock);
      e.store(score, at(scores, place), 64);
    }
}
