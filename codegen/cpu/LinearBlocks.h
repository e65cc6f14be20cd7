//===- LinearBlocks.h - Blocks of weights and of activations ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What every product of a8 activations with block weights has in common: how a
// block's quants are read, and how the integer sum of its products becomes part
// of a float sum.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_LINEARBLOCKS_H
#define SINTER_CODEGEN_CPU_LINEARBLOCKS_H

#include "codegen/cpu/LinearDot.h"

namespace sinter {

/// The quants of a step of a block of a panel: two of its eight quads of
/// columns, stored together, so that steps 0 to 3 read it from front to back.
class BlockStep {
public:
  BlockStep(Emitter &e, const PanelAddress &panel, mlir::Value block,
            mlir::Value step)
      : e(e), panel(panel), block(block), step(step) {}

  /// Which of the quads is the low, or the high one.
  mlir::Value quad(bool high) const;
  /// Its quants, as bytes (R, 4): of q4 unsigned, of q8_0 as packed. Read when
  /// asked for, first the low ones.
  mlir::Value quants(bool high);

private:
  Emitter &e;
  const PanelAddress &panel;
  mlir::Value block, step;
  mlir::Value nibbles; ///< of both
};

/// Scales of some tokens of a tile, and of weights.
struct BlockScaling {
  Emitter &e;
  const LinearInput &input;
  mlir::Value tile; ///< start of the tile, plus 4 bytes for each token left out
  int64_t R;        ///< rows of a panel

  /// Address of token m's d.
  mlir::Value scaleAt(mlir::Value block, int64_t m);
  /// Of token m, in all lanes: d, and the sum of its quants (i32).
  mlir::Value activationScale(mlir::Value block, int64_t m);
  mlir::Value activationSum(mlir::Value block, int64_t m);

  /// sums[p * tokens + m] += d_w * d_x * products(p * tokens + m), and what
  /// minima add. `products` gives i32 vectors free of zero points and is called
  /// where each is used.
  void addBlock(Emitter::Values &sums, llvm::ArrayRef<PanelAddress> panels,
                int64_t tokens, mlir::Value block,
                llvm::function_ref<mlir::Value(size_t index)> products);

private:
  mlir::Value weightScale(const PanelAddress &panel, mlir::Value block,
                          int64_t offset);
  mlir::Value asFloat(mlir::Value integers);
};

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_LINEARBLOCKS_H
