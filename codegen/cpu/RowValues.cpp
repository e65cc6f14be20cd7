//===- RowValues.cpp - Values of ops at a place ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What the ops of row kernels compute for a vector of features of a token.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RowKernel.h"

#include "codegen/cpu/LinearWeights.h"
#include "codegen/cpu/VectorMath.h"

#include "dialect/IR/StoredLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sinter;

bool RowKernel::isComputed(Value value) {
  return isInside(value) && !stored.contains(value) && !rows.contains(value);
}

Value RowKernel::evaluateElsewhere(Value value, const Place &place) {
  llvm::DenseMap<Value, Value> here;
  std::swap(here, values);
  Value vector = evaluate(value, place);
  std::swap(here, values);
  return vector;
}

Value RowKernel::evaluateOther(Value value, const Place &place) {
  if (Value row = rows.lookup(value))
    return e.load(e.f32Vector(place.lanes), e.at(row, e.mul(place.feature, 4)));
  if (!isComputed(value) || isa<WeightOp>(value.getDefiningOp()))
    return loadFrom(value, place);
  Operation *op = value.getDefiningOp();
  Type element = cast<RankedTensorType>(value.getType()).getElementType();
  if (auto norm = dyn_cast<RmsNormOp>(op))
    return round(evaluateRms(norm, place), element);
  if (auto norm = dyn_cast<LayerNormOp>(op))
    return round(evaluateLayerNorm(norm, place), element);
  if (auto rope = dyn_cast<RopeOp>(op))
    return round(evaluateRope(rope, place), element);
  if (auto angles = dyn_cast<RopeAnglesOp>(op))
    return round(evaluateRopeAngles(angles, place), element);
  if (auto embed = dyn_cast<EmbedOp>(op))
    return round(evaluateEmbed(embed, place), element);
  if (auto last = dyn_cast<LastOp>(op))
    return evaluateLast(last, place);
  if (auto quantize = dyn_cast<QuantizeOp>(op);
      quantize && isa<FloatType>(element))
    return round(evaluate(quantize.getInput(), place), element);
  if (auto slice = dyn_cast<SliceOp>(op))
    return evaluateSlice(slice, place);
  if (auto concat = dyn_cast<ConcatOp>(op))
    return evaluateConcat(concat, place);
  if (auto mix = dyn_cast<MixOp>(op))
    return round(evaluateMix(mix, place), element);
  if (auto softmax = dyn_cast<LogSoftmaxOp>(op))
    return round(evaluateLogSoftmax(softmax, place), element);
  if (auto sinusoids = dyn_cast<SinusoidsOp>(op))
    return round(evaluateSinusoids(sinusoids, place), element);
  if (auto factors = dyn_cast<PositionFactorsOp>(op))
    return round(evaluatePositionFactors(factors), element);
  if (auto frequencies = dyn_cast<LengthFrequenciesOp>(op))
    return evaluateLengthFrequencies(frequencies, place);
  if (auto frequencies = dyn_cast<NtkFrequenciesOp>(op))
    return round(evaluateNtkFrequencies(frequencies, place), element);
  if (auto pool = dyn_cast<PoolOp>(op))
    return round(evaluatePool(pool, place), element);
  if (auto scale = dyn_cast<ScaleTokensOp>(op)) {
    Value factor = evaluateElsewhere(scale.getFactors(),
                                     {place.token, e.i64(0), 1, e.i64(0), 1});
    Value x = evaluate(scale.getInput(), place);
    return round(e.mulF(x, e.splat(e.lane(factor, 0), place.lanes)), element);
  }
  op->emitOpError("has no lowering as part of a row kernel");
  failedInside = true;
  return e.splat(0.0, place.lanes);
}

Value RowKernel::evaluateRms(RmsNormOp norm, const Place &place) {
  Value x = evaluate(norm.getInput(), place);
  Value y = e.mulF(x, e.splat(statistics.lookup(norm).first, place.lanes));
  if (!norm.getWeight())
    return y;
  Value weight = evaluate(norm.getWeight(), place);
  if (norm.getPlusOne())
    weight = e.addF(weight, e.splat(1.0, place.lanes));
  return e.mulF(y, weight);
}

