//===- VectorMath.cpp - Functions of f32 vectors --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/VectorMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace sinter;

int64_t sinter::lanesOf(Value x) {
  return cast<VectorType>(x.getType()).getDimSize(0);
}

/// c[0] + x (c[1] + x (c[2] + ...)), in the type of x.
static Value polynomial(Emitter &e, Value x, ArrayRef<double> coefficients) {
  Value sum = e.constant(x.getType(), coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = e.fma(sum, x, e.constant(x.getType(), coefficient));
  return sum;
}

/// x where it is in [low, high], else the bound; NaN stays.
static Value clamp(Emitter &e, Value x, double low, double high) {
  // The constant stands first: a comparison with NaN chooses the second.
  Value least = e.constant(x.getType(), low),
        most = e.constant(x.getType(), high);
  return e.minF(most, e.maxF(least, x));
}

static Value compare(Emitter &e, arith::CmpFPredicate predicate, Value x,
                     double y) {
  return arith::CmpFOp::create(e.b, e.loc, predicate, x,
                               e.constant(x.getType(), y));
}

/// Nearest integer (ties to even) of |x| < 2^22, by adding 1.5 * 2^23: the low
/// bits of `shifted` hold the integer.
static std::pair<Value, Value> nearest(Emitter &e, Value x) {
  Value magic = e.constant(x.getType(), 12582912.0);
  Value shifted = e.addF(x, magic);
  return {e.subF(shifted, magic), shifted};
}

// e^x = 2^n e^r with r = x - n ln 2, |r| <= ln 2 / 2; the polynomial is a
// minimax fit of e^r there. 2^n is applied in two halves, so that n = 128 does
// not overflow before the product does.
Value sinter::emitExp(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  auto intType = Emitter::vectorType(e.b.getI32Type(), lanes);
  Value small = compare(e, arith::CmpFPredicate::OLT, x, -87.33654);
  Value large = compare(e, arith::CmpFPredicate::OGT, x, 88.72283);
  Value bounded = clamp(e, x, -87.33654, 88.72283);
  auto [n, shifted] =
      nearest(e, e.mulF(bounded, e.splat(1.44269504088896341, lanes)));
  Value r = e.fma(n, e.splat(-0.693359375, lanes), bounded);
  r = e.fma(n, e.splat(2.12194440054690583e-4, lanes), r);
  Value square = e.mulF(r, r);
  Value tail = polynomial(e, r,
                          {5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2,
                           8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4});
  Value power = e.addF(e.fma(tail, square, r), e.splat(1.0, lanes));
  Value bits = e.bitcast(intType, shifted);
  Value exponent =
      arith::SubIOp::create(e.b, e.loc, bits, e.integer(intType, 0x4B400000));
  Value half =
      arith::ShRSIOp::create(e.b, e.loc, exponent, e.integer(intType, 1));
  auto twoTo = [&](Value n) {
    Value biased =
        arith::AddIOp::create(e.b, e.loc, n, e.integer(intType, 127));
    Value shifted =
        arith::ShLIOp::create(e.b, e.loc, biased, e.integer(intType, 23));
    return e.bitcast(x.getType(), shifted);
  };
  Value rest = arith::SubIOp::create(e.b, e.loc, exponent, half);
  Value result = e.mulF(e.mulF(power, twoTo(half)), twoTo(rest));
  result = e.select(small, e.splat(0.0, lanes), result);
  return e.select(
      large, e.splat(std::numeric_limits<double>::infinity(), lanes), result);
}

// Near zero a rational approximation, elsewhere 1 - 2 / (e^2x + 1).
Value sinter::emitTanh(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  Value magnitude = math::AbsFOp::create(e.b, e.loc, x);
  Value square = e.mulF(x, x);
  Value series =
      polynomial(e, square,
                 {-3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2,
                  2.06390887954e-2, -5.70498872745e-3});
  Value near = e.fma(e.mulF(series, square), x, x);
  Value power = emitExp(e, e.addF(magnitude, magnitude));
  Value far =
      e.subF(e.splat(1.0, lanes),
             e.divF(e.splat(2.0, lanes), e.addF(power, e.splat(1.0, lanes))));
  far = math::CopySignOp::create(e.b, e.loc, far, x);
  Value isNear = compare(e, arith::CmpFPredicate::OLT, magnitude, 0.625);
  return e.select(isNear, near, far);
}

// |x| < 1: Taylor-like series in x^2 fitted to erf(x) / x; else 1 minus the
// complementary function as e^(-x^2) times a polynomial in 1 / (1 + p x)
// (Abramowitz and Stegun 7.1.26, absolute error 1.5e-7).
Value sinter::emitErf(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  Value magnitude = math::AbsFOp::create(e.b, e.loc, x);
  Value square = e.mulF(x, x);
  Value near =
      e.mulF(x, polynomial(e, square,
                           {1.1283791670955126, -0.37612638903183754,
                            0.11283791670955126, -0.026866170645131252,
                            0.005223977625442188, -0.0008548327023450852,
                            0.00012055332981789664, -1.492565035840625e-05,
                            1.6462114365889246e-06}));
  Value t =
      e.divF(e.splat(1.0, lanes),
             e.fma(magnitude, e.splat(0.3275911, lanes), e.splat(1.0, lanes)));
  Value sum = polynomial(
      e, t,
      {0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429});
  Value tail = e.mulF(
      e.mulF(sum, t),
      emitExp(e, e.mulF(magnitude, e.mulF(magnitude, e.splat(-1.0, lanes)))));
  Value far = e.subF(e.splat(1.0, lanes), tail);
  far = math::CopySignOp::create(e.b, e.loc, far, x);
  Value isNear = compare(e, arith::CmpFPredicate::OLT, magnitude, 1.0);
  return e.select(isNear, near, far);
}

Value sinter::emitSigmoid(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  Value power = emitExp(e, e.mulF(x, e.splat(-1.0, lanes)));
  return e.divF(e.splat(1.0, lanes), e.addF(power, e.splat(1.0, lanes)));
}

// Reduced by multiples of pi / 2 in f64 (two words: exact enough for any
// position times frequency), Taylor polynomials on [-pi/4, pi/4].
std::pair<Value, Value> sinter::emitCosSin(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  auto wide = Emitter::vectorType(e.b.getF64Type(), lanes);
  auto wideInt = Emitter::vectorType(e.b.getI64Type(), lanes);
  auto f64 = [&](double value) { return e.constant(wide, value); };
  Value angle = arith::ExtFOp::create(e.b, e.loc, wide, x);
  // 1.5 * 2^52 leaves the nearest integer in the low bits of the sum.
  Value shifted = e.addF(e.mulF(angle, f64(0.63661977236758134308)),
                         f64(6755399441055744.0));
  Value n = e.subF(shifted, f64(6755399441055744.0));
  Value r = e.subF(angle, e.mulF(n, f64(1.57079632673412561417)));
  r = e.subF(r, e.mulF(n, f64(6.07710050650619224932e-11)));
  Value square = e.mulF(r, r);
  Value sine = e.mulF(r, polynomial(e, square,
                                    {1.0, -1.0 / 6, 1.0 / 120, -1.0 / 5040,
                                     1.0 / 362880, -1.0 / 39916800}));
  Value cosine = polynomial(e, square,
                            {1.0, -0.5, 1.0 / 24, -1.0 / 720, 1.0 / 40320,
                             -1.0 / 3628800, 1.0 / 479001600});
  Value bits = e.bitcast(wideInt, shifted);
  auto hasBit = [&](Value bits, int64_t bit) -> Value {
    Value masked =
        arith::AndIOp::create(e.b, e.loc, bits, e.integer(wideInt, bit));
    return arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ne, masked,
                                 e.integer(wideInt, 0));
  };
  auto negateIf = [&](Value condition, Value value) {
    return e.select(condition, e.mulF(value, f64(-1.0)), value);
  };
  Value swap = hasBit(bits, 1);
  Value one = e.integer(wideInt, 1);
  Value next = arith::AddIOp::create(e.b, e.loc, bits, one);
  Value cosOut = negateIf(hasBit(next, 2), e.select(swap, sine, cosine));
  Value sinOut = negateIf(hasBit(bits, 2), e.select(swap, cosine, sine));
  Type narrow = e.f32Vector(lanes);
  return {arith::TruncFOp::create(e.b, e.loc, narrow, cosOut),
          arith::TruncFOp::create(e.b, e.loc, narrow, sinOut)};
}

