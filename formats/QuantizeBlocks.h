//===- QuantizeBlocks.h - One block at a time -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to Quantize*.cpp: the functions behind dequantize() and quantize()
// for one block of each type.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_QUANTIZEBLOCKS_H
#define SINTER_FORMATS_QUANTIZEBLOCKS_H

#include "formats/Float16.h"

#include <cstdint>
#include <cstring>

namespace sinter {

/// A little-endian number at any alignment.
template <typename T> T loadAs(const uint8_t *from) {
  T value;
  memcpy(&value, from, sizeof(T));
  return value;
}
inline float loadF16(const uint8_t *from) {
  return f16ToF32(loadAs<uint16_t>(from));
}
inline void storeF16(uint8_t *to, float value) {
  uint16_t bits = f32ToF16(value);
  memcpy(to, &bits, sizeof(bits));
}

/// Writes the blockSize values of one block.
void dequantizeQ2K(const uint8_t *block, float *out);
void dequantizeQ3K(const uint8_t *block, float *out);
void dequantizeQ4K(const uint8_t *block, float *out);
void dequantizeQ5K(const uint8_t *block, float *out);
void dequantizeQ6K(const uint8_t *block, float *out);
void dequantizeMxfp4(const uint8_t *block, float *out);

} // namespace sinter

#endif // SINTER_FORMATS_QUANTIZEBLOCKS_H
