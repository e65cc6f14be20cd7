//===- LinearBlocks.cpp - Blocks of weights and of activations ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LinearBlocks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

Value BlockStep::quad(bool high) const {
  if (panel.matrix->isNibbles())
    return e.add(step, high ? 4 : 0);
  return e.add(e.mul(step, 2), high ? 1 : 0);
}

Value BlockStep::quants(bool high) {
  const WeightMatrix &w = *panel.matrix;
  auto bytes = Emitter::vectorType(e.b.getI8Type(), 4 * w.panelRows);
  auto load = [&](Value quad) {
    return panel.load(
        e, bytes,
        e.add(e.mul(block, w.blockBytes()), e.mul(quad, 4 * w.panelRows)));
  };
  if (!w.isNibbles())
    return load(quad(high));
  if (!nibbles)
    nibbles = load(step);
  Value mask = e.integer(bytes, 15);
  if (!high)
    return arith::AndIOp::create(e.b, e.loc, nibbles, mask);
  auto shorts = Emitter::vectorType(e.b.getI16Type(), 2 * w.panelRows);
  Value shifted = arith::ShRUIOp::create(e.b, e.loc, e.bitcast(shorts, nibbles),
                                         e.integer(shorts, 4));
  return arith::AndIOp::create(e.b, e.loc, e.bitcast(bytes, shifted), mask);
}

Value BlockScaling::scaleAt(Value block, int64_t m) {
  return e.at(tile, e.add(e.mul(block, 4 * input.tileTokens),
                          input.scalesOffset() + 4 * m));
}

Value BlockScaling::activationScale(Value block, int64_t m) {
  return e.loadSplat(e.f32Type(), scaleAt(block, m), R);
}

Value BlockScaling::activationSum(Value block, int64_t m) {
  Value offset =
      e.add(e.mul(block, 4 * input.tileTokens), input.sumsOffset() + 4 * m);
  return e.splat(e.load(e.b.getI32Type(), e.at(tile, offset)), R);
}

Value BlockScaling::weightScale(const PanelAddress &panel, Value block,
                                int64_t offset) {
  Value where = e.add(e.mul(block, panel.matrix->blockBytes()), offset);
  if (!panel.streamed || !e.target.f16c)
    return loadHalves(e, e.at(panel.address, where), R);
  auto halves = Emitter::vectorType(e.b.getF16Type(), R);
  return arith::ExtFOp::create(e.b, e.loc, e.f32Vector(R),
                               panel.load(e, halves, where));
}

Value BlockScaling::asFloat(Value integers) {
  return arith::SIToFPOp::create(e.b, e.loc, e.f32Vector(R), integers);
}

void BlockScaling::addBlock(Emitter::Values &sums,
                            ArrayRef<PanelAddress> panels, int64_t tokens,
                            Value block, function_ref<Value(size_t)> products) {
  Emitter::Values scale;
  for (int64_t m = 0; m < tokens; ++m)
    scale.push_back(activationScale(block, m));
  for (auto [index, panel] : llvm::enumerate(panels)) {
    const WeightMatrix &w = *panel.matrix;
    Value d = weightScale(panel, block, w.scalesOffset());
    Value minimum;
    if (w.isFormat(BlockFormat::Q4_1))
      minimum = weightScale(panel, block, w.minimaOffset());
    for (int64_t m = 0; m < tokens; ++m) {
      Value &sum = sums[index * tokens + m];
      Value product = asFloat(products(index * tokens + m));
      if (!minimum) {
        sum = e.fma(product, e.mulF(d, scale[m]), sum);
        continue;
      }
      Value part =
          e.fma(minimum, asFloat(activationSum(block, m)), e.mulF(product, d));
      sum = e.fma(part, scale[m], sum);
    }
  }
}
