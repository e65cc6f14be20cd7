//===- Value.h - What the interpreter computes with ----------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Plain arrays in row-major order. An array of f64 or f32 stands for a tensor
// of floats of any type, whose values it holds exactly.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_INTERPRETER_VALUE_H
#define SINTER_DIALECT_INTERPRETER_VALUE_H

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

namespace sinter::reference {

/// A tensor: `data` has the product of `shape` elements.
template <typename T> struct Array {
  std::vector<int64_t> shape;
  std::vector<T> data;

  Array() = default;
  /// Zeros.
  explicit Array(std::vector<int64_t> dims) : shape(std::move(dims)) {
    data.resize(count(shape));
  }
  Array(std::vector<int64_t> dims, std::vector<T> values)
      : shape(std::move(dims)), data(std::move(values)) {}

  static size_t count(const std::vector<int64_t> &shape) {
    size_t total = 1;
    for (int64_t dim : shape)
      total *= dim;
    return total;
  }
  int64_t rank() const { return shape.size(); }
  int64_t last() const { return shape.empty() ? 1 : shape.back(); }
  /// Number of vectors along the last dimension.
  int64_t rows() const { return last() == 0 ? 0 : data.size() / last(); }
  T *row(int64_t index) { return data.data() + index * last(); }
  const T *row(int64_t index) const { return data.data() + index * last(); }
};

/// Token ids, positions, masks.
using Ints = Array<int64_t>;

/// A weight as it is kept: f32 where that holds its values exactly.
using Weight = std::variant<std::shared_ptr<const Array<float>>,
                            std::shared_ptr<const Array<double>>>;

/// A value of the IR: an index (or an integer), a number, a tensor of floats,
/// a tensor of integers. A cache is a tensor of floats of shape (slots, batch,
/// capacity, heads, dim).
using Value =
    std::variant<std::monostate, int64_t, double, std::shared_ptr<Array<float>>,
                 std::shared_ptr<Array<double>>, std::shared_ptr<Ints>>;

template <typename T> Value makeValue(Array<T> array) {
  return std::make_shared<Array<T>>(std::move(array));
}

} // namespace sinter::reference

#endif // SINTER_DIALECT_INTERPRETER_VALUE_H
