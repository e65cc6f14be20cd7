//===- Quantize.cpp - Between stored types and f32 ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Compiled without contraction to fused multiply-add: the reference rounds
// after each operation.
//
// Blocks of 32 hold, in this order,
//   q8_0: f16 d, 32 x int8                 value = q * d
//   q4_0: f16 d, nibbles                   value = d * (q - 8)
//   q4_1: f16 d, f16 m, nibbles            value = d * q + m
//   q5_0: f16 d, 32 high bits, nibbles     value = d * (q - 16)
//   q5_1: f16 d, f16 m, 32 high bits, nibbles    value = d * q + m
// Byte i of the 16 with nibbles holds value i (low) and value i + 16 (high).
//
//===----------------------------------------------------------------------===//

#include "formats/Quantize.h"

#include "formats/Float16.h"
#include "formats/QuantizeBlocks.h"

#include <algorithm>
#include <cmath>

namespace sinter {

namespace {

constexpr int blockSize = 32;

//===----------------------------------------------------------------------===//
// Stored to f32
//===----------------------------------------------------------------------===//

int nibbleOf(const uint8_t *nibbles, int i) {
  return i < 16 ? nibbles[i] & 15 : nibbles[i - 16] >> 4;
}

void dequantizeQ8_0(const uint8_t *block, float *out) {
  float d = loadF16(block);
  for (int i = 0; i < blockSize; ++i)
    out[i] = float(int8_t(block[2 + i])) * d;
}

void dequantizeQ4_0(const uint8_t *block, float *out) {
  float d = loadF16(block);
  for (int i = 0; i < blockSize; ++i)
    out[i] = d * float(nibbleOf(block + 2, i) - 8);
}

void dequantizeQ4_1(const uint8_t *block, float *out) {
  float d = loadF16(block), m = loadF16(block + 2);
  for (int i = 0; i < blockSize; ++i)
    out[i] = d * float(nibbleOf(block + 4, i)) + m;
}

void dequantizeQ5_0(const uint8_t *block, float *out) {
  float d = loadF16(block);
  uint32_t high = loadAs<uint32_t>(block + 2);
  for (int i = 0; i < blockSize; ++i) {
    int q = nibbleOf(block + 6, i) | int(high >> i & 1) << 4;
    out[i] = d * float(q - 16);
  }
}

void dequantizeQ5_1(const uint8_t *block, float *out) {
  float d = loadF16(block), m = loadF16(block + 2);
  uint32_t high = loadAs<uint32_t>(block + 4);
  for (int i = 0; i < blockSize; ++i) {
    int q = nibbleOf(block + 8, i) | int(high >> i & 1) << 4;
    out[i] = d * float(q) + m;
  }
}

template <typename T> void convert(const uint8_t *stored, float *out) {
  *out = float(loadAs<T>(stored));
}

using DequantizeBlock = void (*)(const uint8_t *stored, float *out);

DequantizeBlock dequantizerOf(ElementType type) {
  switch (type) {
  case ElementType::F64:
    return convert<double>;
  case ElementType::F32:
    // A copy of the bits, so that a signaling NaN stays one.
    return [](const uint8_t *from, float *to) { memcpy(to, from, 4); };
  case ElementType::F16:
    return [](const uint8_t *from, float *to) { *to = loadF16(from); };
  case ElementType::BF16:
    return [](const uint8_t *from, float *to) {
      *to = bf16ToF32(loadAs<uint16_t>(from));
    };
  case ElementType::I64:
    return convert<int64_t>;
  case ElementType::I32:
    return convert<int32_t>;
  case ElementType::I16:
    return convert<int16_t>;
  case ElementType::I8:
    return convert<int8_t>;
  case ElementType::U64:
    return convert<uint64_t>;
  case ElementType::U32:
    return convert<uint32_t>;
  case ElementType::U16:
    return convert<uint16_t>;
  case ElementType::U8:
    return convert<uint8_t>;
  case ElementType::Bool:
    return [](const uint8_t *from, float *to) { *to = *from != 0; };
  case ElementType::Q8_0:
    return dequantizeQ8_0;
  case ElementType::Q4_0:
    return dequantizeQ4_0;
  case ElementType::Q4_1:
    return dequantizeQ4_1;
  case ElementType::Q5_0:
    return dequantizeQ5_0;
  case ElementType::Q5_1:
    return dequantizeQ5_1;
  case ElementType::Q2_K:
    return dequantizeQ2K;
  case ElementType::Q3_K:
    return dequantizeQ3K;
  case ElementType::Q4_K:
    return dequantizeQ4K;
  case ElementType::Q5_K:
    return dequantizeQ5K;
  case ElementType::Q6_K:
    return dequantizeQ6K;
  case ElementType::MXFP4:
    return dequantizeMxfp4;
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// f32 to stored
//===----------------------------------------------------------------------===//

/// 1 / d, and 0 for blocks of zeros.
float inverseOf(float d) { return d == 0 ? 0 : 1 / d; }

/// Truncates to [0, highest]. What is not a number gives 0: the conversion
/// itself would be undefined.
int truncateTo(float value, int highest) {
  if (!(value > 0))
    return 0;
  return value >= float(highest) ? highest : int(value);
}

/// The first of the values with the largest magnitude, with its sign.
float extremeOf(const float *values) {
  float extreme = values[0];
  for (int i = 1; i < blockSize; ++i)
    if (std::fabs(values[i]) > std::fabs(extreme))
      extreme = values[i];
  return extreme;
}

void quantizeQ8_0(const float *values, uint8_t *block) {
  float d = std::fabs(extremeOf(values)) / 127;
  float inverse = inverseOf(d);
  storeF16(block, d);
  for (int i = 0; i < blockSize; ++i) {
    float q = std::round(values[i] * inverse); // halves away from zero
    q = q >= -128 ? std::min(q, 127.0f) : -128;
    block[2 + i] = uint8_t(int8_t(q));
  }
}

/// Scales so that the extreme value becomes -8, the one end that has no
/// counterpart.
void quantizeQ4_0(const float *values, uint8_t *block) {
  float d = extremeOf(values) / -8;
  float inverse = inverseOf(d);
  storeF16(block, d);
  for (int i = 0; i < 16; ++i) {
    int low = truncateTo(values[i] * inverse + 8.5f, 15);
    int high = truncateTo(values[i + 16] * inverse + 8.5f, 15);
    block[2 + i] = uint8_t(low | high << 4);
  }
}

void quantizeQ4_1(const float *values, uint8_t *block) {
  auto [smallest, largest] = std::minmax_element(values, values + blockSize);
  float m = *smallest;
  float d = (*largest - m) / 15;
  float inverse = inverseOf(d);
  storeF16(block, d);
  storeF16(block + 2, m);
  for (int i = 0; i < 16; ++i) {
    int low = truncateTo((values[i] - m) * inverse + 0.5f, 15);
    int high = truncateTo((values[i + 16] - m) * inverse + 0.5f, 15);
    block[4 + i] = uint8_t(low | high << 4);
  }
}

using QuantizeBlock = void (*)(const float *values, uint8_t *stored);

QuantizeBlock quantizerOf(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return [](const float *from, uint8_t *to) { memcpy(to, from, 4); };
  case ElementType::F16:
    return [](const float *from, uint8_t *to) { storeF16(to, *from); };
  case ElementType::BF16:
    return [](const float *from, uint8_t *to) {
      uint16_t bits = f32ToBf16(*from);
      memcpy(to, &bits, sizeof(bits));
    };
  case ElementType::Q8_0:
    return quantizeQ8_0;
  case ElementType::Q4_0:
    return quantizeQ4_0;
  case ElementType::Q4_1:
    return quantizeQ4_1;
  default:
    return nullptr;
  }
}

} // namespace

bool canDequantize(ElementType type) { return dequantizerOf(type) != nullptr; }

bool canQuantize(ElementType type) { return quantizerOf(type) != nullptr; }

bool dequantize(ElementType type, std::span<const std::byte> stored,
                std::span<float> out) {
  DequantizeBlock dequantizeBlock = dequantizerOf(type);
  if (!dequantizeBlock || bytesFor(type, out.size()) != stored.size())
    return false;
  const ElementTypeInfo &info = infoOf(type);
  auto *from = reinterpret_cast<const uint8_t *>(stored.data());
  for (size_t i = 0; i < out.size(); i += info.blockSize) {
    dequantizeBlock(from, out.data() + i);
    from += info.blockBytes;
  }
  return true;
}

bool quantize(ElementType type, std::span<const float> values,
              std::span<std::byte> stored) {
  QuantizeBlock quantizeBlock = quantizerOf(type);
  if (!quantizeBlock || bytesFor(type, values.size()) != stored.size())
    return false;
  const ElementTypeInfo &info = infoOf(type);
  auto *to = reinterpret_cast<uint8_t *>(stored.data());
  for (size_t i = 0; i < values.size(); i += info.blockSize) {
    quantizeBlock(values.data() + i, to);
    to += info.blockBytes;
  }
  return true;
}

} // namespace sinter