Value RowKernel::evaluateLayerNorm(LayerNormOp norm, const Place &place) {
  auto [factor, mean] = statistics.lookup(norm);
  Value x =
      e.subF(evaluate(norm.getInput(), place), e.splat(mean, place.lanes));
  Value y = e.mulF(x, e.splat(factor, place.lanes));
  if (norm.getWeight()) {
    Value weight = evaluate(norm.getWeight(), place);
    if (norm.getPlusOne())
      weight = e.addF(weight, e.splat(1.0, place.lanes));
    y = e.mulF(y, weight);
  }
  if (norm.getBias())
    y = e.addF(y, evaluate(norm.getBias(), place));
  return y;
}

/// Lanes first, first + step, ... of a vector.
static Value everyOther(Emitter &e, Value vector, int64_t first,
                        int64_t lanes) {
  SmallVector<int64_t> mask;
  for (int64_t i = 0; i < lanes; ++i)
    mask.push_back(first + 2 * i);
  return e.shuffle(vector, vector, mask);
}

// The vector lies in one segment of the head: `halves` rotates it with the one
// P features away, `neighbours` inside itself.
Value RowKernel::evaluateRope(RopeOp rope, const Place &place) {
  auto type = cast<RankedTensorType>(rope.getAngles().getType());
  int64_t pairs = type.getDimSize(2), offset = rope.getOffset();
  int64_t lanes = place.lanes;
  Value x = evaluate(rope.getInput(), place);
  auto angles = [&](Value first, int64_t count) {
    return evaluateElsewhere(rope.getAngles(),
                             {place.token, e.mul(first, 2), count, {}, 0});
  };
  // Bounds are static, and so is the segment; its first feature may not be.
  int64_t segment = segmentStart;
  if (segment < offset || segment >= offset + 2 * pairs)
    return x;
  Value index = e.sub(place.inner, offset);
  if (rope.getPairs() == RopePairs::Neighbours) {
    Value both = angles(e.div(index, 2), lanes);
    SmallVector<int64_t> cosines, sines, swapped;
    for (int64_t i = 0; i < lanes; ++i) {
      cosines.push_back(i / 2 * 2);
      sines.push_back(i / 2 * 2 + 1);
      swapped.push_back(i ^ 1);
    }
    SmallVector<float> signs;
    for (int64_t i = 0; i < lanes; ++i)
      signs.push_back(i % 2 ? 1.0f : -1.0f);
    Value sign = arith::ConstantOp::create(
        e.b, e.loc,
        DenseElementsAttr::get(e.f32Vector(lanes), ArrayRef(signs)));
    Value sine = e.mulF(e.shuffle(both, both, sines), sign);
    return e.addF(e.mulF(x, e.shuffle(both, both, cosines)),
                  e.mulF(e.shuffle(x, x, swapped), sine));
  }
  bool upper = segment >= offset + pairs;
  int64_t away = upper ? -pairs : pairs;
  Place partner = place;
  partner.feature = e.add(place.feature, away);
  partner.inner = e.add(place.inner, away);
  Value other = evaluateElsewhere(rope.getInput(), partner);
  Value both = angles(upper ? e.sub(index, pairs) : index, 2 * lanes);
  Value cosine = everyOther(e, both, 0, lanes);
  Value sine = everyOther(e, both, 1, lanes);
  Value straight = e.mulF(x, cosine), crossed = e.mulF(other, sine);
  return upper ? e.addF(straight, crossed) : e.subF(straight, crossed);
}

Value RowKernel::evaluateEmbed(EmbedOp embed, const Place &place) {
  auto type = cast<RankedTensorType>(embed.getTable().getType());
  Value row = e.max(ids.lookup(embed.getIds()), 0);
  row = e.min(row, type.getDimSize(0) - 1);
  return emitRowPart(e, type, operands.address(embed.getTable()), row,
                     place.feature, place.lanes);
}

Value RowKernel::evaluateLast(LastOp last, const Place &place) {
  Value count = operands.scalar(last.getCount());
  Value tokens = tokensOf(last.getInput());
  Value sequence = e.div(place.token, count);
  Value index = e.rem(place.token, count);
  Place source = place;
  source.token =
      e.add(e.mul(sequence, tokens), e.add(e.sub(tokens, count), index));
  return evaluateElsewhere(last.getInput(), source);
}

