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
  // Features that lie together are one word; both are powers of two.
  int64_t wordBytes = tile.together * size, words = lanes / tile.together;
  Type word = e.b.getIntegerType(unsigned(8 * wordBytes));
  Value all =
      e.bitcast(Emitter::vectorType(word, words), e.narrow(vector, element));
  Value at = e.at(tile.address, e.mul(tile.indexOf(e, feature), size));
  for (int64_t i = 0; i < words; ++i)
    e.store(e.lane(all, i), e.at(at, i * wordBytes * tile.tokens));
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

namespace {
/// Stores a block of a token into one part of its tile.
struct BlockStore {
  Emitter &e;
  const LinearInput &tiles;
  Value feature; ///< the block's first
  Tile tile;     ///< of the part
  Value sum = {};

  /// Quants (i32) of features from number `first` of the block on.
  void quants(int64_t first, Value words) {
    int64_t lanes = cast<VectorType>(words.getType()).getDimSize(0);
    sum =
        sum ? arith::AddIOp::create(e.b, e.loc, sum, words).getResult() : words;
    Value bytes = arith::TruncIOp::create(
        e.b, e.loc, Emitter::vectorType(e.b.getI8Type(), lanes), words);
    Value at = e.at(tile.address, tile.indexOf(e, e.add(feature, first)));
    if (tile.together % lanes == 0 || tile.tokens == 1)
      return e.store(bytes, at);
    Value fours =
        e.bitcast(Emitter::vectorType(e.b.getI32Type(), lanes / 4), bytes);
    for (int64_t i = 0; i < lanes / 4; ++i)
      e.store(e.lane(fours, i), e.at(at, 4 * tile.tokens * i));
  }

  /// Address of the scale; the sum of quants is as far on as all scales go.
  Value scaleAt() {
    Value index = e.add(e.mul(e.div(feature, 32), tile.tokens), tile.inside);
    return e.at(tile.address, e.add(e.mul(index, 4), tiles.scalesOffset()));
  }
  void storeScale(Value scale) { e.store(scale, scaleAt()); }

  /// The scale, and the sum of the quants.
  void finish(Value scale) {
    storeScale(scale);
    e.store(e.sumLanes(sum),
            e.at(scaleAt(), tiles.sumsOffset() - tiles.scalesOffset()));
  }
};
} // namespace

/// round(x), i32.
static Value roundToInt(Emitter &e, Value x) {
  int64_t lanes = cast<VectorType>(x.getType()).getDimSize(0);
  Value rounded = math::RoundEvenOp::create(e.b, e.loc, x);
  return arith::FPToSIOp::create(
      e.b, e.loc, Emitter::vectorType(e.b.getI32Type(), lanes), rounded);
}

/// p = round(256 x / d), q = floor((p + 128) / 256); r = max(p - 256 q, -127)
/// where the squares of x / d say so, else its scale is zero and it is not
/// written. `ratios` are x / d.
static void storeTwoParts(Emitter &e, BlockStore &first, BlockStore &second,
                          ArrayRef<Value> ratios, Value scale, float crest) {
  int64_t lanes = cast<VectorType>(ratios[0].getType()).getDimSize(0);
  auto words = Emitter::vectorType(e.b.getI32Type(), lanes);
  Value eight = e.integer(words, 8), squares;
  SmallVector<Value> low;
  for (auto [number, ratio] : llvm::enumerate(ratios)) {
    squares = squares ? e.fma(ratio, ratio, squares) : e.mulF(ratio, ratio);
    Value both = roundToInt(e, e.mulF(ratio, e.splat(256.0, lanes)));
    Value raised =
        arith::AddIOp::create(e.b, e.loc, both, e.integer(words, 128));
    Value high = arith::ShRSIOp::create(e.b, e.loc, raised, eight);
    first.quants(number * lanes, high);
    Value whole = arith::ShLIOp::create(e.b, e.loc, high, eight);
    low.push_back(arith::SubIOp::create(e.b, e.loc, both, whole));
  }
  Value most = e.f32(32 * 127 * 127 / (crest * crest));
  Value isFine = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OLT,
                                       e.sumLanes(squares), most);
  second.storeScale(e.f32(0.0));
  e.when(isFine, [&] {
    for (auto [number, quants] : llvm::enumerate(low))
      second.quants(
          number * lanes,
          arith::MaxSIOp::create(e.b, e.loc, quants, e.integer(words, -127)));
    second.finish(e.mulF(scale, e.f32(1.0 / 256)));
  });
}

// d = max|x| / 127, q = round(x / d), and the sum of q.
void sinter::storeTiledBlock(Emitter &e, const LinearInput &tiles, Value token,
                             Value feature, ArrayRef<Value> parts,
                             float crest) {
  int64_t lanes = cast<VectorType>(parts[0].getType()).getDimSize(0);
  Value scale = scaleOf(e, parts);
  Value isZero = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ,
                                       scale, e.f32(0.0));
  // Divided, as the op says: a product with 1 / d may round otherwise.
  Value divisor = e.splat(e.select(isZero, e.f32(1.0), scale), lanes);
  SmallVector<Value> ratios;
  for (Value part : parts)
    ratios.push_back(e.divF(part, divisor));
  BlockStore first{e, tiles, feature, tileOf(e, tiles, token)};
  if (tiles.hasSecond()) {
    BlockStore second = first;
    second.tile.address = e.at(first.tile.address, tiles.partBytes());
    storeTwoParts(e, first, second, ratios, scale, crest);
  } else {
    for (auto [number, ratio] : llvm::enumerate(ratios))
      first.quants(number * lanes, roundToInt(e, ratio));
  }
  first.finish(scale);
}