// x = 2^n m with m in [sqrt 1/2, sqrt 2]: n ln 2 + 2 atanh((m - 1) / (m + 1)).
Value sinter::emitLog64(Emitter &e, Value x) {
  auto ints = Emitter::vectorType(e.b.getI64Type(), lanesOf(x));
  auto f64 = [&](double value) { return e.constant(x.getType(), value); };
  Value bits = e.bitcast(ints, x);
  Value exponent = arith::SubIOp::create(
      e.b, e.loc, arith::ShRUIOp::create(e.b, e.loc, bits, e.integer(ints, 52)),
      e.integer(ints, 1023));
  Value fraction =
      arith::AndIOp::create(e.b, e.loc, bits, e.integer(ints, 0xFFFFFFFFFFFFF));
  Value m = e.bitcast(x.getType(),
                      arith::OrIOp::create(e.b, e.loc, fraction,
                                           e.integer(ints, 1023LL << 52)));
  Value n = arith::SIToFPOp::create(e.b, e.loc, x.getType(), exponent);
  Value large = compare(e, arith::CmpFPredicate::OGT, m, 1.41421356237309505);
  m = e.select(large, e.mulF(m, f64(0.5)), m);
  n = e.select(large, e.addF(n, f64(1.0)), n);
  Value s = e.divF(e.subF(m, f64(1.0)), e.addF(m, f64(1.0)));
  SmallVector<double> coefficients;
  for (int64_t i = 0; i <= 10; ++i)
    coefficients.push_back(2.0 / (2 * i + 1));
  Value series = e.mulF(s, polynomial(e, e.mulF(s, s), coefficients));
  Value log = e.addF(e.mulF(n, f64(0.693147180559945309)), series);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  log = e.select(compare(e, arith::CmpFPredicate::OEQ, x, 0.0), f64(-infinity),
                 log);
  // Infinity and NaN stay.
  Value finite = compare(e, arith::CmpFPredicate::OLT, x, infinity);
  return e.select(finite, log, x);
}

