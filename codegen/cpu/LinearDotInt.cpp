//===- LinearDotInt.cpp - Dot products of 8-bit activations ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A block's 32 products are summed in integers, then scaled: sums += d_w * d_x
// * (products - zero * sum of x quants). The zero point is where the integer
// sum starts, so it costs nothing in the loop; minima are one multiply-add of
// the sum of x quants.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LinearDotInt.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/LinearBlocks.h"
#include "codegen/cpu/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

namespace {

/// How a panel's integer products are summed.
enum class Scheme {
  Dpbusd,      ///< unsigned weights, 32-bit sums
  SignDpbusd,  ///< signed weights: |w| and x with the sign of w
  MaddUbs16,   ///< 4-bit weights, 16-bit sums of a whole block: 16 products of
               ///< at most 15 * 127 each fit
  SignMaddUbs, ///< signed 8-bit weights, 32-bit sums
  Widen,       ///< any, through 16-bit factors
};

struct IntProducts {
  Emitter &e;
  const LinearInput &input;
  Value tile;
  ArrayRef<PanelAddress> panels;
  int64_t tokens;
  int64_t R = panels[0].matrix->panelRows;
  int64_t M = input.tileTokens;
  BlockScaling scaling{e, input, tile, R};
  VectorType bytes = Emitter::vectorType(e.b.getI8Type(), 4 * R);
  VectorType shorts = Emitter::vectorType(e.b.getI16Type(), 2 * R);
  VectorType ints = Emitter::vectorType(e.b.getI32Type(), R);

  //===--------------------------------------------------------------------===//
  // Instructions
  //===--------------------------------------------------------------------===//

  Value dot(cpu::Products products, Value sums, Value lhs, Value rhs) {
    return cpu::DotOp::create(e.b, e.loc, sums.getType(), products, sums, lhs,
                              rhs);
  }
  Value dpbusd(Value sum, Value unsignedBytes, Value signedBytes) {
    return dot(cpu::Products::U8S8x4, sum, unsignedBytes, signedBytes);
  }
  Value maddUbs(Value sum, Value unsignedBytes, Value signedBytes) {
    return dot(cpu::Products::U8S8x2, sum, unsignedBytes, signedBytes);
  }
  Value madd(Value sum, Value lhs, Value rhs) {
    return dot(cpu::Products::S16x2, sum, lhs, rhs);
  }
  Value pairSums(Value value, Value sum) {
    return madd(sum, value, e.integer(shorts, 1));
  }
  Value subI(Value lhs, Value rhs) {
    return arith::SubIOp::create(e.b, e.loc, lhs, rhs);
  }
  Value shiftLeft(Value value, int64_t by) {
    return arith::ShLIOp::create(e.b, e.loc, value,
                                 e.integer(value.getType(), by));
  }
  Value isNegative(Value value) {
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::slt, value,
                                 e.integer(value.getType(), 0));
  }
  Value negateWhere(Value condition, Value value) {
    Value negated = subI(e.integer(value.getType(), 0), value);
    return arith::SelectOp::create(e.b, e.loc, condition, negated, value);
  }
  /// x with the sign of w; what w = 0 gives does not matter.
  Value withSign(Value x, Value w) {
    return cpu::WithSignOp::create(e.b, e.loc, x.getType(), x, w);
  }
  Value absolute(Value w) { return negateWhere(isNegative(w), w); }

  //===--------------------------------------------------------------------===//
  // Operands
  //===--------------------------------------------------------------------===//

  Scheme schemeOf(const WeightMatrix &w) const {
    bool isUnsigned = w.isNibbles() || w.biased;
    IntDot dot = e.target.intDot;
    if (R < 4 || R > 16 || (R != e.target.lanes && R != 8))
      dot = IntDot::Widen;
    switch (dot) {
    case IntDot::Dpbusd:
      return isUnsigned ? Scheme::Dpbusd : Scheme::SignDpbusd;
    case IntDot::MaddUbs:
      if (w.isNibbles())
        return Scheme::MaddUbs16;
      return w.biased ? Scheme::Widen : Scheme::SignMaddUbs;
    case IntDot::Widen:
      return Scheme::Widen;
    }
    llvm_unreachable("unknown dot product");
  }

