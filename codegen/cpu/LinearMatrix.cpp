//===- LinearMatrix.cpp - Products by a matrix unit -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A register of the unit holds 16 rows of 64 bytes. Activations are its first
// factor (tokens by features), a panel of weights, whose lanes are rows, its
// second one as it is packed.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LinearMatrix.h"

#include "codegen/cpu/LinearBlocks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

namespace {

constexpr int64_t kRows = 16;     ///< of a register: tokens, or rows of a panel
constexpr int64_t kRowBytes = 64; ///< of a register
constexpr int64_t kFeatures = 32; ///< multiplied by one instruction

/// Registers of the unit and instructions on them.
struct Unit {
  Emitter &e;
  Type type = LLVM::LLVMX86AMXType::get(e.b.getContext());

  Value number(int64_t value) { return e.integer(e.b.getI16Type(), value); }

  Value zero() {
    return e.intrinsic("llvm.x86.tilezero.internal", type,
                       {number(kRows), number(kRowBytes)});
  }
  Value load(int64_t rows, int64_t rowBytes, Value pointer) {
    return e.intrinsic(
        "llvm.x86.tileloadd64.internal", type,
        {number(rows), number(rowBytes), pointer, e.i64(rowBytes)});
  }
  void store(Value sums, Value pointer) {
    e.intrinsic(
        "llvm.x86.tilestored64.internal", {},
        {number(kRows), number(kRowBytes), pointer, e.i64(kRowBytes), sums});
  }
  /// sums + x * w, of 32 features.
  Value multiplyInt8(Value sums, Value x, Value w) {
    return e.intrinsic(
        "llvm.x86.tdpbssd.internal", type,
        {number(kRows), number(kRowBytes), number(kFeatures), sums, x, w});
  }
  Value multiplyBf16(Value sums, Value x, Value w) {
    return e.intrinsic(
        "llvm.x86.tdpbf16ps.internal", type,
        {number(kRows), number(kRowBytes), number(2 * kFeatures), sums, x, w});
  }
};

struct MatrixDot {
  Emitter &e;
  const LinearInput &input;
  Value tile, inside;
  const PanelAddress &panel;
  Value quants, second, sums;
  Unit unit{e};

  /// 32 features from 32 * `block` on, of 16 tokens from `token` after inside
  /// of a part of the tile.
  Value activations(Value part, Value block, int64_t token) {
    int64_t rowBytes = input.tokenBytes();
    Value row = e.add(e.add(e.mul(block, input.tileTokens), inside), token);
    return unit.load(kRows, rowBytes, e.at(part, e.mul(row, rowBytes)));
  }

  /// Adds the products of a block of a part of the tile to `carried`.
  Emitter::Values addBlock(Value part, Value buffer, Value block,
                           ValueRange carried) {
    int64_t blockBytes = kFeatures * kRows;
    BlockScaling scaling{e, input, e.at(part, e.mul(inside, 4)), kRows};
    Value w = unit.load(kFeatures / 4, kRowBytes,
                        e.at(quants, e.mul(block, blockBytes)));
    Value x = activations(part, block, 0);
    unit.store(unit.multiplyInt8(unit.zero(), x, w), buffer);
    Emitter::Values sums(carried.begin(), carried.end());
    auto ints = Emitter::vectorType(e.b.getI32Type(), kRows);
    scaling.addBlock(sums, panel, kRows, block, [&](size_t m) {
      return e.load(ints, e.at(buffer, m * kRowBytes), kRowBytes);
    });
    return sums;
  }

  void blocks() {
    Value buffer = e.stackBuffer(kRows * kRowBytes);
    Emitter::Values zeros(kRows, e.splat(0.0, kRows));
    Emitter::Values results =
        e.loop(e.i64(0), e.i64(input.features / kFeatures), 1, zeros,
               [&](Value block, ValueRange carried) {
                 return addBlock(tile, buffer, block, carried);
               });
    if (second) {
      Value rest = e.at(tile, input.partBytes());
      results =
          forListed(e, second, results, [&](Value block, ValueRange carried) {
            return addBlock(rest, buffer, block, carried);
          });
    }
    for (auto [m, result] : llvm::enumerate(results))
      e.store(result, e.at(sums, m * kRowBytes));
  }

  void floats() {
    int64_t blockBytes = 2 * kFeatures * kRows;
    Emitter::Values zeros;
    for (int64_t i = 0; i < matrixTile(input).tokens; i += kRows)
      zeros.push_back(unit.zero());
    Emitter::Values results = e.loop(
        e.i64(0), e.i64(input.features / kFeatures), 1, zeros,
        [&](Value block, ValueRange carried) {
          Value w = unit.load(kRows, kRowBytes,
                              e.at(panel.address, e.mul(block, blockBytes)));
          Emitter::Values sums(carried.begin(), carried.end());
          for (auto [i, sum] : llvm::enumerate(sums))
            sum =
                unit.multiplyBf16(sum, activations(tile, block, i * kRows), w);
          return sums;
        });
    for (auto [i, result] : llvm::enumerate(results))
      unit.store(result, e.at(sums, i * kRows * kRowBytes));
  }
};

} // namespace

bool sinter::canMatrixDot(const LinearInput &input,
                          const WeightMatrix &weights) {
  bool agrees =
      input.isBlocks() ? weights.isBlocks() : weights.element.isBF16();
  return agrees && weights.panelRows == kRows &&
         input.features % kFeatures == 0;
}

RegisterTile sinter::matrixTile(const LinearInput &input) {
  // Scaled sums of a8 fill 16 vector registers; of bf16, two registers of sums
  // share each register of weights.
  return input.isBlocks() ? RegisterTile{kRows, 1} : RegisterTile{2 * kRows, 1};
}

void sinter::unpackPanel(Emitter &e, const PanelAddress &panel, Value out) {
  const WeightMatrix &w = *panel.matrix;
  int64_t quadBytes = 4 * w.panelRows;
  auto bytes = Emitter::vectorType(e.b.getI8Type(), quadBytes);
  Value zero = e.integer(bytes, w.zeroPoint());
  e.loop(e.i64(0), e.i64(w.blocks()), 1, [&](Value block) {
    for (int64_t step = 0; step < 4; ++step) {
      BlockStep quads(e, panel, block, e.i64(step));
      for (bool high : {false, true}) {
        Value centred =
            arith::SubIOp::create(e.b, e.loc, quads.quants(high), zero);
        Value index = e.add(e.mul(block, 8), quads.quad(high));
        e.store(centred, e.at(out, e.mul(index, quadBytes)));
      }
    }
  });
}

void sinter::emitMatrixDot(Emitter &e, const LinearInput &input, Value tile,
                           Value inside, const PanelAddress &panel,
                           Value quants, Value second, Value sums) {
  MatrixDot dot{e, input, tile, inside, panel, quants, second, sums};
  if (input.isBlocks())
    return dot.blocks();
  dot.floats();
}
