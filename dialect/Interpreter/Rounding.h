//===- Rounding.h - Rounding to narrower types ---------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_INTERPRETER_ROUNDING_H
#define SINTER_DIALECT_INTERPRETER_ROUNDING_H

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinter::reference {

/// The float types that a value may be rounded to.
enum class Narrow { None, BF16, F16 };

/// x to the nearest number of `bits` bits of significand and least exponent
/// `least`, ties to even; beyond `largest` to infinity.
inline double roundToBits(double x, int bits, int least, double largest) {
  if (x == 0 || !std::isfinite(x))
    return x;
  int exponent;
  std::frexp(x, &exponent);
  int unit = std::max(exponent - bits, least);
  double rounded = std::ldexp(std::nearbyint(std::ldexp(x, -unit)), unit);
  if (std::abs(rounded) > largest)
    return std::copysign(std::numeric_limits<double>::infinity(), x);
  return rounded;
}

inline double roundTo(double x, Narrow type) {
  switch (type) {
  case Narrow::None:
    return x;
  case Narrow::BF16:
    return roundToBits(x, 8, -133, 0x1.fep127);
  case Narrow::F16:
    return roundToBits(x, 11, -24, 65504.0);
  }
  return x;
}

} // namespace sinter::reference

#endif // SINTER_DIALECT_INTERPRETER_ROUNDING_H
