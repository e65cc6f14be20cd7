//===- Mxfp4.cpp - 4-bit floats that share powers of two ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Mxfp4.h"

#include "formats/QuantizeBlocks.h"
#include "formats/Text.h"

#include <array>
#include <cmath>
#include <exception>

namespace sinter {

namespace {

constexpr size_t kValues = 32, kBytes = 17, kQ8Bytes = 34;

/// Twice the values of E2M1, by their bits.
constexpr std::array<int8_t, 16> kDoubled = {0, 1,  2,  3,  4,  6,  8,  12,
                                             0, -1, -2, -3, -4, -6, -8, -12};

int8_t doubled(const uint8_t *block, size_t i) {
  return kDoubled[i < 16 ? block[1 + i] & 15 : block[1 + i - 16] >> 4];
}

bool isZero(const uint8_t *block) {
  for (size_t i = 1; i < kBytes; ++i)
    if (block[i] & 0x77)
      return false;
  return true;
}

/// Half of the block's scale as f16, if there is such a number.
bool isHalfScale(uint8_t exponent) {
  int power = int(exponent) - 128;
  return power >= -24 && power <= 15;
}

const uint8_t *bytesOf(std::span<const std::byte> bytes) {
  return reinterpret_cast<const uint8_t *>(bytes.data());
}

} // namespace

void dequantizeMxfp4(const uint8_t *block, float *out) {
  for (size_t i = 0; i < kValues; ++i)
    out[i] = std::ldexp(float(doubled(block, i)), int(block[0]) - 128);
}

bool fitsQ8_0(std::span<const std::byte> blocks) {
  const uint8_t *from = bytesOf(blocks);
  for (size_t at = 0; at + kBytes <= blocks.size(); at += kBytes)
    if (!isHalfScale(from[at]) && !isZero(from + at))
      return false;
  return true;
}

std::vector<std::byte> mxfp4ToQ8_0(std::span<const std::byte> blocks) {
  std::vector<std::byte> result(blocks.size() / kBytes * kQ8Bytes);
  const uint8_t *from = bytesOf(blocks);
  auto *to = reinterpret_cast<uint8_t *>(result.data());
  for (size_t left = blocks.size() / kBytes; left > 0; --left) {
    bool some = isHalfScale(from[0]);
    storeF16(to, some ? std::ldexp(1.0f, int(from[0]) - 128) : 0.0f);
    for (size_t i = 0; i < kValues; ++i)
      to[2 + i] = uint8_t(doubled(from, i));
    from += kBytes;
    to += kQ8Bytes;
  }
  return result;
}

Result<std::vector<std::byte>> joinMxfp4(const StoredTensor &values,
                                         const StoredTensor &scales) try {
  std::vector<std::byte> pairs(values.bytes), exponents(scales.bytes);
  if (Failure failure = values.read(0, pairs))
    return failure;
  if (Failure failure = scales.read(0, exponents))
    return failure;
  std::vector<std::byte> blocks(exponents.size() * kBytes);
  for (size_t b = 0; b < exponents.size(); ++b) {
    std::byte *to = blocks.data() + b * kBytes;
    const std::byte *from = pairs.data() + b * 16;
    auto nibble = [&](size_t i) {
      return (from[i / 2] >> (i % 2 * 4)) & std::byte(15);
    };
    to[0] = exponents[b];
    for (size_t i = 0; i < 16; ++i)
      to[1 + i] = nibble(i) | (nibble(i + 16) << 4);
  }
  return blocks;
} catch (const std::exception &) {
  return Failure(values.file->path() + ": error: tensor " + quote(values.name) +
                 ": not enough memory for " +
                 describe(values.type, values.shape));
}

Result<StoredTensor> describeMxfp4(const StoredTensor &values,
                                   const StoredTensor &scales) {
  std::vector<int64_t> expected = scales.shape;
  expected.push_back(16);
  if (values.type != ElementType::U8 || scales.type != ElementType::U8 ||
      scales.shape.empty() || values.shape != expected)
    return Failure(values.file->path() + ": error: tensor " +
                   quote(values.name) + " is " +
                   describe(values.type, values.shape) +
                   ", but 4-bit values with the scales " + quote(scales.name) +
                   ", " + describe(scales.type, scales.shape) + ", are " +
                   describe(ElementType::U8, expected));
  StoredTensor whole = values;
  whole.type = ElementType::MXFP4;
  whole.shape = scales.shape;
  whole.shape.back() *= int64_t(kValues);
  whole.count = scales.count * kValues;
  whole.bytes = scales.count * kBytes;
  return whole;
}

} // namespace sinter
