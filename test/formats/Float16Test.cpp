//===- Float16Test.cpp - Every f16 and bf16, and what rounds to them ------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Float16.h"
#include "FormatsTest.h"

#include <cmath>

using namespace sinter;

namespace {

/// From the definition: sign, 5 bits of exponent, 10 of fraction.
double f16ByDefinition(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double value = exponent == 0 ? std::ldexp(fraction, -24)
                               : std::ldexp(1024 + fraction, exponent - 25);
  return bits >> 15 ? -value : value;
}

/// Rounding of a value between two neighbours, checked at the midpoint (the
/// even one wins) and just beside it. All of these are exact in f32.
template <typename Narrow>
void checkBetween(float low, float high, uint16_t lowBits, uint16_t highBits,
                  Narrow narrow) {
  float middle = float((double(low) + double(high)) / 2);
  CHECK(narrow(middle) == (lowBits & 1 ? highBits : lowBits));
  CHECK(narrow(std::nextafter(middle, low)) == lowBits);
  CHECK(narrow(std::nextafter(middle, high)) == highBits);
}

void testWidening() {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    float value = f16ToF32(uint16_t(bits));
    if ((bits & 0x7c00) != 0x7c00) {
      CHECK(value == f16ByDefinition(uint16_t(bits)));
      CHECK(std::signbit(value) == bool(bits >> 15));
      CHECK(f32ToF16(value) == bits);
    } else if (bits & 0x3ff) {
      CHECK(std::isnan(value));
      CHECK(f32ToF16(value) == (bits | 0x200)); // quiet, payload kept
    } else {
      CHECK(std::isinf(value) && f32ToF16(value) == bits);
    }
    CHECK(std::bit_cast<uint32_t>(bf16ToF32(uint16_t(bits))) == bits << 16);
  }
}

void testNarrowing() {
  for (uint32_t bits = 0; bits + 1 < 0x7c00; ++bits) {
    float low = f16ToF32(uint16_t(bits)), high = f16ToF32(uint16_t(bits + 1));
    checkBetween(low, high, uint16_t(bits), uint16_t(bits + 1), f32ToF16);
    checkBetween(-low, -high, uint16_t(bits | 0x8000),
                 uint16_t((bits + 1) | 0x8000), f32ToF16);
  }
  // One step beyond the largest would be 65536: half of it rounds up.
  CHECK(f32ToF16(65519.996f) == 0x7bff);
  CHECK(f32ToF16(65520.0f) == 0x7c00);
  CHECK(f32ToF16(1e30f) == 0x7c00);
  CHECK(f32ToF16(-1e30f) == 0xfc00);
  CHECK(f32ToF16(1e-45f) == 0);
  CHECK(f32ToF16(-1e-45f) == 0x8000);
}

void testBf16() {
  for (uint32_t bits = 0; bits + 1 < 0x7f80; ++bits) {
    float low = bf16ToF32(uint16_t(bits)), high = bf16ToF32(uint16_t(bits + 1));
    checkBetween(low, high, uint16_t(bits), uint16_t(bits + 1), f32ToBf16);
  }
  CHECK(f32ToBf16(std::bit_cast<float>(0x7f7fffffu)) == 0x7f80);
  CHECK(f32ToBf16(-INFINITY) == 0xff80);
  // A NaN whose payload is only in the bits that go.
  CHECK(f32ToBf16(std::bit_cast<float>(0x7f800001u)) == 0x7fc0);
  CHECK(f32ToBf16(std::bit_cast<float>(0xffffffffu)) == 0xffff);
}

} // namespace

void testFloat16() {
  testWidening();
  testNarrowing();
  testBf16();
}
