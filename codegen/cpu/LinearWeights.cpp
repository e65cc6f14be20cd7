//===- LinearWeights.cpp - Weight matrices in memory ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LinearWeights.h"

#include "codegen/cpu/Target.h"
#include "dialect/IR/StoredLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

WeightMatrix WeightMatrix::of(RankedTensorType type, Value base) {
  WeightMatrix matrix;
  matrix.element = type.getElementType();
  matrix.rows = type.getDimSize(0);
  matrix.columns = type.getDimSize(1);
  if (auto packed = dyn_cast_or_null<PackedAttr>(type.getEncoding())) {
    matrix.panelRows = packed.getRows();
    matrix.biased = packed.getBiased();
  }
  matrix.base = base;
  return matrix;
}

bool WeightMatrix::isFormat(BlockFormat format) const {
  auto block = dyn_cast<BlockType>(element);
  return block && block.getFormat() == format;
}

int64_t WeightMatrix::panelBytes() const {
  return sinter::panelBytes(element, panelRows, columns);
}

int64_t WeightMatrix::rowBytes() const { return storedBytes(element, columns); }

int64_t WeightMatrix::blockBytes() const {
  return panelRows * storedBytes(element, 32);
}

int64_t WeightMatrix::zeroPoint() const {
  if (isFormat(BlockFormat::Q4_0))
    return 8;
  return isFormat(BlockFormat::Q8_0) && biased ? 128 : 0;
}

//===----------------------------------------------------------------------===//
// Half floats
//===----------------------------------------------------------------------===//

/// The bits of f16 in the lanes of `half`, as f32. Denormals are normalized by
/// a subtraction of normal numbers: others count as zero while code runs.
static Value widenHalves(Emitter &e, Value half, int64_t lanes) {
  auto ints = Emitter::vectorType(e.b.getI32Type(), lanes);
  auto floats = e.f32Vector(lanes);
  Value bits = arith::ExtUIOp::create(e.b, e.loc, ints, half);
  auto mask = [&](Value value, int64_t with) -> Value {
    return arith::AndIOp::create(e.b, e.loc, value, e.integer(ints, with));
  };
  Value magnitude = arith::ShLIOp::create(e.b, e.loc, mask(bits, 0x7fff),
                                          e.integer(ints, 13));
  auto rebased = [&](int64_t exponent) -> Value {
    return arith::AddIOp::create(e.b, e.loc, magnitude,
                                 e.integer(ints, exponent << 23));
  };
  Value tiny = e.subF(e.bitcast(floats, rebased(113)), e.splat(0x1p-14, lanes));
  Value isTiny =
      arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ult,
                            mask(bits, 0x7fff), e.integer(ints, 0x400));
  Value scaled = arith::SelectOp::create(e.b, e.loc, isTiny,
                                         e.bitcast(ints, tiny), rebased(112));
  Value special =
      arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::uge,
                            mask(bits, 0x7fff), e.integer(ints, 0x7c00));
  Value infinite =
      arith::OrIOp::create(e.b, e.loc, magnitude, e.integer(ints, 0x7f800000));
  Value chosen = arith::SelectOp::create(e.b, e.loc, special, infinite, scaled);
  Value sign = arith::ShLIOp::create(e.b, e.loc, mask(bits, 0x8000),
                                     e.integer(ints, 16));
  return e.bitcast(floats, arith::OrIOp::create(e.b, e.loc, chosen, sign));
}

