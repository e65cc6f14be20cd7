//===- TiledStore.h - Activations as matmuls read them ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Stores features of a token into its tile (see #sinter.tiled), as floats or in
// blocks of integers.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_TILEDSTORE_H
#define SINTER_CODEGEN_CPU_TILEDSTORE_H

#include "codegen/cpu/LinearDot.h"

namespace sinter {

/// Stores f32 `vector`, rounded, as features `feature`... of token `token`
/// (both i64).
void storeTiledFloats(Emitter &e, const LinearInput &tiles, mlir::Value token,
                      mlir::Value feature, mlir::Value vector);

/// Stores the block of 32 features from `feature` on, quantized to a8 or, with
/// `crest`, to a16 (see sinter.quantize); `parts` are its values, in f32
/// vectors of equal length.
void storeTiledBlock(Emitter &e, const LinearInput &tiles, mlir::Value token,
                     mlir::Value feature, llvm::ArrayRef<mlir::Value> parts,
                     float crest);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_TILEDSTORE_H