// e^x = 2^n e^r with r = x - n ln 2, |r| <= ln 2 / 2, by its Taylor series.
Value sinter::emitExp64(Emitter &e, Value x) {
  auto ints = Emitter::vectorType(e.b.getI64Type(), lanesOf(x));
  auto f64 = [&](double value) { return e.constant(x.getType(), value); };
  Value bounded = clamp(e, x, -700.0, 700.0);
  Value magic = f64(6755399441055744.0);
  Value shifted = e.addF(e.mulF(bounded, f64(1.44269504088896341)), magic);
  Value n = e.subF(shifted, magic);
  Value r = e.subF(bounded, e.mulF(n, f64(6.93147180369123816490e-01)));
  r = e.subF(r, e.mulF(n, f64(1.90821492927058770002e-10)));
  SmallVector<double> coefficients = {1.0};
  for (int64_t i = 1; i <= 13; ++i)
    coefficients.push_back(coefficients.back() / i);
  Value exponent =
      arith::SubIOp::create(e.b, e.loc, e.bitcast(ints, shifted),
                            e.integer(ints, 0x4338000000000000 - 1023));
  Value twoToN =
      e.bitcast(x.getType(), arith::ShLIOp::create(e.b, e.loc, exponent,
                                                   e.integer(ints, 52)));
  return e.mulF(polynomial(e, r, coefficients), twoToN);
}

