//===- Amx.h - Instructions of the matrix unit ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_ISA_AMX_H
#define SINTER_CODEGEN_CPU_ISA_AMX_H

#include "codegen/cpu/Emitter.h"

namespace sinter {

/// Emits instructions on registers that are named by number, 0 to 7.
class AmxUnit {
public:
  struct Shape {
    int64_t rows = 0, rowBytes = 0;
  };

  explicit AmxUnit(Emitter &emitter) : e(emitter) {}

  /// Shapes the registers, for all that is emitted until release(). `name` is
  /// that of the table of shapes.
  void configure(llvm::StringRef name, llvm::ArrayRef<Shape> shapes);
  void release();
  void zero(int64_t to);
  /// Rows are `stride` bytes from each other.
  void load(int64_t to, mlir::Value pointer, int64_t stride);
  void store(int64_t from, mlir::Value pointer, int64_t stride);
  /// sums += x * w: products of bytes, or of bf16.
  void multiply(bool bytes, int64_t sums, int64_t x, int64_t w);

private:
  mlir::Value number(int64_t which);

  Emitter &e;
};

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_ISA_AMX_H
