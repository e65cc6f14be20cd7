//===- LinearDot.h - Register tiles of dot products -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The inner loops of matrix products: some panels of weights times some tokens
// of a tile of activations, all sums in registers. Lanes are the rows of a
// panel; an activation is broadcast to them.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_LINEARDOT_H
#define SINTER_CODEGEN_CPU_LINEARDOT_H

#include "codegen/cpu/LinearWeights.h"
#include "codegen/cpu/Target.h"

namespace sinter {

/// Activations of N tokens, in tiles of M (#sinter.tiled); row-major ones are
/// tiles of one token.
struct LinearInput {
  mlir::Type element;
  int64_t features = 0;   ///< K
  int64_t tileTokens = 1; ///< M
  int64_t together = 1;   ///< G: features of a token that stay together
  mlir::Value base;       ///< !llvm.ptr

  static LinearInput of(mlir::RankedTensorType type, mlir::Value base);

  bool isBlocks() const { return mlir::isa<BlockType>(element); }
  bool isForMatrixUnit() const { return together == 32; }
  /// Whether some blocks have a second part (a16), a tile like the first.
  bool hasSecond() const;
  /// Bytes of quants, scales and sums of a tile of blocks: the first part.
  int64_t partBytes() const { return features / 32 * 40 * tileTokens; }
  int64_t tileBytes() const;
  /// Bytes between a token's and the next one's first feature in a tile.
  int64_t tokenBytes() const {
    return together * (isBlocks() ? 1 : Emitter::bytesOf(element));
  }
  int64_t scalesOffset() const { return features * tileTokens; }
  int64_t sumsOffset() const {
    return scalesOffset() + features / 32 * 4 * tileTokens;
  }
};

/// A panel of packed weights.
struct PanelAddress {
  const WeightMatrix *matrix;
  mlir::Value address;
  /// Whether it comes from memory. Then its loads stay in the order in which
  /// they are emitted, from front to back: prefetchers lose streams whose lines
  /// LLVM asks for in another one. Nor are weights kept for a second part,
  /// which is rare: there are more of them than registers.
  bool streamed = false;

  mlir::Value load(Emitter &e, mlir::Type type, mlir::Value offset) const;
};

/// Whether emitDot has a kernel for this pair.
bool canDot(const LinearInput &input, const WeightMatrix &weights);

/// The register tile for this pair.
RegisterTile registerTile(const Target &target, const LinearInput &input,
                          const WeightMatrix &weights);

/// Products of each panel with `tokens` tokens: f32 vectors of R lanes, first
/// those of the first panel. `tile` is the address of the first token's first
/// feature. All panels have the same R. A sum is made in the same order
/// whatever the number of panels and tokens. Second parts count only if
/// `withSecond`, which needs a single token: each is looked at in its place, so
/// that weights are read once, from first to last.
Emitter::Values emitDot(Emitter &e, const LinearInput &input, mlir::Value tile,
                        llvm::ArrayRef<PanelAddress> panels, int64_t tokens,
                        bool withSecond);

/// Adds the products of the second part of a block (i64) of one token to
/// `sums`, one vector for each panel.
void addSecondPart(Emitter &e, const LinearInput &input, mlir::Value tile,
                   llvm::ArrayRef<PanelAddress> panels, mlir::Value block,
                   Emitter::Values &sums);

/// Of `groups` groups of `tokens` tokens each from `tile` on (as for emitDot),
/// lists where the second part of a block of some token is not zero: at `list`
/// how many there are, and block * groups + group of each, i32.
void listSecondParts(Emitter &e, const LinearInput &input, mlir::Value tile,
                     int64_t groups, int64_t tokens, mlir::Value list);

/// Calls `body` with the entries (i64) of a list, carrying values.
Emitter::Values
forListed(Emitter &e, mlir::Value list, mlir::ValueRange initial,
          llvm::function_ref<Emitter::Values(mlir::Value entry,
                                             mlir::ValueRange carried)>
              body);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_LINEARDOT_H
