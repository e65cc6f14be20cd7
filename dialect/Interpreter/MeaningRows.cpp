//===- MeaningRows.cpp - Norms, element-wise functions, shape -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Interpreter/Meaning.h"

#include <algorithm>
#include <cmath>

namespace sinter::reference {

// y[b, t, :] = table[ids[b, t], :], ids clamped to the table.
template <typename T> Array<T> embed(const Ints &ids, const Weight &table) {
  return std::visit(
      [&](const auto &rows) {
        std::vector<int64_t> shape = ids.shape;
        shape.push_back(rows->last());
        Array<T> y(shape);
        for (size_t i = 0; i < ids.data.size(); ++i) {
          int64_t id = std::clamp<int64_t>(ids.data[i], 0, rows->rows() - 1);
          std::copy_n(rows->row(id), rows->last(), y.row(i));
        }
        return y;
      },
      table);
}

// For each 32 values x: d = max|x| / 127, q = round(x / d) or 0; y = d * q.
// d and x / d are f32 whatever T is.
template <typename T> Array<T> quantizeA8(const Array<T> &x) {
  Array<T> y(x.shape);
  for (size_t block = 0; block < x.data.size(); block += 32) {
    float largest = 0;
    for (size_t i = block; i < block + 32; ++i)
      largest = std::max(largest, std::abs(float(x.data[i])));
    float d = largest / 127;
    for (size_t i = block; i < block + 32; ++i)
      y.data[i] = d == 0 ? 0 : T(d) * T(std::nearbyint(float(x.data[i]) / d));
  }
  return y;
}

// As a8, but p = round(256 x / d), q = floor((p + 128) / 256), y = d * (q
// + r / 256); r = max(p - 256 q, -127) in blocks with max|x| > crest *
// sqrt(mean(x * x)), which is sum((x / d)^2) < 32 * 127^2 / crest^2, else 0.
template <typename T> Array<T> quantizeA16(const Array<T> &x, float crest) {
  Array<T> y(x.shape);
  for (size_t block = 0; block < x.data.size(); block += 32) {
    float largest = 0, squares = 0;
    for (size_t i = block; i < block + 32; ++i)
      largest = std::max(largest, std::abs(float(x.data[i])));
    float d = largest / 127;
    for (size_t i = block; i < block + 32; ++i) {
      float ratio = d == 0 ? 0 : float(x.data[i]) / d;
      squares += ratio * ratio;
    }
    bool fine = squares < 32 * 127 * 127 / (crest * crest);
    for (size_t i = block; i < block + 32; ++i) {
      float p = d == 0 ? 0 : std::nearbyint(256 * (float(x.data[i]) / d));
      float q = std::floor((p + 128) / 256);
      float r = fine ? std::max(p - 256 * q, -127.0f) : 0;
      y.data[i] = T(d) * (T(q) + T(r) / 256);
    }
  }
  return y;
}

// y = x / sqrt(mean(x * x) + eps) * (weight + offset).
template <typename T>
Array<T> rmsNorm(const Array<T> &x, const Array<T> *weight, T eps, T offset) {
  Array<T> y(x.shape);
  int64_t n = x.last();
  for (int64_t r = 0; r < x.rows(); ++r) {
    T sum = 0;
    for (int64_t i = 0; i < n; ++i)
      sum += x.row(r)[i] * x.row(r)[i];
    T root = std::sqrt(sum / T(n) + eps);
    for (int64_t i = 0; i < n; ++i)
      y.row(r)[i] =
          x.row(r)[i] / root * (weight ? weight->data[i] + offset : T(1));
  }
  return y;
}

// y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps) * (weight + offset)
// + bias.
template <typename T>
Array<T> layerNorm(const Array<T> &x, const Array<T> *weight,
                   const Array<T> *bias, T eps, T offset) {
  Array<T> y(x.shape);
  int64_t n = x.last();
  for (int64_t r = 0; r < x.rows(); ++r) {
    T sum = 0, squares = 0;
    for (int64_t i = 0; i < n; ++i)
      sum += x.row(r)[i];
    T mean = sum / T(n);
    for (int64_t i = 0; i < n; ++i)
      squares += (x.row(r)[i] - mean) * (x.row(r)[i] - mean);
    T root = std::sqrt(squares / T(n) + eps);
    for (int64_t i = 0; i < n; ++i)
      y.row(r)[i] = (x.row(r)[i] - mean) / root *
                        (weight ? weight->data[i] + offset : T(1)) +
                    (bias ? bias->data[i] : T(0));
  }
  return y;
}

template <typename T> T unary(UnaryKind kind, T x) {
  auto sigmoid = [](T z) { return 1 / (1 + std::exp(-z)); };
  // log(1 + e^z), where e^z would overflow too.
  auto softplus = [](T z) {
    return std::max(z, T(0)) + std::log1p(std::exp(-std::abs(z)));
  };
  switch (kind) {
  case UnaryKind::Relu:
    return std::max(x, T(0));
  case UnaryKind::Relu2:
    return std::max(x, T(0)) * std::max(x, T(0));
  case UnaryKind::Gelu:
    return x / 2 * (1 + std::erf(x / std::sqrt(T(2))));
  case UnaryKind::GeluTanh: {
    T c = std::sqrt(T(2) / T(3.14159265358979323846));
    return x / 2 * (1 + std::tanh(c * (x + T(0.044715) * x * x * x)));
  }
  case UnaryKind::GeluQuick:
    return x * sigmoid(T(1.702) * x);
  case UnaryKind::Silu:
    return x * sigmoid(x);
  case UnaryKind::Sigmoid:
    return sigmoid(x);
  case UnaryKind::Tanh:
    return std::tanh(x);
  case UnaryKind::Identity:
    return x;
  case UnaryKind::Softplus:
    return softplus(x);
  case UnaryKind::Elu:
    return x > 0 ? x : std::expm1(x);
  case UnaryKind::Mish:
    return x * std::tanh(softplus(x));
  case UnaryKind::Relu6:
    return std::min(std::max(x, T(0)), T(6));
  case UnaryKind::LeakyRelu:
    return x > 0 ? x : x * T(0.01);
  case UnaryKind::HardSwish:
    return x * std::min(std::max(x + 3, T(0)), T(6)) / 6;
  }
  return x;
}

template <typename T> Array<T> unary(UnaryKind kind, Array<T> x) {
  for (T &value : x.data)
    value = unary(kind, value);
  return x;
}

// y = f(lhs, rhs); rhs has lhs's shape, or is a vector of its last dimension.
template <typename T, typename F>
static Array<T> binary(Array<T> lhs, const Array<T> &rhs, F f) {
  size_t period = rhs.data.size();
  for (size_t i = 0; i < lhs.data.size(); ++i)
    lhs.data[i] = f(lhs.data[i], rhs.data[i % period]);
  return lhs;
}

template <typename T> Array<T> add(Array<T> lhs, const Array<T> &rhs) {
  return binary(std::move(lhs), rhs, [](T a, T b) { return a + b; });
}

template <typename T> Array<T> sub(Array<T> lhs, const Array<T> &rhs) {
  return binary(std::move(lhs), rhs, [](T a, T b) { return a - b; });
}

template <typename T> Array<T> mul(Array<T> lhs, const Array<T> &rhs) {
  return binary(std::move(lhs), rhs, [](T a, T b) { return a * b; });
}

// y = factor * x.
template <typename T> Array<T> scale(Array<T> x, T factor) {
  for (T &value : x.data)
    value *= factor;
  return x;
}

// y = cap * tanh(x / cap).
template <typename T> Array<T> softCap(Array<T> x, T cap) {
  for (T &value : x.data)
    value = cap * std::tanh(value / cap);
  return x;
}

// y = min(max(x, low), high).
template <typename T> Array<T> clamp(Array<T> x, T low, T high) {
  for (T &value : x.data)
    value = std::min(std::max(value, low), high);
  return x;
}

// y[i] = x[i] - m - log(sum_j exp(x[j] - m)), m = max x.
template <typename T> Array<T> logSoftmax(Array<T> x) {
  for (int64_t r = 0; r < x.rows(); ++r) {
    T *row = x.row(r);
    T m = *std::max_element(row, row + x.last()), sum = 0;
    for (int64_t j = 0; j < x.last(); ++j)
      sum += std::exp(row[j] - m);
    T shift = std::log(sum);
    for (int64_t i = 0; i < x.last(); ++i)
      row[i] = row[i] - m - shift;
  }
  return x;
}

// y[b, t, m, i] = sum_n w[m N + n] x[b, t, n, i].
template <typename T>
Array<T> mix(const Array<T> &x, const Array<T> &weights, int64_t parts) {
  int64_t batch = x.shape[0], tokens = x.shape[1], n = x.shape[2],
          features = x.shape[3];
  Array<T> y({batch, tokens, parts, features});
  for (int64_t token = 0; token < batch * tokens; ++token) {
    bool own = weights.shape.size() != 1;
    const T *w = weights.data.data() + (own ? token * parts * n : 0);
    for (int64_t m = 0; m < parts; ++m)
      for (int64_t i = 0; i < features; ++i) {
        T sum = 0;
        for (int64_t k = 0; k < n; ++k)
          sum += w[m * n + k] * x.data[(token * n + k) * features + i];
        y.data[(token * parts + m) * features + i] = sum;
      }
  }
  return y;
}

// y[b, t, ...] = factors[b, t] * x[b, t, ...].
template <typename T>
Array<T> scaleTokens(Array<T> x, const Array<T> &factors) {
  size_t features =
      factors.data.empty() ? 1 : x.data.size() / factors.data.size();
  for (size_t i = 0; i < x.data.size(); ++i)
    x.data[i] *= factors.data[i / features];
  return x;
}

// y[..., i] = x[..., offset + i].
template <typename T>
Array<T> slice(const Array<T> &x, int64_t offset, int64_t length) {
  std::vector<int64_t> shape = x.shape;
  shape.back() = length;
  Array<T> y(shape);
  for (int64_t r = 0; r < x.rows(); ++r)
    for (int64_t i = 0; i < length; ++i)
      y.row(r)[i] = x.row(r)[offset + i];
  return y;
}

// Inputs side by side in the last dimension.
template <typename T>
Array<T> concat(const std::vector<const Array<T> *> &inputs) {
  std::vector<int64_t> shape = inputs.front()->shape;
  shape.back() = 0;
  for (const Array<T> *input : inputs)
    shape.back() += input->last();
  Array<T> y(shape);
  int64_t offset = 0;
  for (const Array<T> *input : inputs) {
    for (int64_t r = 0; r < y.rows(); ++r)
      for (int64_t i = 0; i < input->last(); ++i)
        y.row(r)[offset + i] = input->row(r)[i];
    offset += input->last();
  }
  return y;
}

// y[b, i, ...] = x[b, T - count + i, ...].
template <typename T> Array<T> last(const Array<T> &x, int64_t count) {
  std::vector<int64_t> shape = x.shape;
  int64_t batch = shape[0], tokens = shape[1];
  shape[1] = count;
  Array<T> y(shape);
  int64_t features = batch * count == 0 ? 0 : y.data.size() / (batch * count);
  for (int64_t b = 0; b < batch; ++b)
    std::copy_n(x.data.begin() + (b * tokens + tokens - count) * features,
                count * features, y.data.begin() + b * count * features);
  return y;
}

#define INSTANTIATE(T)                                                         \
  template Array<T> embed(const Ints &, const Weight &);                       \
  template Array<T> quantizeA8(const Array<T> &);                              \
  template Array<T> quantizeA16(const Array<T> &, float);                      \
  template Array<T> rmsNorm(const Array<T> &, const Array<T> *, T, T);         \
  template Array<T> layerNorm(const Array<T> &, const Array<T> *,              \
                              const Array<T> *, T, T);                         \
  template T unary(UnaryKind, T);                                              \
  template Array<T> unary(UnaryKind, Array<T>);                                \
  template Array<T> add(Array<T>, const Array<T> &);                           \
  template Array<T> sub(Array<T>, const Array<T> &);                           \
  template Array<T> mul(Array<T>, const Array<T> &);                           \
  template Array<T> scale(Array<T>, T);                                        \
  template Array<T> softCap(Array<T>, T);                                      \
  template Array<T> clamp(Array<T>, T, T);                                     \
  template Array<T> logSoftmax(Array<T>);                                      \
  template Array<T> scaleTokens(Array<T>, const Array<T> &);                   \
  template Array<T> mix(const Array<T> &, const Array<T> &, int64_t);          \
  template Array<T> slice(const Array<T> &, int64_t, int64_t);                 \
  template Array<T> concat(const std::vector<const Array<T> *> &);             \
  template Array<T> last(const Array<T> &, int64_t);
INSTANTIATE(float)
INSTANTIATE(double)

} // namespace sinter::reference
