//===- RowTokens.cpp - Values of positions and sequences ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Ids and positions of a token, what is computed from them, and what stands for
// a whole sequence.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RowKernel.h"

#include "codegen/cpu/VectorMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sinter;

/// Tokens of each sequence.
Value RowKernel::tokensOf(Value activation) {
  auto type = cast<RankedTensorType>(activation.getType());
  return type.isDynamicDim(1) ? e.tokens : e.i64(type.getDimSize(1));
}

/// Of the mask's first `tokens`, how many count.
Value RowKernel::countInMask(MaskPositionsOp op, Value tokens) {
  auto type = cast<RankedTensorType>(op.getMask().getType());
  // With tokens before this call, a row has as many entries as a cache.
  Value stride = op.getPast() ? e.capacity : e.tokens;
  if (!type.isDynamicDim(1))
    stride = e.i64(type.getDimSize(1));
  Value sequence = e.div(token, tokensOf(op.getIds()));
  Value row =
      e.at(operands.address(op.getMask()), e.mul(e.mul(sequence, stride), 4));
  Type word = e.b.getI32Type();
  return e.loop(e.i64(0), tokens, 1, e.i64(0),
                [&](Value index, ValueRange count) -> Emitter::Values {
                  Value entry = e.load(word, e.at(row, e.mul(index, 4)));
                  Value counts = e.equal(entry, e.i32(0));
                  return {e.select(counts, count[0], e.add(count[0], 1))};
                })[0];
}

