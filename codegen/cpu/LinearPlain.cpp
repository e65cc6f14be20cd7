//===- LinearPlain.cpp - Products with weights, one at a time -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// For weights that no pass has packed: every stage can be run. Threads are cut
// by rows of the matrices; a product is a loop over columns.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LinearKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

namespace {

/// Reads single activations of a token.
struct TokenReader {
  Emitter &e;
  const LinearInput &input;
  Value tile; ///< address of the token's tile
  Value lane; ///< token % M

  TokenReader(Emitter &e, const LinearInput &input, Value token)
      : e(e), input(input) {
    tile = e.at(input.base,
                e.mul(e.div(token, input.tileTokens), input.tileBytes()));
    lane = e.rem(token, input.tileTokens);
  }

  /// Feature k in the order of storage.
  Value index(Value k) {
    int64_t together = input.together;
    Value group = e.add(e.mul(e.div(k, together), input.tileTokens), lane);
    return e.add(e.mul(group, together), e.rem(k, together));
  }

  /// Feature k as f32; of blocks, without its scale.
  Value feature(Value k) {
    if (input.isBlocks()) {
      auto quant = [&](int64_t part) -> Value {
        Value byte = e.load(e.b.getI8Type(), e.at(tile, e.add(index(k), part)));
        return arith::SIToFPOp::create(e.b, e.loc, e.f32Type(), byte);
      };
      if (!input.hasSecond())
        return quant(0);
      // Not written where its scale is zero.
      Value scale = partScale(input.partBytes(), e.div(k, 32));
      Value isNone = arith::CmpFOp::create(
          e.b, e.loc, arith::CmpFPredicate::OEQ, scale, e.f32(0.0));
      Value second = e.mulF(quant(input.partBytes()), e.f32(1.0 / 256));
      return e.addF(quant(0), e.select(isNone, e.f32(0.0), second));
    }
    int64_t size = Emitter::bytesOf(input.element);
    Value pointer = e.at(tile, e.mul(index(k), size));
    if (input.element.isF16())
      return e.lane(loadHalves(e, pointer, 1), 0);
    return e.lane(e.loadFloats(input.element, pointer, 1), 0);
  }

  Value scale(Value block) {
    if (!input.isBlocks())
      return e.f32(1.0);
    return partScale(0, block);
  }

  /// The scale of a block in the part that is `offset` bytes into the tile.
  Value partScale(int64_t offset, Value block) {
    Value index = e.mul(e.add(e.mul(block, input.tileTokens), lane), 4);
    return e.load(e.f32Type(),
                  e.at(tile, e.add(index, offset + input.scalesOffset())));
  }
};

/// The dot product of a token and a row, as the weights' layout lists it.
Value product(Emitter &e, const LinearInput &input, const WeightMatrix &w,
              Value token, Value row) {
  TokenReader reader(e, input, token);
  // emitWeightRow hands out vectors inside loops of its own, so the sum is in
  // memory.
  Value sum = e.stackBuffer(4);
  e.store(e.f32(0.0), sum);
  emitWeightRow(e, w, row, [&](Value first, Value vector) {
    int64_t lanes = cast<VectorType>(vector.getType()).getDimSize(0);
    Value part = e.f32(0.0);
    for (int64_t i = 0; i < lanes; ++i)
      part = e.fma(e.lane(vector, i), reader.feature(e.add(first, i)), part);
    Value scale = reader.scale(e.div(first, 32));
    Value total = e.load(e.f32Type(), sum);
    e.store(e.fma(part, scale, total), sum);
  });
  return e.load(e.f32Type(), sum);
}

} // namespace

void sinter::emitPlainLinears(Emitter &e, const LinearPlan &plan) {
  for (auto [index, group] : llvm::enumerate(plan.groups)) {
    auto [first, end] = e.myShare(e.i64(group.rows()));
    e.loop(first, end, 1, [&, index = index, &group = group](Value row) {
      e.loop(e.i64(0), plan.tokens, 1, [&](Value token) {
        SmallVector<Value> products;
        for (const WeightMatrix &matrix : group.matrices)
          products.push_back(
              e.splat(product(e, plan.input, matrix, token, row), 1));
        plan.finish(index, products, Place{token, row, 1});
      });
    });
  }
}
