//===- LinearMatrix.cpp - Products by a matrix unit -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A register of the unit holds 16 rows of 64 bytes. Activations are its first
// factor (tokens by features), a panel of weights, whose lanes are rows, its
// second one as it is packed.
//
// Registers are named by number and shaped once for a kernel. LLVM could choose
// them (its intrinsics ".internal"), but in large functions it spills registers
// and uses shapes that it has not configured, which ends in SIGILL. It knows
// nothing of what lies in a register with a number: no call may stand between
// an instruction that fills one and those that use it.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LinearMatrix.h"

#include "codegen/cpu/LinearBlocks.h"
#include "codegen/cpu/isa/Amx.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace sinter;

namespace {

constexpr int64_t kRows = 16;     ///< of a register: tokens, or rows of a panel
constexpr int64_t kRowBytes = 64; ///< of a register
constexpr int64_t kFeatures = 32; ///< multiplied by one instruction

/// What the eight registers hold: sums of 16 tokens each, and both factors.
enum Register : int64_t { Sums = 0, Tokens = 4, Weights = 6 };

/// A row of weights has 4 bytes of each of a panel's rows.
void configure(Emitter &e, const LinearInput &input) {
  AmxUnit::Shape shapes[8];
  for (int64_t i = Sums; i < Tokens; ++i)
    shapes[i] = {kRows, kRowBytes};
  for (int64_t i = Tokens; i < Weights; ++i)
    shapes[i] = {kRows, input.tokenBytes()};
  for (int64_t i = Weights; i < 8; ++i)
    shapes[i] = {input.tokenBytes() / 4, kRowBytes};
  AmxUnit(e).configure(
      input.isBlocks() ? "sinter_tiles_a8" : "sinter_tiles_bf16", shapes);
}

struct MatrixDot {
  Emitter &e;
  const LinearInput &input;
  Value tile, inside;
  const PanelAddress &panel;
  Value quants, second, sums;
  AmxUnit unit{e};

  /// 32 features from 32 * `block` on, of 16 tokens from `token` after inside
  /// of a part of the tile.
  void loadTokens(Value part, Value block, int64_t token) {
    int64_t rowBytes = input.tokenBytes();
    Value row = e.add(e.add(e.mul(block, input.tileTokens), inside), token);
    unit.load(Tokens, e.at(part, e.mul(row, rowBytes)), rowBytes);
  }

  /// 32 features of a panel, stored as they are multiplied.
  void loadWeights(Value from, Value block) {
    int64_t blockBytes = input.tokenBytes() * kRows;
    unit.load(Weights, e.at(from, e.mul(block, blockBytes)), kRowBytes);
  }

  /// Adds the products of a block of a part of the tile to `carried`.
  Emitter::Values addBlock(Value part, Value buffer, Value block,
                           ValueRange carried) {
    BlockScaling scaling{e, input, e.at(part, e.mul(inside, 4)), kRows};
    loadWeights(quants, block);
    loadTokens(part, block, 0);
    unit.zero(Sums);
    unit.multiply(input.isBlocks(), Sums, Tokens, Weights);
    unit.store(Sums, buffer, kRowBytes);
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
    int64_t count = matrixTile(input).tokens / kRows;
    for (int64_t i = 0; i < count; ++i)
      unit.zero(Sums + i);
    e.loop(e.i64(0), e.i64(input.features / kFeatures), 1, [&](Value block) {
      loadWeights(panel.address, block);
      for (int64_t i = 0; i < count; ++i) {
        loadTokens(tile, block, i * kRows);
        unit.multiply(input.isBlocks(), Sums + i, Tokens, Weights);
      }
    });
    for (int64_t i = 0; i < count; ++i)
      unit.store(Sums + i, e.at(sums, i * kRows * kRowBytes), kRowBytes);
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

void sinter::configureMatrixUnit(Emitter &e, const LinearInput &input) {
  configure(e, input);
}

void sinter::releaseMatrixUnit(Emitter &e) { AmxUnit(e).release(); }

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
