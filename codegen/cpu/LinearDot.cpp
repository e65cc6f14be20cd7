//===- LinearDot.cpp - Register tiles of dot products ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Float activations: one broadcast and multiply-add for each column and token;
// block weights are dequantized in registers. For 8-bit activations see
// LinearDotInt.cpp.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LinearDot.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/LinearDotInt.h"
#include "codegen/cpu/LinearMatrix.h"
#include "dialect/IR/StoredLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

LinearInput LinearInput::of(RankedTensorType type, Value base) {
  LinearInput input;
  input.element = type.getElementType();
  input.features = type.getShape().back();
  if (auto tiled = dyn_cast_or_null<TiledAttr>(type.getEncoding()))
    input.tileTokens = tiled.getTokens();
  input.together = featuresTogether(type);
  input.base = base;
  return input;
}

bool LinearInput::hasSecond() const {
  auto block = dyn_cast<BlockType>(element);
  return block && block.getFormat() == BlockFormat::A16;
}

int64_t LinearInput::tileBytes() const {
  if (isBlocks())
    return partBytes() * (hasSecond() ? 2 : 1);
  return llvm::alignTo(features, together) * Emitter::bytesOf(element) *
         tileTokens;
}

bool sinter::canDot(const LinearInput &input, const WeightMatrix &weights) {
  if (input.isForMatrixUnit())
    return canMatrixDot(input, weights);
  return weights.isPacked() && (!input.isBlocks() || weights.isBlocks());
}

Value PanelAddress::load(Emitter &e, Type type, Value offset) const {
  Value pointer = e.at(address, offset);
  return streamed ? e.loadInOrder(type, pointer) : e.load(type, pointer);
}

/// Whether bf16 pairs are multiplied without being widened.
static bool dotsBf16(const Target &target, const LinearInput &input,
                     const WeightMatrix &weights) {
  return target.bf16Dot == Bf16Dot::Dpbf16 && input.element.isBF16() &&
         weights.element.isBF16() && weights.panelRows == target.lanes;
}

RegisterTile sinter::registerTile(const Target &target,
                                  const LinearInput &input,
                                  const WeightMatrix &weights) {
  if (input.isForMatrixUnit())
    return matrixTile(input);
  if (input.isBlocks())
    return target.intTile;
  if (weights.isBlocks())
    return target.blockTile;
  bool widens = weights.element.isBF16() && !dotsBf16(target, input, weights);
  return widens ? target.bf16Tile : target.floatTile;
}

namespace {

/// Emits the loops over columns for float activations.
struct FloatDot {
  Emitter &e;
  const LinearInput &input;
  Value tile;
  ArrayRef<PanelAddress> panels;
  int64_t tokens;
  int64_t R = panels[0].matrix->panelRows;
  int64_t K = input.features;

  Emitter::Values zeros() {
    return Emitter::Values(panels.size() * tokens, e.splat(0.0, R));
  }

  /// Column k (i64) + offset of token m, in all lanes.
  Value activation(Value k, int64_t offset, int64_t m) {
    int64_t M = input.tileTokens;
    int64_t size = Emitter::bytesOf(input.element);
    Value where;
    if (input.element.isBF16() && M > 1) {
      // Pairs of features; k is even.
      where = e.add(e.mul(k, size * M),
                    offset / 2 * 4 * M + 4 * m + offset % 2 * size);
    } else {
      where = e.add(e.mul(k, size * M), (offset * M + m) * size);
    }
    Value pointer = e.at(tile, where);
    if (input.element.isF16())
      return e.splat(e.lane(loadHalves(e, pointer, 1), 0), R);
    return e.loadSplat(input.element, pointer, R);
  }

  /// Adds the products of column k + offset: a weight vector of each panel,
  /// and each token's activation, read where it is used, so that few are live.
  void accumulate(Emitter::Values &sums, ArrayRef<Value> weights, Value k,
                  int64_t offset) {
    for (int64_t m = 0; m < tokens; ++m) {
      Value x = activation(k, offset, m);
      for (size_t index = 0; index < panels.size(); ++index) {
        Value &sum = sums[index * tokens + m];
        sum = e.fma(weights[index], x, sum);
      }
    }
  }

  //===--------------------------------------------------------------------===//
  // Float weights
  //===--------------------------------------------------------------------===//