  /// Quants of a quad of features of token m, in all lanes.
  Value activation(Value block, Value quad, int64_t m) {
    Value index = e.add(e.mul(block, 8), quad);
    Value pointer = e.at(tile, e.add(e.mul(index, 4 * M), 4 * m));
    return e.bitcast(bytes, e.splat(e.load(e.b.getI32Type(), pointer), R));
  }

  //===--------------------------------------------------------------------===//
  // Integer sums of a block
  //===--------------------------------------------------------------------===//

  /// Where the sum of a block starts, so that it is free of the zero point.
  Value start(const WeightMatrix &w, Value block, int64_t m) {
    Scheme scheme = schemeOf(w);
    int64_t zero = w.zeroPoint();
    Type type = scheme == Scheme::MaddUbs16 ? shorts : ints;
    if (!zero)
      return e.integer(type, 0);
    Value negated = subI(e.integer(ints, 0), scaling.activationSum(block, m));
    if (scheme != Scheme::MaddUbs16)
      return shiftLeft(negated, llvm::Log2_64(zero));
    // In the low one of the two 16-bit sums of a lane: it fits, since 8 * 32 *
    // 127 does.
    Value high = shiftLeft(negated, 16 + llvm::Log2_64(zero));
    Value low = arith::ShRUIOp::create(e.b, e.loc, high, e.integer(ints, 16));
    return e.bitcast(shorts, low);
  }

  /// Even and odd bytes of a vector as 16-bit values.
  std::pair<Value, Value> widen(Value value, bool isSigned) {
    Value all = e.bitcast(shorts, value);
    Value eight = e.integer(shorts, 8);
    Value low = arith::ShLIOp::create(e.b, e.loc, all, eight);
    if (isSigned)
      return {arith::ShRSIOp::create(e.b, e.loc, low, eight),
              arith::ShRSIOp::create(e.b, e.loc, all, eight)};
    return {arith::ShRUIOp::create(e.b, e.loc, low, eight),
            arith::ShRUIOp::create(e.b, e.loc, all, eight)};
  }

  Value step(const WeightMatrix &w, Value sum, Value weight, Value x) {
    switch (schemeOf(w)) {
    case Scheme::Dpbusd:
      return dpbusd(sum, weight, x);
    case Scheme::SignDpbusd:
      return dpbusd(sum, absolute(weight), withSign(x, weight));
    case Scheme::MaddUbs16:
      return maddUbs(sum, weight, x);
    case Scheme::SignMaddUbs:
      return pairSums(
          maddUbs(e.integer(shorts, 0), absolute(weight), withSign(x, weight)),
          sum);
    case Scheme::Widen: {
      auto [evenW, oddW] = widen(weight, !w.isNibbles() && !w.biased);
      auto [evenX, oddX] = widen(x, true);
      return madd(madd(sum, evenW, evenX), oddW, oddX);
    }
    }
    llvm_unreachable("unknown scheme");
  }

  void quads(Emitter::Values &sums, Value block, Value at) {
    SmallVector<BlockStep> steps;
    for (const PanelAddress &panel : panels)
      steps.emplace_back(e, panel, block, at);
    for (bool high : {false, true}) {
      Emitter::Values weights;
      for (BlockStep &of : steps)
        weights.push_back(of.quants(high));
      for (int64_t m = 0; m < tokens; ++m) {
        Value xs[2]; // of q8_0 and of nibbles
        for (auto [index, panel] : llvm::enumerate(panels)) {
          Value &x = xs[panel.matrix->isNibbles()];
          if (!x)
            x = activation(block, steps[index].quad(high), m);
          Value &sum = sums[index * tokens + m];
          sum = step(*panel.matrix, sum, weights[index], x);
        }
      }
    }
  }

  /// With registers for integer and f32 sums a block needs no loop, unless
  /// products are added by instructions of their own: LLVM would re-associate
  /// those additions into more registers. Else a loop of steps keeps the f32
  /// sums out of the way of the integer ones.
  bool unrolls() const {
    return e.target.registers >= 32 &&
           llvm::all_of(panels, [&](const PanelAddress &panel) {
             return schemeOf(*panel.matrix) == Scheme::Dpbusd;
           });
  }

