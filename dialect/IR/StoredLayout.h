//===- StoredLayout.h - Bytes of stored tensors -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// How many bytes a weight takes in the packed weights of a program, from its
// type alone. The layouts are described at #sinter.packed; the packer writes
// them, generated code reads them.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_STOREDLAYOUT_H
#define SINTER_DIALECT_IR_STOREDLAYOUT_H

#include "formats/ElementType.h"
#include "mlir/IR/BuiltinTypes.h"

namespace sinter {

/// Packed weights and panels start at multiples of this many bytes.
constexpr int64_t kWeightAlignment = 64;

/// The type of weights that files store as `type`; null unless isWeightType.
mlir::Type typeOf(mlir::MLIRContext *context, ElementType type);

/// Bytes of `count` consecutive elements as checkpoints store them; `count` is
/// a multiple of 32 for block types.
int64_t storedBytes(mlir::Type element, int64_t count);

/// Bytes of one panel of a #sinter.packed matrix of `columns` columns.
int64_t panelBytes(mlir::Type element, int64_t panelRows, int64_t columns);

/// Bytes of a weight of this static type: packed if it is encoded so, else
/// row-major. A multiple of kWeightAlignment.
int64_t weightBytes(mlir::RankedTensorType type);

/// Features of a token that stay together in a tile of activations for the
/// vector unit: as many as one of its instructions multiplies.
int64_t featuresTogether(mlir::Type element);

/// The same of a tile as it is encoded (#sinter.tiled).
int64_t featuresTogether(mlir::RankedTensorType activations);

/// Bytes of one token's features of activations (B, T, ...).
int64_t tokenBytes(mlir::RankedTensorType activations);

} // namespace sinter

#endif // SINTER_DIALECT_IR_STOREDLAYOUT_H
