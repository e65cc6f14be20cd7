//===- Pack.h - Weights in the order in which kernels read them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Writes the layouts that #sinter.packed describes, from the row-major bytes
// that checkpoints hold. Free of LLVM; sizes agree with
// dialect/IR/StoredLayout.h, which derives them from IR types.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_PACK_H
#define SINTER_CODEGEN_CPU_PACK_H

#include "formats/ElementType.h"
#include "runtime/support/Result.h"

#include <cstddef>
#include <cstdint>

namespace sinter {

/// A packed matrix. Types are f32, bf16, f16, q8_0, q4_0 and q4_1.
struct PackedMatrix {
  ElementType type;
  int64_t rows;      ///< outputs
  int64_t columns;   ///< inputs; whole blocks for block types
  int64_t panelRows; ///< R: a power of two up to 64
  bool biased;       ///< q8_0 as u8 q + 128

  int64_t panels() const { return (rows + panelRows - 1) / panelRows; }
  int64_t storedRowBytes() const;
  /// Bytes of a panel, a multiple of 64.
  int64_t panelBytes() const;
  int64_t bytes() const { return panels() * panelBytes(); }
};

/// Fails when the matrix cannot be packed: its type, or columns that are no
/// whole blocks, or sizes that are not positive or overflow.
Failure checkPackable(const PackedMatrix &matrix);

/// Packs `count` panels from `first` on. `stored` is row first * panelRows of
/// the row-major matrix (rows after the last of the matrix are not read);
/// `packed` takes count * panelBytes() bytes. Panels can be packed in any
/// order, so a matrix need not be in memory as a whole. The matrix is packable.
void packPanels(const PackedMatrix &matrix, const std::byte *stored,
                int64_t first, int64_t count, std::byte *packed);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_PACK_H