  /// bf16 in the low or high half of 32-bit lanes, as f32.
  Value halfOfPair(Value pairs, bool high) {
    auto ints = cast<VectorType>(pairs.getType());
    Value bits;
    if (high)
      bits = arith::AndIOp::create(e.b, e.loc, pairs,
                                   e.integer(ints, int32_t(0xffff0000)));
    else
      bits = arith::ShLIOp::create(e.b, e.loc, pairs, e.integer(ints, 16));
    return e.bitcast(e.f32Vector(R), bits);
  }

  /// `count` columns from k + offset on (both even for bf16) of a panel.
  Emitter::Values columns(const PanelAddress &panel, Value k, int64_t offset,
                          int64_t count) {
    Type element = panel.matrix->element;
    int64_t size = Emitter::bytesOf(element);
    Emitter::Values values;
    for (int64_t c = offset; c < offset + count; ++c) {
      Value pointer =
          e.at(panel.address, e.add(e.mul(k, size * R), c * size * R));
      if (element.isF32()) {
        values.push_back(e.loadFloats(element, pointer, R));
      } else if (element.isF16()) {
        values.push_back(loadHalves(e, pointer, R));
      } else {
        Value pairs = e.load(Emitter::vectorType(e.b.getI32Type(), R), pointer);
        values.push_back(halfOfPair(pairs, false));
        if (++c < offset + count)
          values.push_back(halfOfPair(pairs, true));
      }
    }
    return values;
  }

  void floatStep(Emitter::Values &sums, Value k, int64_t count) {
    for (int64_t offset = 0; offset < count; offset += 2) {
      int64_t width = std::min<int64_t>(2, count - offset);
      SmallVector<Emitter::Values> weights;
      for (const PanelAddress &panel : panels)
        weights.push_back(columns(panel, k, offset, width));
      for (int64_t c = 0; c < width; ++c) {
        Emitter::Values column;
        for (const Emitter::Values &of : weights)
          column.push_back(of[c]);
        accumulate(sums, column, k, offset + c);
      }
    }
  }

  Emitter::Values floats() {
    constexpr int64_t unroll = 4;
    int64_t whole = K / unroll * unroll;
    Emitter::Values sums =
        e.loop(e.i64(0), e.i64(whole), unroll, zeros(),
               [&](Value k, ValueRange carried) {
                 Emitter::Values sums(carried.begin(), carried.end());
                 floatStep(sums, k, unroll);
                 return sums;
               });
    if (whole < K)
      floatStep(sums, e.i64(whole), K - whole);
    return sums;
  }

  //===--------------------------------------------------------------------===//
  // bf16 by bf16
  //===--------------------------------------------------------------------===//

  bool usesBf16Dot() const {
    return llvm::all_of(panels, [&](const PanelAddress &panel) {
      return dotsBf16(e.target, input, *panel.matrix);
    });
  }

  Value bf16Dot(Value sum, Value weights, Value pair) {
    auto type = Emitter::vectorType(e.b.getBF16Type(), 2 * R);
    return cpu::DotOp::create(e.b, e.loc, sum.getType(), cpu::Products::Bf16x2,
                              sum, e.bitcast(type, weights),
                              e.bitcast(type, pair));
  }

  void bf16Step(Emitter::Values &sums, Value k, int64_t offset) {
    auto pairs = Emitter::vectorType(e.b.getI32Type(), R);
    int64_t M = input.tileTokens;
    Emitter::Values weights;
    for (const PanelAddress &panel : panels)
      weights.push_back(
          panel.load(e, pairs, e.add(e.mul(k, 2 * R), 2 * R * offset)));
    for (int64_t m = 0; m < tokens; ++m) {
      Value pointer =
          e.at(tile, e.add(e.mul(k, 2 * M), 2 * M * offset + 4 * m));
      Value x = e.splat(e.load(e.b.getI32Type(), pointer, 2), R);
      for (size_t index = 0; index < panels.size(); ++index) {
        Value &sum = sums[index * tokens + m];
        sum = bf16Dot(sum, weights[index], x);
      }
    }
  }

  Emitter::Values bf16s() {
    constexpr int64_t unroll = 4;
    int64_t whole = K / unroll * unroll;
    Emitter::Values sums =
        e.loop(e.i64(0), e.i64(whole), unroll, zeros(),
               [&](Value k, ValueRange carried) {
                 Emitter::Values sums(carried.begin(), carried.end());
                 for (int64_t offset = 0; offset < unroll; offset += 2)
                   bf16Step(sums, k, offset);
                 return sums;
               });
    for (; whole + 1 < K; whole += 2)
      bf16Step(sums, e.i64(whole), 0);
    if (whole < K)
      floatStep(sums, e.i64(whole), 1);
    return sums;
  }