Value RowKernel::evaluateLogSoftmax(LogSoftmaxOp op, const Place &place) {
  auto [log, most] = statistics.lookup(op);
  Value x = e.subF(evaluate(op.getInput(), place), e.splat(most, place.lanes));
  return e.subF(x, e.splat(log, place.lanes));
}

/// The same place in the longer heads of the input.
Value RowKernel::evaluateSlice(SliceOp slice, const Place &place) {
  int64_t size = lastDimOf(slice.getType());
  int64_t inputSize = lastDimOf(slice.getInput().getType());
  Place source = place;
  source.headSize = inputSize;
  source.inner = e.add(place.inner, slice.getOffset());
  Value head = e.div(e.sub(place.feature, place.inner), size);
  source.feature = e.add(e.mul(head, inputSize), source.inner);
  return evaluateElsewhere(slice.getInput(), source);
}

/// The vector lies in one part: the sum of the same place in all of the
/// input's.
Value RowKernel::evaluateMix(MixOp mix, const Place &place) {
  int64_t features = lastDimOf(mix.getType());
  int64_t count =
      cast<RankedTensorType>(mix.getInput().getType()).getDimSize(2);
  Value part = e.div(e.sub(place.feature, place.inner), features);
  Value first = e.mul(part, count);
  auto add = [&](Value number, ValueRange sums) -> Emitter::Values {
    Place source = place;
    source.feature = e.add(e.mul(number, features), place.inner);
    Value x = evaluateElsewhere(mix.getInput(), source);
    Value index = e.add(first, number);
    Value factor =
        evaluateElsewhere(mix.getWeights(), {place.token, index, 1, index, 0});
    factor = e.splat(e.lane(factor, 0), place.lanes);
    return {e.addF(sums[0], e.mulF(factor, x))};
  };
  return e.loop(e.i64(0), e.i64(count), 1, {e.splat(0.0, place.lanes)}, add)[0];
}

/// The same place in the shorter heads of the input that has it: a vector lies
/// in one of them.
Value RowKernel::evaluateConcat(ConcatOp concat, const Place &place) {
  int64_t from = 0;
  Value input;
  for (Value next : concat.getInputs()) {
    input = next;
    int64_t size = lastDimOf(next.getType());
    if (segmentStart < from + size)
      break;
    from += size;
  }
  int64_t size = lastDimOf(input.getType());
  Value head =
      e.div(e.sub(place.feature, place.inner), lastDimOf(concat.getType()));
  Place source = place;
  source.headSize = size;
  source.inner = e.sub(place.inner, from);
  source.feature = e.add(e.mul(head, size), source.inner);
  return evaluateElsewhere(input, source);
}

//===----------------------------------------------------------------------===//
// Rows of weights
//===----------------------------------------------------------------------===//

/// A vector of these scalars.
static Value gather(Emitter &e, Type element, ArrayRef<Value> addresses) {
  SmallVector<Value> scalars;
  for (Value address : addresses)
    scalars.push_back(e.load(element, address));
  auto type = Emitter::vectorType(element, scalars.size());
  return vector::FromElementsOp::create(e.b, e.loc, type, scalars);
}

namespace {
/// A row of a matrix.
struct BlockRow {
  Emitter &e;
  RankedTensorType type;
  WeightMatrix matrix;
  Value row;

  int64_t panelRows() { return matrix.isPacked() ? matrix.panelRows : 1; }
  Value panel() {
    return e.at(matrix.base,
                e.mul(e.div(row, panelRows()), matrix.panelBytes()));
  }
  /// The row's number in its panel.
  Value lane() { return e.rem(row, panelRows()); }
  /// A block of the panel, or of the row where it is row-major.
  Value block(Value first) {
    Value number = e.div(first, 32);
    if (matrix.isPacked())
      return e.at(panel(), e.mul(number, matrix.blockBytes()));
    Value start = e.add(e.mul(row, matrix.blocks()), number);
    return e.at(matrix.base, e.mul(start, storedBytes(matrix.element, 32)));
  }
};
} // namespace

