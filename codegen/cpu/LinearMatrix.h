//===- LinearMatrix.h - Products by a matrix unit ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// For CPUs with two-dimensional registers (AMX): 16 tokens by 16 rows of a
// panel by 32 features in one instruction. Of a8 activations each block's
// integer sums are scaled on their own; of bf16 all features are summed in the
// unit.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_LINEARMATRIX_H
#define SINTER_CODEGEN_CPU_LINEARMATRIX_H

#include "codegen/cpu/LinearDot.h"

namespace sinter {

/// Whether the unit multiplies these; activations are tiled for it.
bool canMatrixDot(const LinearInput &input, const WeightMatrix &weights);

/// Tokens and panels of one call of emitMatrixDot.
RegisterTile matrixTile(const LinearInput &input);

/// Around all products of a kernel with these activations: shapes the unit's
/// registers, once, and gives them back, so that the system need not save them.
void configureMatrixUnit(Emitter &e, const LinearInput &input);
void releaseMatrixUnit(Emitter &e);

/// Writes the quants of a panel of blocks as signed bytes free of the zero
/// point, (K/4, R, 4), to `out`: K * R bytes.
void unpackPanel(Emitter &e, const PanelAddress &panel, mlir::Value out);

/// Products of a panel with the matrixTile's tokens from token `inside` (i64)
/// of `tile` on; f32 (tokens, R) at `sums`. `quants` are the panel's unpacked
/// ones, null without; `second` lists the second parts of all these tokens
/// (listSecondParts), null without.
void emitMatrixDot(Emitter &e, const LinearInput &input, mlir::Value tile,
                   mlir::Value inside, const PanelAddress &panel,
                   mlir::Value quants, mlir::Value second, mlir::Value sums);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_LINEARMATRIX_H
