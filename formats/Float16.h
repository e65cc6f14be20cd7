//===- Float16.h - f16 and bf16 in plain integers ---------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Conversions of single values, exact for every bit pattern (subnormals,
// infinities, NaN payloads) and independent of the machine: the runtime's
// baseline has no F16C. Narrowing rounds to nearest, ties to even; a NaN stays
// a NaN and becomes quiet.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_FLOAT16_H
#define SINTER_FORMATS_FLOAT16_H

#include <bit>
#include <cstdint>

namespace sinter {

/// The value of a bf16, given as its bits.
inline float bf16ToF32(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

/// The bits of the bf16 nearest to `value`.
inline uint16_t f32ToBf16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return uint16_t(bits >> 16 | 0x40);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// The value of an f16, given as its bits.
inline float f16ToF32(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t magnitude = bits & 0x7fff;
  if (magnitude >= 0x7c00) // Infinity, NaN: the exponent is all ones in both.
    return std::bit_cast<float>(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  if (magnitude >= 0x0400)
    return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
  // Zero and subnormals are multiples of 2^-24, which f32 holds exactly.
  float value = float(magnitude) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(value));
}

/// The bits of the f16 nearest to `value`.
inline uint16_t f32ToF16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint16_t sign = uint16_t(bits >> 16 & 0x8000);
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return uint16_t(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
  if (magnitude >= 0x477ff000) // From 65520 on, values round to infinity.
    return uint16_t(sign | 0x7c00);
  if (magnitude >= 0x38800000) { // Normal in f16; a carry moves the exponent.
    magnitude -= 112u << 23;
    return uint16_t(sign | (magnitude + 0xfff + (magnitude >> 13 & 1)) >> 13);
  }
  // Adding 0.5 leaves multiples of 2^-24 in the low bits, rounded to even.
  float shifted = std::bit_cast<float>(magnitude) + 0.5f;
  return uint16_t(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000));
}

} // namespace sinter

#endif // SINTER_FORMATS_FLOAT16_H
