//===- Data.cpp - Random weights and activations --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/linear/Data.h"

#include "formats/Float16.h"
#include "formats/Quantize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

using namespace sinter;

Bytes sinter::randomWeights(Random &random, const PackedMatrix &matrix) {
  int64_t stride = matrix.storedRowBytes();
  Bytes stored(matrix.rows * stride);
  uint8_t *out = stored.as<uint8_t>();
  const ElementTypeInfo &info = infoOf(matrix.type);
  for (int64_t at = 0; at < matrix.rows * stride; at += info.blockBytes) {
    for (uint32_t i = 0; i < info.blockBytes; ++i)
      out[at + i] = uint8_t(random.bits());
    float value = random.real();
    switch (matrix.type) {
    case ElementType::F32:
      memcpy(out + at, &value, 4);
      break;
    case ElementType::BF16: {
      uint32_t bits;
      memcpy(&bits, &value, 4);
      bits >>= 16;
      memcpy(out + at, &bits, 2);
      break;
    }
    case ElementType::F16: {
      uint16_t half = f32ToF16(value);
      memcpy(out + at, &half, 2);
      break;
    }
    default: {
      uint16_t scale = f32ToF16(value * 0.1f);
      uint16_t minimum = f32ToF16(random.real());
      memcpy(out + at, &scale, 2);
      if (matrix.type == ElementType::Q4_1)
        memcpy(out + at + 2, &minimum, 2);
    }
    }
  }
  return stored;
}

Bytes sinter::packed(const PackedMatrix &matrix, Bytes &stored) {
  Bytes result(matrix.bytes());
  packPanels(matrix, stored.as<std::byte>(), 0, matrix.panels(),
             result.as<std::byte>());
  return result;
}

std::vector<double> sinter::weightRow(const PackedMatrix &matrix, Bytes &stored,
                                      int64_t row) {
  int64_t stride = matrix.storedRowBytes();
  std::vector<float> values(matrix.columns);
  if (!dequantize(matrix.type,
                  {stored.as<std::byte>() + row * stride, size_t(stride)},
                  values))
    std::abort();
  return {values.begin(), values.end()};
}

namespace {

/// Puts the features of a token into tiles.
struct TileWriter {
  const KernelShape &shape;
  int64_t K = shape.columns;
  int64_t M = std::max<int64_t>(1, shape.tileTokens);
  int64_t G = shape.together();

  /// Where feature k of token m of a tile is, in elements.
  int64_t indexOf(int64_t m, int64_t k) const {
    return (k / G * M + m) * G + k % G;
  }

  int64_t partBytes() const { return K / 32 * 40 * M; }

  int64_t tileBytes() const {
    switch (shape.input) {
    case InputKind::F32:
      return K * M * 4;
    case InputKind::F16:
      return K * M * 2;
    case InputKind::BF16:
      return (K + G - 1) / G * G * M * 2;
    case InputKind::A8:
      return partBytes();
    case InputKind::A16:
      return 2 * partBytes();
    }
    return 0;
  }

  void writeFloat(uint8_t *tile, int64_t m, int64_t k, float &value) {
    if (shape.input == InputKind::F32) {
      memcpy(tile + indexOf(m, k) * 4, &value, 4);
      return;
    }
    if (shape.input == InputKind::F16) {
      uint16_t half = f32ToF16(value);
      value = f16ToF32(half);
      memcpy(tile + indexOf(m, k) * 2, &half, 2);
      return;
    }
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits &= 0xffff0000;
    memcpy(&value, &bits, 4);
    bits >>= 16;
    memcpy(tile + indexOf(m, k) * 2, &bits, 2);
  }

  void writeBlock(uint8_t *tile, int64_t m, int64_t block, float *values) {
    float largest = 0;
    for (int i = 0; i < 32; ++i)
      largest = std::max(largest, std::fabs(values[i]));
    float scale = largest / 127;
    std::array<int, 32> quants, rests;
    // Some blocks of a16 have a second part, the last one at least.
    bool fine = shape.input == InputKind::A16 &&
                ((m + block) % 3 == 0 || block == K / 32 - 1);
    for (int64_t i = 0; i < 32; ++i) {
      quants[i] = scale ? int(std::nearbyint(values[i] / scale)) : 0;
      rests[i] =
          scale && fine ? int(values[i] / scale * 256) - quants[i] * 256 : 0;
      rests[i] = std::clamp(rests[i], -127, 127);
      values[i] = (quants[i] + rests[i] / 256.0f) * scale;
    }
    writePart(tile, m, block, quants, scale);
    if (shape.input == InputKind::A16 && fine)
      writePart(tile + partBytes(), m, block, rests, scale / 256);
    else if (shape.input == InputKind::A16)
      writeScale(tile + partBytes(), m, block, 0); // the rest is not written
  }

  void writeScale(uint8_t *part, int64_t m, int64_t block, float scale) {
    memcpy(part + K * M + (block * M + m) * 4, &scale, 4);
  }

  void writePart(uint8_t *part, int64_t m, int64_t block,
                 const std::array<int, 32> &quants, float scale) {
    int32_t sum = 0;
    for (int64_t i = 0; i < 32; ++i) {
      sum += quants[i];
      part[indexOf(m, 32 * block + i)] = uint8_t(int8_t(quants[i]));
    }
    writeScale(part, m, block, scale);
    uint8_t *sums = part + (K + K / 32 * 4) * M;
    memcpy(sums + (block * M + m) * 4, &sum, 4);
  }
};

} // namespace

Activations sinter::randomActivations(Random &random, const KernelShape &shape,
                                      int64_t tokens) {
  TileWriter writer{shape};
  int64_t tiles = (tokens + writer.M - 1) / writer.M;
  Bytes bytes(tiles * writer.tileBytes());
  // The padding of the last tile may hold anything, such as NaN.
  memset(bytes.as<uint8_t>(), 0xff, bytes.size);
  std::vector<double> values(tokens * shape.columns);
  std::vector<float> row(shape.columns);
  for (int64_t t = 0; t < tokens; ++t) {
    uint8_t *tile = bytes.as<uint8_t>() + t / writer.M * writer.tileBytes();
    for (float &value : row)
      value = random.real();
    for (int64_t k = 0; k < shape.columns; ++k)
      if (!isBlockInput(shape.input))
        writer.writeFloat(tile, t % writer.M, k, row[k]);
      else if (k % 32 == 0)
        writer.writeBlock(tile, t % writer.M, k / 32, &row[k]);
    std::copy(row.begin(), row.end(), values.begin() + t * shape.columns);
  }
  // A pair's missing feature is zero.
  if (shape.input == InputKind::BF16 && shape.columns % 2 && writer.M > 1)
    for (int64_t t = 0; t < tiles * writer.M; ++t)
      memset(bytes.as<uint8_t>() + t / writer.M * writer.tileBytes() +
                 (shape.columns / 2 * writer.M + t % writer.M) * 4 + 2,
             0, 2);
  return {std::move(bytes), std::move(values)};
}
