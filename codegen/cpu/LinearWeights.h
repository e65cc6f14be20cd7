//===- LinearWeights.h - Weight matrices in memory --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Addresses and dequantizes weights, packed into panels (#sinter.packed) or
// row-major as checkpoints store them.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_LINEARWEIGHTS_H
#define SINTER_CODEGEN_CPU_LINEARWEIGHTS_H

#include "codegen/cpu/Emitter.h"
#include "dialect/IR/Sinter.h"

namespace sinter {

/// A matrix of rows (outputs) and columns (inputs) somewhere in memory.
struct WeightMatrix {
  mlir::Type element;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t panelRows = 0; ///< R; 0: row-major
  bool biased = false;   ///< packed q8_0 as u8 q + 128
  mlir::Value base;      ///< !llvm.ptr

  /// From a weight's type (a matrix) and its address.
  static WeightMatrix of(mlir::RankedTensorType type, mlir::Value base);

  bool isPacked() const { return panelRows != 0; }
  bool isBlocks() const { return mlir::isa<BlockType>(element); }
  bool isFormat(BlockFormat format) const;
  /// q4_0 or q4_1.
  bool isNibbles() const {
    return isFormat(BlockFormat::Q4_0) || isFormat(BlockFormat::Q4_1);
  }
  int64_t panels() const { return (rows + panelRows - 1) / panelRows; }
  int64_t panelBytes() const;
  int64_t rowBytes() const; ///< of a row-major row
  int64_t blocks() const { return columns / 32; }
  /// A panel holds a block of all its rows after the other: bytes of one, and
  /// from its start to the scales and to the minima.
  int64_t blockBytes() const;
  int64_t scalesOffset() const { return panelRows * (isNibbles() ? 16 : 32); }
  int64_t minimaOffset() const { return scalesOffset() + 2 * panelRows; }
  /// What is subtracted from a stored quant, times the scale.
  int64_t zeroPoint() const;
};

/// `lanes` consecutive f16, as f32; without F16C by shifts.
mlir::Value loadHalves(Emitter &e, mlir::Value pointer, int64_t lanes);

/// Calls `body` with vectors of f32 that together are row `row` (i64) of the
/// matrix, in any order; each is of consecutive features from `feature` (i64).
/// How long they are depends on the layout.
void emitWeightRow(
    Emitter &e, const WeightMatrix &matrix, mlir::Value row,
    llvm::function_ref<void(mlir::Value feature, mlir::Value vector)> body);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_LINEARWEIGHTS_H