Value sinter::emitReciprocalSqrt(Emitter &e, Value x) {
  Value root = math::SqrtOp::create(e.b, e.loc, x);
  return e.divF(e.constant(x.getType(), 1.0), root);
}

Value sinter::emitSoftCap(Emitter &e, Value x, double cap) {
  Value bound = e.constant(x.getType(), cap);
  return e.mulF(bound, emitTanh(e, e.divF(x, bound)));
}

// max(x, 0) + log(1 + y) with y = e^-|x| in (0, 1]: 2 atanh(y / (2 + y)) by its
// series, whose argument is at most 1/3.
static Value emitSoftplus(Emitter &e, Value x) {
  int64_t lanes = lanesOf(x);
  Value magnitude = math::AbsFOp::create(e.b, e.loc, x);
  Value y = emitExp(e, e.mulF(magnitude, e.splat(-1.0, lanes)));
  Value s = e.divF(y, e.addF(y, e.splat(2.0, lanes)));
  SmallVector<double> coefficients;
  for (int64_t i = 0; i <= 6; ++i)
    coefficients.push_back(2.0 / (2 * i + 1));
  Value log = e.mulF(s, polynomial(e, e.mulF(s, s), coefficients));
  return e.addF(e.maxF(e.splat(0.0, lanes), x), log);
}

Value sinter::emitUnary(Emitter &e, UnaryKind kind, Value x) {
  int64_t lanes = lanesOf(x);
  auto times = [&](Value value, double factor) {
    return e.mulF(value, e.splat(factor, lanes));
  };
  Value one = e.splat(1.0, lanes), zero = e.splat(0.0, lanes);
  switch (kind) {
  case UnaryKind::Relu:
    return e.maxF(zero, x); // in this order NaN stays
  case UnaryKind::Relu2: {
    Value positive = e.maxF(zero, x);
    return e.mulF(positive, positive);
  }
  case UnaryKind::Gelu:
    return e.mulF(times(x, 0.5),
                  e.addF(one, emitErf(e, times(x, 0.70710678118654752440))));
  case UnaryKind::GeluTanh: {
    Value cube = e.mulF(e.mulF(x, x), x);
    Value inner =
        times(e.fma(cube, e.splat(0.044715, lanes), x), 0.79788456080286535588);
    return e.mulF(times(x, 0.5), e.addF(one, emitTanh(e, inner)));
  }
  case UnaryKind::GeluQuick:
    return e.mulF(x, emitSigmoid(e, times(x, 1.702)));
  case UnaryKind::Silu:
    return e.mulF(x, emitSigmoid(e, x));
  case UnaryKind::Sigmoid:
    return emitSigmoid(e, x);
  case UnaryKind::Tanh:
    return emitTanh(e, x);
  case UnaryKind::Identity:
    return x;
  case UnaryKind::Softplus:
    return emitSoftplus(e, x);
  case UnaryKind::Elu: {
    // x - max(x, 0) is the negative part, and keeps NaN.
    Value positive = e.maxF(zero, x);
    Value negative = emitExp(e, e.subF(x, positive));
    return e.addF(positive, e.subF(negative, one));
  }
  case UnaryKind::Mish:
    return e.mulF(x, emitTanh(e, emitSoftplus(e, x)));
  case UnaryKind::Relu6:
    return e.minF(e.splat(6.0, lanes), e.maxF(zero, x));
  case UnaryKind::LeakyRelu:
    return e.maxF(times(x, 0.01), x);
  case UnaryKind::HardSwish: {
    Value shifted = e.addF(x, e.splat(3.0, lanes));
    Value bounded = e.minF(e.splat(6.0, lanes), e.maxF(zero, shifted));
    return times(e.mulF(x, bounded), 1.0 / 6);
  }
  }
  llvm_unreachable("unknown unary kind");
}
