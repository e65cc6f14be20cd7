//===- Pack.cpp - Weights in the order in which kernels read them ---------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Pack.h"

#include <algorithm>
#include <cstring>
#include <string>

using namespace sinter;

namespace {

constexpr int64_t kBlock = 32;
constexpr int64_t kAlignment = 64;

/// A panel: where its rows start in the row-major matrix, and its place.
struct Panel {
  const PackedMatrix &matrix;
  const uint8_t *stored;
  int64_t rows; ///< that exist; the others of panelRows are zero
  uint8_t *out;

  const uint8_t *row(int64_t r) const {
    return stored + r * matrix.storedRowBytes();
  }
};

/// Floats: each group of `pair` columns of a row stays together.
template <typename T, int pair> void packFloats(const Panel &panel) {
  int64_t stride = panel.matrix.panelRows;
  int64_t columns = panel.matrix.columns;
  for (int64_t r = 0; r < panel.rows; ++r) {
    const uint8_t *from = panel.row(r);
    uint8_t *to = panel.out + r * pair * sizeof(T);
    for (int64_t k = 0; k < columns; ++k)
      memcpy(to + (k / pair * stride * pair + k % pair) * sizeof(T),
             from + k * sizeof(T), sizeof(T));
  }
}

void copyHalf(uint8_t *out, int64_t index, const uint8_t *half) {
  memcpy(out + 2 * index, half, 2);
}

/// A block of all rows: quants, then scales, then minima.
void packQ8_0(const Panel &panel) {
  int64_t stride = panel.matrix.panelRows;
  uint8_t bias = panel.matrix.biased ? 0x80 : 0;
  for (int64_t r = 0; r < panel.rows; ++r)
    for (int64_t b = 0; b < panel.matrix.columns / kBlock; ++b) {
      const uint8_t *block = panel.row(r) + 34 * b;
      uint8_t *quants = panel.out + 34 * stride * b;
      copyHalf(quants + kBlock * stride, r, block);
      for (int64_t i = 0; i < kBlock; i += 4) {
        uint8_t *to = quants + i * stride + 4 * r;
        for (int64_t c = 0; c < 4; ++c)
          to[c] = block[2 + i + c] ^ bias;
      }
    }
}

/// q4_0, and q4_1 with its minima.
template <bool hasMinima> void packQ4(const Panel &panel) {
  constexpr int64_t header = hasMinima ? 4 : 2;
  constexpr int64_t size = header + kBlock / 2;
  int64_t stride = panel.matrix.panelRows;
  for (int64_t r = 0; r < panel.rows; ++r)
    for (int64_t b = 0; b < panel.matrix.columns / kBlock; ++b) {
      const uint8_t *block = panel.row(r) + size * b;
      uint8_t *quants = panel.out + size * stride * b;
      uint8_t *scales = quants + kBlock / 2 * stride;
      copyHalf(scales, r, block);
      if (hasMinima)
        copyHalf(scales + 2 * stride, r, block + 2);
      // A stored byte i holds columns i and 16 + i already.
      for (int64_t j = 0; j < 4; ++j)
        memcpy(quants + 4 * (j * stride + r), block + header + 4 * j, 4);
    }
}

void packPanel(const Panel &panel) {
  switch (panel.matrix.type) {
  case ElementType::F32:
    return packFloats<uint32_t, 1>(panel);
  case ElementType::F16:
    return packFloats<uint16_t, 1>(panel);
  case ElementType::BF16:
    return packFloats<uint16_t, 2>(panel);
  case ElementType::Q8_0:
    return packQ8_0(panel);
  case ElementType::Q4_0:
    return packQ4<false>(panel);
  case ElementType::Q4_1:
    return packQ4<true>(panel);
  default:
    return;
  }
}

} // namespace

int64_t PackedMatrix::storedRowBytes() const {
  const ElementTypeInfo &info = infoOf(type);
  return columns / info.blockSize * info.blockBytes;
}

int64_t PackedMatrix::panelBytes() const {
  const ElementTypeInfo &info = infoOf(type);
  // Half floats are stored in whole pairs of columns.
  int64_t padded = info.blockBytes == 2 ? (columns + 1) / 2 * 2 : columns;
  int64_t bytes = panelRows * (padded / info.blockSize * info.blockBytes);
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

Failure sinter::checkPackable(const PackedMatrix &matrix) {
  std::string name(nameOf(matrix.type));
  if (!isWeightType(matrix.type))
    return Failure("weights of type " + name + " cannot be packed");
  if (matrix.rows <= 0 || matrix.columns <= 0 ||
      matrix.rows > (int64_t(1) << 40) / matrix.columns)
    return Failure("a matrix of " + std::to_string(matrix.rows) + " x " +
                   std::to_string(matrix.columns) + " cannot be packed");
  int64_t block = infoOf(matrix.type).blockSize;
  if (matrix.columns % block != 0)
    return Failure("rows of type " + name + " must be multiples of " +
                   std::to_string(block) + ", but have length " +
                   std::to_string(matrix.columns));
  return Failure::none();
}

void sinter::packPanels(const PackedMatrix &matrix, const std::byte *stored,
                        int64_t first, int64_t count, std::byte *packed) {
  int64_t stride = matrix.panelRows * matrix.storedRowBytes();
  for (int64_t p = 0; p < count; ++p) {
    int64_t left = matrix.rows - (first + p) * matrix.panelRows;
    Panel panel{matrix, reinterpret_cast<const uint8_t *>(stored) + p * stride,
                std::min(left, matrix.panelRows),
                reinterpret_cast<uint8_t *>(packed) + p * matrix.panelBytes()};
    // Rows and columns that are missing, and what aligns the panel. A biased
    // row is cancelled by its scale of zero.
    memset(panel.out, 0, matrix.panelBytes());
    packPanel(panel);
  }
}
