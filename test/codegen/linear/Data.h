//===- Data.h - Random weights and activations ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_LINEAR_DATA_H
#define SINTER_TEST_CODEGEN_LINEAR_DATA_H

#include "test/codegen/linear/Harness.h"

#include <cstdlib>
#include <memory>

namespace sinter {

/// Memory aligned as weights and scratch are.
struct Bytes {
  explicit Bytes(size_t size)
      : size((size + 63) / 64 * 64),
        data(static_cast<uint8_t *>(std::aligned_alloc(64, this->size + 64))) {}
  template <typename T> T *as() { return reinterpret_cast<T *>(data.get()); }

  size_t size;
  struct Free {
    void operator()(void *pointer) { std::free(pointer); }
  };
  std::unique_ptr<uint8_t, Free> data;
};

/// A small generator, the same everywhere.
struct Random {
  uint64_t state = 0x9e3779b97f4a7c15;
  uint32_t bits() {
    state = state * 6364136223846793005 + 1442695040888963407;
    return uint32_t(state >> 32);
  }
  /// In (-1, 1).
  float real() { return float(int32_t(bits())) * 0x1p-31f; }
};

/// A random matrix of a stored type, row-major.
Bytes randomWeights(Random &random, const PackedMatrix &matrix);
Bytes packed(const PackedMatrix &matrix, Bytes &stored);
/// Row `row` in f64.
std::vector<double> weightRow(const PackedMatrix &matrix, Bytes &stored,
                              int64_t row);

/// Activations as a kernel reads them, and their exact values.
struct Activations {
  Bytes bytes;
  std::vector<double> values; ///< (tokens, features)
};
Activations randomActivations(Random &random, const KernelShape &shape,
                              int64_t tokens);

} // namespace sinter

#endif // SINTER_TEST_CODEGEN_LINEAR_DATA_H
