//===- TiledStore.cpp - Activations as matmuls read them ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/TiledStore.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace sinter;

namespace {
/// The tile of a token: its address, the token's place in it.
struct Tile {
  int64_t tokens, together;
  Value address, inside;

  /// Where a feature is, in elements.
  Value indexOf(Emitter &e, Value feature) const {
    Value group = e.add(e.mul(e.div(feature, together), tokens), inside);
    return e.add(e.mul(group, together), e.rem(feature, together));
  }
};
} // namespace

static Tile tileOf(Emitter &e, const LinearInput &tiles, Value token) {
  int64_t tokens = tiles.tileTokens;
  return {tokens, tiles.together,
          e.at(tiles.base, e.mul(e.div(token, tokens), tiles.tileBytes())),
          e.rem(token, tokens)};
}

void sinter::storeTiledFloats(Emitter &e, const LinearInput &tiles, Value token,
                              Value feature, Value vector) {
  Type element = tiles.element;
  Tile tile = tileOf(e, tiles, token);
  int64_t size = Emitter::bytesOf(element);
  if (tile.tokens == 1)
    return e.storeFloats(vector, element,
                         e.at(tile.address, e.mul(feature, size)));
  int64_t lanes = cast<VectorType>(vector.getType()).getDimSize(0);
  // Vectors start at multiples of their length.
  if (tile.together % lanes == 0)
    return e.storeFloats(
        vector, element,
        e.at(tile.address, e.mul(tile.indexOf(e, feature), size)));
  for (int64_t i = 0; i < lanes; ++i) {
    Value index = tile.indexOf(e, e.add(feature, i));
    Value lane = e.lane(vector, i);
    if (!element.isF32())
      lane = arith::TruncFOp::create(e.b, e.loc, element, lane);
    e.store(lane, e.at(tile.address, e.mul(index, size)));
  }
}

/// max|x| / 127 of all parts.
static Value scaleOf(Emitter &e, ArrayRef<Value> parts) {
  Value largest;
  for (Value part : parts) {
    Value size = math::AbsFOp::create(e.b, e.loc, part);
    largest = largest ? e.maxF(size, largest) : size;
  }
  return e.divF(e.maxLanes(largest), e.f32(127.0));
}

// d = max|x| / 127, q = round(x / d), and the sum of q.
void sinter::storeTiledBlock(Emitter &e, const LinearInput &tiles, Value token,
                             Value feature, ArrayRef<Value> parts) {
  int64_t lanes = cast<VectorType>(parts[0].getType()).getDimSize(0);
  auto words = Emitter::vectorType(e.b.getI32Type(), lanes);
  Value scale = scaleOf(e, parts);
  Value isZero = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ,
                                       scale, e.f32(0.0));
  // Divided, as the op says: a product with 1 / d may round otherwise.
  Value divisor = e.splat(e.select(isZero, e.f32(1.0), scale), lanes);
  Tile tile = tileOf(e, tiles, token);
  int64_t m = tile.tokens;
  Value sum;
  for (auto [number, part] : llvm::enumerate(parts)) {
    Value rounded =
        math::RoundEvenOp::create(e.b, e.loc, e.divF(part, divisor));
    Value quants = arith::FPToSIOp::create(e.b, e.loc, words, rounded);
    sum = sum ? arith::AddIOp::create(e.b, e.loc, sum, quants).getResult()
              : quants;
    Value bytes = arith::TruncIOp::create(
        e.b, e.loc, Emitter::vectorType(e.b.getI8Type(), lanes), quants);
    Value at =
        e.at(tile.address, tile.indexOf(e, e.add(feature, number * lanes)));
    if (tile.together % lanes == 0 || m == 1) {
      e.store(bytes, at);
      continue;
    }
    Value fours =
        e.bitcast(Emitter::vectorType(e.b.getI32Type(), lanes / 4), bytes);
    for (int64_t i = 0; i < lanes / 4; ++i)
      e.store(e.lane(fours, i), e.at(at, 4 * m * i));
  }
  Value index = e.add(e.mul(e.div(feature, 32), m), tile.inside);
  Value at = e.at(tile.address, e.add(e.mul(index, 4), tiles.scalesOffset()));
  e.store(scale, at);
  e.store(e.sumLanes(sum), e.at(at, tiles.sumsOffset() - tiles.scalesOffset()));
}