/// Ids and positions of the token that ops of the kernel read.
void RowKernel::loadIds() {
  ids.clear();
  auto load = [&](Value value, Value index) {
    Value address = e.at(operands.address(value), e.mul(index, 4));
    return e.toI64(e.load(e.b.getI32Type(), address));
  };
  auto indexOf = [&](Value past, Value of) {
    Value tokens = tokensOf(of);
    Value index = e.rem(token, tokens);
    return past ? e.add(load(past, e.div(token, tokens)), index) : index;
  };
  for (Operation &op : fused.getBody().front()) {
    if (auto positions = dyn_cast<PositionsOp>(op)) {
      Value index = indexOf(positions.getPast(), positions.getIds());
      ids[positions.getResult()] = e.add(index, positions.getOffset());
    }
    if (auto positions = dyn_cast<MaskPositionsOp>(op)) {
      Value index = indexOf(positions.getPast(), positions.getIds());
      Value count = countInMask(positions, e.add(index, 1));
      ids[positions.getResult()] =
          e.add(e.max(e.sub(count, 1), 0), positions.getOffset());
    }
    Value used;
    if (auto angles = dyn_cast<RopeAnglesOp>(op))
      used = angles.getPositions();
    if (auto sinusoids = dyn_cast<SinusoidsOp>(op))
      used = sinusoids.getPositions();
    if (auto factors = dyn_cast<PositionFactorsOp>(op))
      used = factors.getPositions();
    if (auto embed = dyn_cast<EmbedOp>(op))
      used = embed.getIds();
    if (used && !ids.contains(used))
      ids[used] = load(used, token);
  }
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// Cosines and sines of a position times `pairs` frequencies from `index` on.
static std::pair<Value, Value> turn(Emitter &e, Value position, Type element,
                                    Value frequencies, Value index,
                                    int64_t pairs) {
  Value frequency = e.loadFloats(
      element, e.at(frequencies, e.mul(index, Emitter::bytesOf(element))),
      pairs);
  Value p = arith::SIToFPOp::create(e.b, e.loc, e.f32Type(), position);
  return emitCosSin(e, e.mulF(e.splat(p, pairs), frequency));
}

/// x0, y0, x1, y1, ...
static Value interleave(Emitter &e, Value x, Value y) {
  int64_t pairs = cast<VectorType>(x.getType()).getDimSize(0);
  SmallVector<int64_t> mask;
  for (int64_t i = 0; i < pairs; ++i)
    mask.append({i, pairs + i});
  return e.shuffle(x, y, mask);
}

/// exp((position - origin) * growth) of the pairs of a place.
Value RowKernel::growthOf(RopeAnglesOp op, const Place &place) {
  Value growth = op.getGrowth();
  Type element = cast<RankedTensorType>(growth.getType()).getElementType();
  Value index = e.mul(e.div(place.feature, 2), Emitter::bytesOf(element));
  int64_t pairs = place.lanes / 2;
  Value rate =
      e.loadFloats(element, e.at(operands.address(growth), index), pairs);
  Value away = e.sub(ids.lookup(op.getPositions()), op.getOrigin());
  Value p = arith::SIToFPOp::create(e.b, e.loc, e.f32Type(), away);
  return emitExp(e, e.mulF(e.splat(p, pairs), rate));
}

/// Features of angles alternate cosine and sine, so vectors have even lanes.
Value RowKernel::evaluateRopeAngles(RopeAnglesOp op, const Place &place) {
  auto type = cast<RankedTensorType>(op.getFrequencies().getType());
  Value row = type.getRank() == 1
                  ? e.i64(0)
                  : e.div(place.token, tokensOf(op.getPositions()));
  Value index =
      e.add(e.mul(row, type.getShape().back()), e.div(place.feature, 2));
  auto [cosine, sine] =
      turn(e, ids.lookup(op.getPositions()), type.getElementType(),
           operands.address(op.getFrequencies()), index, place.lanes / 2);
  Value both = interleave(e, cosine, sine);
  if (op.getGrowth()) {
    Value length = growthOf(op, place);
    both = e.mulF(both, interleave(e, length, length));
  }
  double scale = op.getScale().convertToDouble();
  return scale == 1.0 ? both : e.mulF(both, e.splat(scale, place.lanes));
}

/// Of halves, a vector lies in one; of neighbours, it has even lanes, or it is
/// the sine that has no cosine.
Value RowKernel::evaluateSinusoids(SinusoidsOp op, const Place &place) {
  auto type = cast<RankedTensorType>(op.getFrequencies().getType());
  int64_t pairs = type.getDimSize(0);
  bool halves = op.getPairs() == RopePairs::Halves;
  bool alone = !halves && place.lanes == 1;
  bool upper = halves && segmentStart >= pairs;
  Value index =
      halves ? e.sub(place.inner, upper ? pairs : 0) : e.div(place.inner, 2);
  auto [cosine, sine] =
      turn(e, ids.lookup(op.getPositions()), type.getElementType(),
           operands.address(op.getFrequencies()), index,
           halves || alone ? place.lanes : place.lanes / 2);
  if (!halves && !alone)
    return interleave(e, sine, cosine);
  return upper ? cosine : sine;
}

static Value toF64(Emitter &e, Value integer) {
  auto type = Emitter::vectorType(e.b.getF64Type(), 1);
  return e.splat(
      arith::SIToFPOp::create(e.b, e.loc, type.getElementType(), integer), 1);
}

static Value toF32(Emitter &e, Value vector) {
  return arith::TruncFOp::create(e.b, e.loc, e.f32Vector(1), vector);
}

Value RowKernel::evaluatePositionFactors(PositionFactorsOp op) {
  Value n = e.add(ids.lookup(op.getPositions()), 1);
  int64_t length = op.getLength();
  if (op.getKind() == FactorKind::LogRatio) {
    Value ratio = toF32(e, emitLog64(e, toF64(e, n)));
    ratio = e.divF(ratio, e.splat(std::log(double(length)), 1));
    return e.select(e.less(e.i64(length), n), ratio, e.splat(1.0, 1));
  }
  Value whole = e.add(e.div(e.max(n, 0), length), 1);
  Value log = toF32(e, emitLog64(e, toF64(e, whole)));
  Value gain = e.splat(op.getGain().convertToDouble(), 1);
  return e.addF(e.mulF(gain, log), e.splat(1.0, 1));
}

/// By how much the base grows beyond the trained length, a vector of one f64.
static Value growth(Emitter &e, NtkFrequenciesOp op, Value n) {
  auto type = Emitter::vectorType(e.b.getF64Type(), 1);
  auto f64 = [&](double value) { return e.constant(type, value); };
  int64_t trained = op.getTrained();
  Value grown;
  if (op.getKind() == NtkKind::Linear) {
    double factor = op.getFactor().convertToDouble();
    Value ratio = e.divF(toF64(e, n), f64(double(trained)));
    grown = e.subF(e.mulF(ratio, f64(factor)), f64(factor - 1));
  } else {
    // 2^ceil(log2(n / L)) is the least power of two from n / L on.
    Value below = e.sub(e.ceilDiv(n, trained), 1);
    Value zeros = e.intrinsic("llvm.ctlz.i64", e.i64Type(),
                              {below, e.integer(e.b.getI1Type(), 0)});
    Value power =
        arith::ShLIOp::create(e.b, e.loc, e.i64(2), e.sub(e.i64(64), zeros));
    grown = toF64(e, e.sub(power, 1));
  }
  return e.select(e.less(e.i64(trained), n), grown, f64(1.0));
}

/// Of frequencies that follow from lengths: a token of the result is one pair
/// of a sequence. Returns the pair's number and the sequence's length.
std::pair<Value, Value>
RowKernel::pairAndLength(TypedValue<RankedTensorType> frequencies,
                         Value lengths, const Place &place) {
  int64_t pairs = frequencies.getType().getDimSize(1);
  Value sequence = e.div(place.token, pairs);
  Value address = e.at(operands.address(lengths), e.mul(sequence, 4));
  return {e.rem(place.token, pairs),
          e.toI64(e.load(e.b.getI32Type(), address))};
}

Value RowKernel::evaluateLengthFrequencies(LengthFrequenciesOp op,
                                           const Place &place) {
  auto [pair, n] = pairAndLength(op.getResult(), op.getLengths(), place);
  Value offset = e.mul(pair, 4);
  auto load = [&](Value table) {
    return e.loadFloats(e.b.getF32Type(), e.at(operands.address(table), offset),
                        1);
  };
  return e.select(e.less(e.i64(int64_t(op.getTrained())), n),
                  load(op.getAbove()), load(op.getBelow()));
}

/// e to the power of -i / P (ln theta + 2P / (2P - 2) ln a).
Value RowKernel::evaluateNtkFrequencies(NtkFrequenciesOp op,
                                        const Place &place) {
  auto [pair, n] = pairAndLength(op.getResult(), op.getLengths(), place);
  int64_t pairs = op.getResult().getType().getDimSize(1);
  auto type = Emitter::vectorType(e.b.getF64Type(), 1);
  auto f64 = [&](double value) { return e.constant(type, value); };
  Value log = e.mulF(emitLog64(e, growth(e, op, n)),
                     f64(2.0 * pairs / (2.0 * pairs - 2)));
  log = e.addF(log, f64(std::log(op.getTheta().convertToDouble())));
  Value exponent = e.mulF(toF64(e, pair), f64(-1.0 / pairs));
  return toF32(e, emitExp64(e, e.mulF(exponent, log)));
}

//===----------------------------------------------------------------------===//
// Sequences
//===----------------------------------------------------------------------===//

/// A token of the result is a sequence; the input's tokens are read one after
/// another.
Value RowKernel::evaluatePool(PoolOp pool, const Place &place) {
  PoolKind kind = pool.getKind();
  bool weighs = kind == PoolKind::WeightedMean;
  bool sums = weighs || kind == PoolKind::Mean || kind == PoolKind::RootMean;
  Value tokens = tokensOf(pool.getInput()), zero = e.i64(0);
  auto real = [&](Value n) -> Value {
    return arith::SIToFPOp::create(e.b, e.loc, e.f32Type(), n);
  };
  auto step = [&](Value index, ValueRange before) -> Emitter::Values {
    Place source = place;
    source.token = e.add(e.mul(place.token, tokens), index);
    Value x = evaluateElsewhere(pool.getInput(), source);
    Value entry;
    if (pool.getMask())
      entry = e.load(e.b.getI32Type(), e.at(operands.address(pool.getMask()),
                                            e.mul(source.token, 4)));
    Value weight = e.i64(1);
    if (weighs)
      weight = entry ? e.toI64(entry) : e.add(index, 1);
    Value isFirst = e.equal(before[1], zero), next = x;
    if (kind == PoolKind::First)
      next = e.select(isFirst, x, before[0]);
    if (weighs)
      x = e.mulF(x, e.splat(real(weight), place.lanes));
    if (sums)
      next = e.addF(before[0], x);
    if (kind == PoolKind::Max)
      next = e.select(isFirst, x, e.maxF(before[0], x));
    Value count = e.add(before[1], weight);
    if (!entry)
      return {next, count};
    Value hidden = e.equal(entry, e.i32(0));
    return {e.select(hidden, before[0], next),
            e.select(hidden, before[1], count)};
  };
  Emitter::Values all =
      e.loop(zero, tokens, 1, {e.splat(0.0, place.lanes), zero}, step);
  if (!sums)
    return all[0];
  Value count = real(e.max(all[1], 1));
  if (kind == PoolKind::RootMean)
    count = math::SqrtOp::create(e.b, e.loc, count);
  return e.divF(all[0], e.splat(count, place.lanes));
}
