//===- QuantizeK.cpp - Blocks of 256 with two levels of scales ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The "K" types: 256 values in groups of 32 or 16, each group with a small
// integer scale (and minimum) which an f16 of the block multiplies.
//
//===----------------------------------------------------------------------===//

#include "formats/QuantizeBlocks.h"

namespace sinter {

namespace {

/// The scale and the minimum of a group of 32.
struct GroupScale {
  float scale;
  float minimum;
};

/// q2_k, q3_k and q6_k keep bit pairs alike: 32 bytes for each half of the
/// block, whose four quarters of 32 values follow from low bits to high.
int bitPair(const uint8_t *pairs, int value) {
  int half = value / 128, quarter = value / 32 % 4, i = value % 32;
  return pairs[half * 32 + i] >> (quarter * 2) & 3;
}

/// q4_k and q5_k begin alike: f16 d, f16 dmin, then 12 bytes for eight pairs
/// of 6-bit numbers. Bytes 0-3 have the scales of groups 0-3, bytes 4-7 their
/// minima; the top two bits of all of those complete the nibbles of bytes
/// 8-11, which belong to groups 4-7.
GroupScale groupScale(const uint8_t *block, int group) {
  const uint8_t *packed = block + 4;
  int scale, minimum;
  if (group < 4) {
    scale = packed[group] & 63;
    minimum = packed[group + 4] & 63;
  } else {
    int nibbles = packed[group + 4];
    scale = (nibbles & 15) | (packed[group - 4] >> 6) << 4;
    minimum = nibbles >> 4 | (packed[group] >> 6) << 4;
  }
  return {loadF16(block) * float(scale), loadF16(block + 2) * float(minimum)};
}

} // namespace

/// 16 bytes with scale (low nibble) and minimum of groups of 16, 64 bytes of
/// bit pairs, f16 d, f16 dmin.
void dequantizeQ2K(const uint8_t *block, float *out) {
  float d = loadF16(block + 80), dmin = loadF16(block + 82);
  for (int value = 0; value < 256; ++value) {
    uint8_t packed = block[value / 16];
    float scale = d * float(packed & 15), minimum = dmin * float(packed >> 4);
    *out++ = scale * float(bitPair(block + 16, value)) - minimum;
  }
}

/// 32 bytes of third bits (bit g of byte i: value i of the g-th run of 32; a
/// zero subtracts 4), 64 bytes of bit pairs, 12 bytes of 6-bit scales less 32,
/// f16 d. Scales of groups of 16: nibbles in 8 bytes, low ones first, and bit
/// pairs in 4 bytes, likewise.
void dequantizeQ3K(const uint8_t *block, float *out) {
  const uint8_t *packed = block + 96;
  float d = loadF16(block + 108);
  for (int value = 0; value < 256; ++value) {
    int group = value / 16;
    int low = packed[group % 8] >> (group / 8 * 4) & 15;
    int high = packed[8 + group % 4] >> (group / 4 * 2) & 3;
    float scale = d * float((low | high << 4) - 32);
    int thirdBit = block[value % 32] >> (value / 32) & 1;
    int q = bitPair(block + 32, value) - (thirdBit ? 0 : 4);
    *out++ = scale * float(q);
  }
}

/// After the scales 128 bytes: each run of 32 bytes holds an even group in its
/// low nibbles and the odd group after it in its high ones.
void dequantizeQ4K(const uint8_t *block, float *out) {
  for (int group = 0; group < 8; ++group) {
    GroupScale by = groupScale(block, group);
    const uint8_t *nibbles = block + 16 + group / 2 * 32;
    for (int i = 0; i < 32; ++i) {
      int q = nibbles[i] >> (group % 2 * 4) & 15;
      *out++ = by.scale * float(q) - by.minimum;
    }
  }
}

/// Between scales and nibbles 32 bytes with the fifth bits: bit g of byte i
/// belongs to value i of group g.
void dequantizeQ5K(const uint8_t *block, float *out) {
  const uint8_t *fifthBits = block + 16;
  for (int group = 0; group < 8; ++group) {
    GroupScale by = groupScale(block, group);
    const uint8_t *nibbles = block + 48 + group / 2 * 32;
    for (int i = 0; i < 32; ++i) {
      int low = nibbles[i] >> (group % 2 * 4) & 15;
      int high = fifthBits[i] >> group & 1;
      *out++ = by.scale * float(low | high << 4) - by.minimum;
    }
  }
}

/// 128 bytes of low nibbles, 64 of high bit pairs, 16 signed scales of groups
/// of 16, f16 d. Each half of the block has 64 bytes of nibbles; its quarters
/// take low nibbles of bytes 0-31, of 32-63, then high nibbles likewise.
void dequantizeQ6K(const uint8_t *block, float *out) {
  const uint8_t *scales = block + 192;
  float d = loadF16(block + 208);
  for (int value = 0; value < 256; ++value) {
    int half = value / 128, quarter = value / 32 % 4, i = value % 32;
    int low = block[half * 64 + quarter % 2 * 32 + i] >> (quarter / 2 * 4) & 15;
    int q = (low | bitPair(block + 128, value) << 4) - 32;
    float scale = d * float(int8_t(scales[value / 16]));
    *out++ = scale * float(q);
  }
}

} // namespace sinter