  Emitter::Values blockSums(Value block) {
    Emitter::Values sums;
    for (const PanelAddress &panel : panels)
      for (int64_t m = 0; m < tokens; ++m)
        sums.push_back(start(*panel.matrix, block, m));
    if (unrolls()) {
      for (int64_t at = 0; at < 4; ++at)
        quads(sums, block, e.i64(at));
      return sums;
    }
    return e.loop(e.i64(0), e.i64(4), 1, sums,
                  [&](Value at, ValueRange carried) {
                    Emitter::Values inner(carried.begin(), carried.end());
                    quads(inner, block, at);
                    return inner;
                  });
  }

  /// Adds the products of a block to `sums`.
  void addBlock(Emitter::Values &sums, Value block) {
    Emitter::Values products = blockSums(block);
    scaling.addBlock(sums, panels, tokens, block, [&](size_t index) {
      const WeightMatrix &w = *panels[index / tokens].matrix;
      return schemeOf(w) == Scheme::MaddUbs16
                 ? pairSums(products[index], e.integer(ints, 0))
                 : products[index];
    });
  }

  /// Adds the products of a block of one token, unless its scale is zero.
  Emitter::Values addIfAny(const Emitter::Values &sums, Value block) {
    Value scale = e.load(e.b.getI32Type(), scaling.scaleAt(block, 0));
    return e.choose(
        e.equal(scale, e.i32(0)), ValueRange(sums).getTypes(),
        [&] { return sums; },
        [&] {
          Emitter::Values more = sums;
          addBlock(more, block);
          return more;
        });
  }
};

} // namespace

Emitter::Values sinter::emitIntDot(Emitter &e, const LinearInput &input,
                                   Value tile, ArrayRef<PanelAddress> panels,
                                   int64_t tokens, bool withSecond) {
  IntProducts first{e, input, tile, panels, tokens};
  IntProducts second{e, input, e.at(tile, input.partBytes()), panels, tokens};
  Emitter::Values zeros(panels.size() * tokens, e.splat(0.0, first.R));
  return e.loop(e.i64(0), e.i64(input.features / 32), 1, zeros,
                [&](Value block, ValueRange carried) {
                  Emitter::Values sums(carried.begin(), carried.end());
                  first.addBlock(sums, block);
                  return withSecond ? second.addIfAny(sums, block) : sums;
                });
}

void sinter::addSecondPart(Emitter &e, const LinearInput &input, Value tile,
                           ArrayRef<PanelAddress> panels, Value block,
                           Emitter::Values &sums) {
  IntProducts second{e, input, e.at(tile, input.partBytes()), panels, 1};
  second.addBlock(sums, block);
}

void sinter::listSecondParts(Emitter &e, const LinearInput &input, Value tile,
                             int64_t groups, int64_t tokens, Value list) {
  Type word = e.b.getI32Type();
  BlockScaling second{e, input, e.at(tile, input.partBytes()), 1};
  // A scale is zero where its bits are. Every entry is written, and stays if
  // the count goes on.
  auto append = [&](Value count, Value block, int64_t group) {
    Value any;
    for (int64_t m = group * tokens; m < (group + 1) * tokens; ++m) {
      Value scale = e.load(word, second.scaleAt(block, m));
      any = any ? arith::OrIOp::create(e.b, e.loc, any, scale).getResult()
                : scale;
    }
    Value entry = e.add(e.mul(block, groups), group);
    e.store(arith::TruncIOp::create(e.b, e.loc, word, entry),
            e.at(list, e.mul(e.add(count, 1), 4)));
    return e.select(e.equal(any, e.i32(0)), count, e.add(count, 1));
  };
  Value count = e.loop(e.i64(0), e.i64(input.features / 32), 1, e.i64(0),
                       [&](Value block, ValueRange carried) -> Emitter::Values {
                         Value count = carried[0];
                         for (int64_t group = 0; group < groups; ++group)
                           count = append(count, block, group);
                         return {count};
                       })[0];
  e.store(arith::TruncIOp::create(e.b, e.loc, word, count), list);
}

Emitter::Values sinter::forListed(
    Emitter &e, Value list, ValueRange initial,
    function_ref<Emitter::Values(Value entry, ValueRange carried)> body) {
  Type word = e.b.getI32Type();
  Value count = e.toI64(e.load(word, list));
  return e.loop(e.i64(0), count, 1, initial,
                [&](Value index, ValueRange carried) {
                  Value entry = e.at(list, e.mul(e.add(index, 1), 4));
                  return body(e.toI64(e.load(word, entry)), carried);
                });
}