static Value floatRow(BlockRow at, Value first, int64_t lanes) {
  Emitter &e = at.e;
  Type element = at.matrix.element;
  int64_t size = Emitter::bytesOf(element), rows = at.panelRows();
  if (!at.matrix.isPacked()) {
    Value index = e.add(e.mul(at.row, at.matrix.columns), first);
    return e.loadFloats(element, e.at(at.matrix.base, e.mul(index, size)),
                        lanes);
  }
  // Panels are (K, R), of bf16 (K / 2, R, 2).
  int64_t together = element.isBF16() ? 2 : 1;
  SmallVector<Value> addresses;
  for (int64_t i = 0; i < lanes; ++i) {
    Value column = e.add(first, i);
    Value index = e.add(e.mul(e.div(column, together), rows), at.lane());
    index = e.add(e.mul(index, together), e.rem(column, together));
    addresses.push_back(e.at(at.panel(), e.mul(index, size)));
  }
  Value vector = gather(e, element, addresses);
  if (element.isF32())
    return vector;
  return arith::ExtFOp::create(e.b, e.loc, e.f32Vector(lanes), vector);
}

/// Quants as i32 lanes, before zero points.
static Value quantsOf(BlockRow at, Value first, int64_t lanes) {
  Emitter &e = at.e;
  auto bytes = Emitter::vectorType(e.b.getI8Type(), lanes);
  auto words = Emitter::vectorType(e.b.getI32Type(), lanes);
  bool nibbles = at.matrix.isNibbles();
  Value inside = e.rem(first, 32), block = at.block(first);
  // Of nibbles, 16 columns share their bytes with the 16 after them.
  Value group = e.div(nibbles ? e.rem(inside, 16) : inside, 4);
  Value quants;
  if (at.matrix.isPacked()) {
    SmallVector<Value> addresses;
    for (int64_t i = 0; i < lanes / 4; ++i) {
      Value index = e.add(e.mul(e.add(group, i), at.panelRows()), at.lane());
      addresses.push_back(e.at(block, e.mul(index, 4)));
    }
    quants = e.bitcast(bytes, gather(e, e.b.getI32Type(), addresses));
  } else {
    // Row-major blocks begin with their scales.
    int64_t scales = storedBytes(at.matrix.element, 32) - (nibbles ? 16 : 32);
    quants = e.load(bytes, e.at(block, e.add(e.mul(group, 4), scales)));
  }
  if (!nibbles && at.matrix.biased)
    return arith::SubIOp::create(
        e.b, e.loc, arith::ExtUIOp::create(e.b, e.loc, words, quants),
        e.integer(words, 128));
  if (!nibbles)
    return arith::ExtSIOp::create(e.b, e.loc, words, quants);
  Value wide = arith::ExtUIOp::create(e.b, e.loc, words, quants);
  Value shift = arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(),
                                        e.mul(e.div(inside, 16), 4));
  wide = arith::ShRUIOp::create(e.b, e.loc, wide, e.splat(shift, lanes));
  return arith::AndIOp::create(e.b, e.loc, wide, e.integer(words, 15));
}

/// The scale (0) or minimum (1) of a block in all lanes.
static Value scaleOf(BlockRow at, Value first, int64_t lanes, int64_t which) {
  Emitter &e = at.e;
  Value offset = e.i64(2 * which);
  if (at.matrix.isPacked())
    offset = e.add(e.mul(at.lane(), 2),
                   which ? at.matrix.minimaOffset() : at.matrix.scalesOffset());
  Value scale = loadHalves(e, e.at(at.block(first), offset), 1);
  return e.splat(e.lane(scale, 0), lanes);
}

Value sinter::emitRowPart(Emitter &e, RankedTensorType type, Value base,
                          Value row, Value first, int64_t lanes) {
  BlockRow at{e, type, WeightMatrix::of(type, base), row};
  if (!at.matrix.isBlocks())
    return floatRow(at, first, lanes);
  Value quants = quantsOf(at, first, lanes);
  Value scale = scaleOf(at, first, lanes, 0);
  if (at.matrix.isFormat(BlockFormat::Q4_0))
    quants = arith::SubIOp::create(e.b, e.loc, quants,
                                   e.integer(quants.getType(), 8));
  Value q = arith::SIToFPOp::create(e.b, e.loc, e.f32Vector(lanes), quants);
  if (at.matrix.isFormat(BlockFormat::Q4_1))
    return e.addF(e.mulF(scale, q), scaleOf(at, first, lanes, 1));
  return e.mulF(scale, q);
}
