//===- VectorMath.h - Functions of f32 vectors ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Polynomials, so that no call to libm breaks a vector loop and that results
// do not depend on the C library. Errors are stated in units in the last place
// over the whole range; NaN gives NaN.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_VECTORMATH_H
#define SINTER_CODEGEN_CPU_VECTORMATH_H

#include "codegen/cpu/Emitter.h"
#include "dialect/IR/Sinter.h"

namespace sinter {

/// The length of a vector.
int64_t lanesOf(mlir::Value vector);

/// e^x: 1 ulp. Less than -87.3 gives 0 (no denormals), more than 88.7 infinity.
mlir::Value emitExp(Emitter &e, mlir::Value x);
/// tanh x: 3 ulp.
mlir::Value emitTanh(Emitter &e, mlir::Value x);
/// erf x: absolute error 2e-7.
mlir::Value emitErf(Emitter &e, mlir::Value x);
/// 1 / (1 + e^-x): 3 ulp.
mlir::Value emitSigmoid(Emitter &e, mlir::Value x);
/// Cosine and sine, 1e-7 absolute for |x| up to 2^30: reduced and evaluated in
/// f64.
std::pair<mlir::Value, mlir::Value> emitCosSin(Emitter &e, mlir::Value x);
/// Natural logarithm and e^x of f64 vectors: relative error 1e-14. The
/// logarithm of zero is -infinity; e^x is bounded to |x| <= 700.
mlir::Value emitLog64(Emitter &e, mlir::Value x);
mlir::Value emitExp64(Emitter &e, mlir::Value x);
/// 1 / sqrt(x), rounded twice.
mlir::Value emitReciprocalSqrt(Emitter &e, mlir::Value x);
/// cap * tanh(x / cap).
mlir::Value emitSoftCap(Emitter &e, mlir::Value x, double cap);
/// An element-wise function of the dialect.
mlir::Value emitUnary(Emitter &e, UnaryKind kind, mlir::Value x);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_VECTORMATH_H