Value sinter::loadHalves(Emitter &e, Value pointer, int64_t lanes) {
  if (e.target.f16c)
    return e.loadFloats(e.b.getF16Type(), pointer, lanes);
  Value half = e.load(Emitter::vectorType(e.b.getI16Type(), lanes), pointer);
  return widenHalves(e, half, lanes);
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

namespace {

/// Emits the vectors of one row.
struct RowReader {
  Emitter &e;
  const WeightMatrix &matrix;
  Value row;
  function_ref<void(Value, Value)> body;

  /// Distance of consecutive rows' lanes, and of consecutive columns.
  Value start; ///< address of the row, or of its lane in its panel
  Value lane;  ///< row % R
  Value panel; ///< address of the panel

  void locate() {
    if (!matrix.isPacked()) {
      start = e.at(matrix.base, e.mul(row, matrix.rowBytes()));
      return;
    }
    panel = e.at(matrix.base,
                 e.mul(e.div(row, matrix.panelRows), matrix.panelBytes()));
    lane = e.rem(row, matrix.panelRows);
  }

  Value loadFloat(Value pointer) {
    if (matrix.element.isF16())
      return loadHalves(e, pointer, 1);
    return e.loadFloats(matrix.element, pointer, 1);
  }

  void floats() {
    int64_t size = Emitter::bytesOf(matrix.element);
    if (!matrix.isPacked())
      return e.features(matrix.columns, [&](Value k, int64_t lanes) {
        Value pointer = e.at(start, e.mul(k, size));
        body(k, matrix.element.isF16()
                    ? loadHalves(e, pointer, lanes)
                    : e.loadFloats(matrix.element, pointer, lanes));
      });
    int64_t pair = matrix.element.isBF16() ? 2 : 1;
    e.loop(e.i64(0), e.i64(matrix.columns), 1, [&](Value k) {
      Value group = e.mul(e.div(k, pair), matrix.panelRows);
      Value index = e.add(e.mul(e.add(group, lane), pair), e.rem(k, pair));
      body(k, loadFloat(e.at(panel, e.mul(index, size))));
    });
  }

  /// Four quants from a byte each: d * (q - zero) + minimum.
  void quad(Value feature, Value bytes, bool isSigned, Value scale,
            Value minimum, int64_t zero) {
    auto ints = Emitter::vectorType(e.b.getI32Type(), 4);
    Value wide = isSigned
                     ? Value(arith::ExtSIOp::create(e.b, e.loc, ints, bytes))
                     : Value(arith::ExtUIOp::create(e.b, e.loc, ints, bytes));
    if (zero)
      wide = arith::SubIOp::create(e.b, e.loc, wide, e.integer(ints, zero));
    Value value = arith::SIToFPOp::create(e.b, e.loc, e.f32Vector(4), wide);
    value = e.mulF(value, scale);
    body(feature, minimum ? e.addF(value, minimum) : value);
  }

  Value splatHalf(Value pointer) {
    return e.splat(e.lane(loadHalves(e, pointer, 1), 0), 4);
  }

  /// A block of 32; `quads` gives the address of the quants of 4 (q8_0) or 8
  /// (nibbles) columns.
  void block(Value index, function_ref<Value(int64_t)> quads, Value scale,
             Value minimum) {
    auto bytes = Emitter::vectorType(e.b.getI8Type(), 4);
    Value first = e.mul(index, 32);
    if (!matrix.isNibbles()) {
      for (int64_t j = 0; j < 8; ++j)
        quad(e.add(first, 4 * j), e.load(bytes, quads(j)), !matrix.biased,
             scale, minimum, matrix.biased ? 128 : 0);
      return;
    }
    int64_t zero = matrix.zeroPoint();
    for (int64_t j = 0; j < 4; ++j) {
      Value both = e.load(bytes, quads(j));
      Value low = arith::AndIOp::create(e.b, e.loc, both, e.integer(bytes, 15));
      Value high =
          arith::ShRUIOp::create(e.b, e.loc, both, e.integer(bytes, 4));
      quad(e.add(first, 4 * j), low, false, scale, minimum, zero);
      quad(e.add(first, 16 + 4 * j), high, false, scale, minimum, zero);
    }
  }

  void packedBlocks() {
    int64_t R = matrix.panelRows;
    bool hasMinima = matrix.isFormat(BlockFormat::Q4_1);
    e.loop(e.i64(0), e.i64(matrix.blocks()), 1, [&](Value b) {
      Value start = e.at(panel, e.mul(b, matrix.blockBytes()));
      Value half = e.mul(lane, 2);
      Value scale = splatHalf(e.at(start, e.add(half, matrix.scalesOffset())));
      Value minimum;
      if (hasMinima)
        minimum = splatHalf(e.at(start, e.add(half, matrix.minimaOffset())));
      Value quants = e.at(start, e.mul(lane, 4));
      block(
          b, [&](int64_t j) { return e.at(quants, 4 * R * j); }, scale,
          minimum);
    });
  }

  void storedBlocks() {
    int64_t size = storedBytes(matrix.element, 32);
    bool hasMinima = matrix.isFormat(BlockFormat::Q4_1);
    e.loop(e.i64(0), e.i64(matrix.blocks()), 1, [&](Value b) {
      Value pointer = e.at(start, e.mul(b, size));
      Value scale = splatHalf(pointer), minimum;
      if (hasMinima)
        minimum = splatHalf(e.at(pointer, 2));
      int64_t header = hasMinima ? 4 : 2;
      block(
          b, [&](int64_t j) { return e.at(pointer, header + 4 * j); }, scale,
          minimum);
    });
  }
};

} // namespace

void sinter::emitWeightRow(Emitter &e, const WeightMatrix &matrix, Value row,
                           function_ref<void(Value, Value)> body) {
  RowReader reader{e, matrix, row, body, {}, {}, {}};
  reader.locate();
  if (!matrix.isBlocks())
    reader.floats();
  else if (matrix.isPacked())
    reader.packedBlocks();
  else
    reader.storedBlocks();
}
