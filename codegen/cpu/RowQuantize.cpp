//===- RowQuantize.cpp - Activations as matmuls read them -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Stores a token into its tile (see #sinter.tiled), in blocks of integers or as
// floats.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RowKernel.h"

#include "dialect/IR/StoredLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace sinter;

namespace {
/// The tile of a token: its address, the token's place in it.
struct Tile {
  int64_t tokens;
  Value address, inside;
};
} // namespace

static Tile tileOf(Emitter &e, Value value, Value base, Value token) {
  auto tiled = dyn_cast_or_null<TiledAttr>(
      cast<RankedTensorType>(value.getType()).getEncoding());
  int64_t tokens = tiled ? tiled.getTokens() : 1;
  int64_t bytes = tokens * rowBytesOf(value.getType());
  return {tokens, e.at(base, e.mul(e.div(token, tokens), bytes)),
          e.rem(token, tokens)};
}

LogicalResult RowKernel::emitQuantize(QuantizeOp quantize) {
  auto type = cast<RankedTensorType>(quantize.getType());
  if (isa<BlockType>(type.getElementType()))
    return forValues(
        quantize.getInput(),
        [&](const Place &place) { storeQuantized(quantize, place); }, 0, 32);
  return forValues(quantize.getInput(),
                   [&](const Place &place) { storeTiled(quantize, place); });
}

void RowKernel::storeTiled(QuantizeOp quantize, const Place &place) {
  Value vector = evaluate(quantize.getInput(), place);
  storeSideResults(place);
  Type element = cast<RankedTensorType>(quantize.getType()).getElementType();
  Tile tile =
      tileOf(e, quantize, operands.address(quantize.getResult()), token);
  int64_t size = Emitter::bytesOf(element);
  if (tile.tokens == 1)
    return e.storeFloats(vector, element,
                         e.at(tile.address, e.mul(place.feature, size)));
  // Tiles are (K, M), of bf16 (K / 2, M, 2).
  int64_t together = element.isBF16() ? 2 : 1;
  for (int64_t i = 0; i < place.lanes; ++i) {
    Value feature = e.add(place.feature, i);
    Value index =
        e.add(e.mul(e.div(feature, together), tile.tokens), tile.inside);
    index = e.add(e.mul(index, together), e.rem(feature, together));
    Value lane = e.lane(vector, i);
    if (!element.isF32())
      lane = arith::TruncFOp::create(e.b, e.loc, element, lane);
    e.store(lane, e.at(tile.address, e.mul(index, size)));
  }
}

/// A block of 32 features: d = max|x| / 127, q = round(x / d), and the sum of
/// q.
void RowKernel::storeQuantized(QuantizeOp quantize, const Place &block) {
  int64_t lanes = std::min<int64_t>(e.lanes, 32);
  auto words = Emitter::vectorType(e.b.getI32Type(), lanes);
  SmallVector<Value> parts;
  Value largest;
  for (int64_t i = 0; i < 32; i += lanes) {
    Place place = block;
    place.lanes = lanes;
    place.feature = e.add(block.feature, i);
    place.inner = e.add(block.inner, i);
    clear();
    Value x = evaluate(quantize.getInput(), place);
    storeSideResults(place);
    parts.push_back(x);
    Value size = math::AbsFOp::create(e.b, e.loc, x);
    largest = largest ? e.maxF(size, largest) : size;
  }
  Value scale = e.divF(e.maxLanes(largest), e.f32(127.0));
  Value isZero = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ,
                                       scale, e.f32(0.0));
  // Divided, as the op says: a product with 1 / d may round otherwise.
  Value divisor = e.splat(e.select(isZero, e.f32(1.0), scale), lanes);
  Tile tile =
      tileOf(e, quantize, operands.address(quantize.getResult()), token);
  int64_t features = featuresOf(quantize.getType()), m = tile.tokens;
  Value sum;
  for (auto [number, part] : llvm::enumerate(parts)) {
    Value rounded =
        math::RoundEvenOp::create(e.b, e.loc, e.divF(part, divisor));
    Value quants = arith::FPToSIOp::create(e.b, e.loc, words, rounded);
    sum = sum ? arith::AddIOp::create(e.b, e.loc, sum, quants).getResult()
              : quants;
    Value bytes = arith::TruncIOp::create(
        e.b, e.loc, Emitter::vectorType(e.b.getI8Type(), lanes), quants);
    Value group = e.add(e.div(block.feature, 4), number * lanes / 4);
    Value at =
        e.at(tile.address, e.mul(e.add(e.mul(group, m), tile.inside), 4));
    if (m == 1) {
      e.store(bytes, at);
      continue;
    }
    Value fours =
        e.bitcast(Emitter::vectorType(e.b.getI32Type(), lanes / 4), bytes);
    for (int64_t i = 0; i < lanes / 4; ++i)
      e.store(e.lane(fours, i), e.at(at, 4 * m * i));
  }
  Value index = e.add(e.mul(e.div(block.feature, 32), m), tile.inside);
  Value at = e.at(tile.address, e.add(e.mul(index, 4), features * m));
  e.store(scale, at);
  e.store(e.sumLanes(sum), e.at(at, features / 32 * m * 4));
}