  //===--------------------------------------------------------------------===//
  // Block weights
  //===--------------------------------------------------------------------===//

  /// What turns a panel's quants of a block into f32: scale * q + offset.
  struct Scaling {
    Value scale;
    Value offset;
  };

  Scaling scaling(const PanelAddress &panel, Value block) {
    const WeightMatrix &w = *panel.matrix;
    Value start = e.at(panel.address, e.mul(block, w.blockBytes()));
    Scaling result;
    result.scale = loadHalves(e, e.at(start, w.scalesOffset()), R);
    if (w.isFormat(BlockFormat::Q4_1))
      result.offset = loadHalves(e, e.at(start, w.minimaOffset()), R);
    else if (int64_t zero = w.zeroPoint())
      result.offset = e.mulF(result.scale, e.splat(double(-zero), R));
    return result;
  }

  /// Byte c of each 32-bit lane, or its low or high four bits, as f32.
  Value quant(const WeightMatrix &w, Value quads, int64_t c, bool high) {
    auto ints = cast<VectorType>(quads.getType());
    bool isSigned = !w.isNibbles() && !w.biased;
    int64_t bits = w.isNibbles() ? 4 : 8;
    int64_t from = 8 * c + (high ? 4 : 0);
    auto constant = [&](int64_t value) { return e.integer(ints, value); };
    Value value;
    if (isSigned) {
      Value top = quads;
      if (from != 24)
        top = arith::ShLIOp::create(e.b, e.loc, quads, constant(24 - from));
      value = arith::ShRSIOp::create(e.b, e.loc, top, constant(24));
    } else {
      value = quads;
      if (from)
        value = arith::ShRUIOp::create(e.b, e.loc, quads, constant(from));
      value =
          arith::AndIOp::create(e.b, e.loc, value, constant((1 << bits) - 1));
    }
    return arith::SIToFPOp::create(e.b, e.loc, e.f32Vector(R), value);
  }

  /// Column c of the four of a step, in its low or high half of a block.
  Value weight(const PanelAddress &panel, const Scaling &scaling, Value block,
               Value step, int64_t c, bool high) {
    auto ints = Emitter::vectorType(e.b.getI32Type(), R);
    const WeightMatrix &w = *panel.matrix;
    // Nibbles of columns 16.. stand above those of 0..15.
    bool nibbles = w.isNibbles();
    Value quad = high && !nibbles ? e.add(step, 4) : step;
    Value where = e.add(e.mul(block, w.blockBytes()), e.mul(quad, 4 * R));
    Value quads = e.load(ints, e.at(panel.address, where));
    Value value = quant(w, quads, c, high && nibbles);
    return scaling.offset ? e.fma(value, scaling.scale, scaling.offset)
                          : e.mulF(value, scaling.scale);
  }

  /// Four columns from 4 step, or from 16 + 4 step, of a block on.
  void blockStep(Emitter::Values &sums, Value block, Value step,
                 ArrayRef<Scaling> scalings, bool high) {
    Value column =
        e.add(e.add(e.mul(block, 32), e.mul(step, 4)), high ? 16 : 0);
    for (int64_t c = 0; c < 4; ++c) {
      Emitter::Values weights;
      for (auto [index, panel] : llvm::enumerate(panels))
        weights.push_back(weight(panel, scalings[index], block, step, c, high));
      accumulate(sums, weights, column, c);
    }
  }

  Emitter::Values blocks() {
    return e.loop(e.i64(0), e.i64(K / 32), 1, zeros(),
                  [&](Value block, ValueRange carried) {
                    SmallVector<Scaling> scalings;
                    for (const PanelAddress &panel : panels)
                      scalings.push_back(scaling(panel, block));
                    return e.loop(
                        e.i64(0), e.i64(4), 1, carried,
                        [&](Value step, ValueRange inner) {
                          Emitter::Values sums(inner.begin(), inner.end());
                          for (bool high : {false, true})
                            blockStep(sums, block, step, scalings, high);
                          return sums;
                        });
                  });
  }
};

} // namespace

Emitter::Values sinter::emitDot(Emitter &e, const LinearInput &input,
                                Value tile, ArrayRef<PanelAddress> panels,
                                int64_t tokens, bool withSecond) {
  if (input.isBlocks())
    return emitIntDot(e, input, tile, panels, tokens, withSecond);
  FloatDot dot{e, input, tile, panels, tokens};
  if (panels[0].matrix->isBlocks())
    return dot.blocks();
  return dot.usesBf16Dot() ? dot.bf16s() : dot.floats();
}
