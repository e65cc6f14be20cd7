//===- MeaningAttention.cpp - Caches and attention ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Interpreter/Meaning.h"

#include <algorithm>
#include <cmath>

namespace sinter::reference {

// cache[slot, b, past[b] + t, :, :] = x[b, t, :, :].
template <typename T>
void append(const Array<T> &x, Array<T> &cache, int64_t slot, const Ints &past,
            bool ring) {
  int64_t batch = cache.shape[1], capacity = cache.shape[2];
  int64_t width = cache.shape[3] * cache.shape[4];
  for (int64_t b = 0; b < x.shape[0]; ++b)
    for (int64_t t = 0; t < x.shape[1]; ++t) {
      int64_t position = past.data[b] + t;
      if (ring)
        position %= capacity;
      std::copy_n(x.data.begin() + (b * x.shape[1] + t) * width, width,
                  cache.data.begin() +
                      ((slot * batch + b) * capacity + position) * width);
    }
}

template <typename T> static T dot(const T *a, const T *b, int64_t length) {
  T sum = 0;
  for (int64_t i = 0; i < length; ++i)
    sum += a[i] * b[i];
  return sum;
}

/// Whether the query at index i of sequence b sees key j.
template <typename T>
static bool sees(const AttentionInputs<T> &in, int64_t b, int64_t i,
                 int64_t j) {
  if (in.memory > 0 && j < in.past->data[b] - in.memory)
    return false;
  if (in.first && j < in.first->data[b])
    return false;
  if (in.keys && j >= in.keys->data[b])
    return false;
  if (in.keyMask && in.keyMask->row(b)[j] == 0)
    return false;
  if (in.prefix && j < in.prefix->data[b])
    return true;
  if (in.mask == Mask::Causal && j > i)
    return false;
  if (in.window > 0 && in.mask == Mask::Causal && j <= i - in.window)
    return false;
  if (in.window > 0 && in.mask == Mask::Full && std::abs(i - j) > in.window)
    return false;
  return in.chunk <= 0 || i / in.chunk == j / in.chunk;
}

/// The row of a table for key j: map[clamp(j - i, -D, D) + D].
static int64_t rowOf(const Ints &map, int64_t i, int64_t j) {
  int64_t reach = map.data.size() / 2;
  return map.data[std::clamp(j - i, -reach, reach) + reach];
}

/// The features of a distance in a table (1, rows, groups of heads, features).
template <typename T>
static const T *relative(const AttentionInputs<T> &in, const Array<T> &table,
                         int64_t i, int64_t j, int64_t h) {
  int64_t groups = table.shape[2];
  int64_t r = rowOf(in.relMap ? *in.relMap : *in.map, i, j);
  return table.row(r * groups + h / (in.query->shape[2] / groups));
}

/// s[h, j] of query t of sequence b, at index i.
template <typename T>
static T score(const AttentionInputs<T> &in, int64_t b, int64_t t, int64_t i,
               int64_t h, int64_t j) {
  int64_t heads = in.query->shape[2], tokens = in.query->shape[1];
  int64_t dim = in.query->shape[3], group = heads / in.key.heads;
  int64_t at = (b * tokens + t) * heads + h;
  const T *q = in.query->row(at), *k = in.key.at(b, j, h / group);
  T s = in.scale * dot(q, k, dim);
  if (in.softCap > 0)
    s = in.softCap * std::tanh(s / in.softCap);
  if (in.slopes)
    s -= in.slopes->data[h] * T(std::abs(j - i));
  if (!in.map)
    return s;
  if (in.bias)
    s += in.bias->row(rowOf(*in.map, i, j))[h];
  if (in.relKeys) {
    const T *p = in.relQuery ? in.relQuery->row(at) : q;
    s += in.scale * dot(p, relative(in, *in.relKeys, i, j, h), dim);
  }
  if (in.relQueries)
    s += in.scale * dot(k, relative(in, *in.relQueries, i, j, h), dim);
  return s;
}

/// y[b, t, h, :] = sum_j softmax_j(s)[j] * (v[b, j, h / (H / VV), :] + what the
/// distance has).
template <typename T>
static void attend(const AttentionInputs<T> &in, int64_t b, int64_t t,
                   int64_t h, T *y) {
  int64_t tokens = in.query->shape[1];
  int64_t group = in.query->shape[2] / in.value.heads;
  int64_t i = (in.past ? in.past->data[b] : 0) + t;
  int64_t keys = in.key.capacity;
  if (in.past)
    keys = in.past->data[b] + tokens;
  else if (in.cached)
    keys = in.keys->data[b];
  std::vector<std::pair<int64_t, T>> scores;
  for (int64_t j = 0; j < keys; ++j)
    if (sees(in, b, i, j))
      scores.emplace_back(j, score(in, b, t, i, h, j));
  if (scores.empty())
    return;
  T most = in.sinks ? in.sinks->data[h] : scores.front().second;
  for (auto [j, s] : scores)
    most = std::max(most, s);
  T sum = in.sinks ? std::exp(in.sinks->data[h] - most) : T(0);
  for (auto [j, s] : scores) {
    T weight = std::exp(s - most);
    sum += weight;
    const T *v = in.value.at(b, j, h / group);
    const T *r = in.relValues ? relative(in, *in.relValues, i, j, h) : nullptr;
    for (int64_t d = 0; d < in.value.dim; ++d)
      y[d] += weight * (r ? v[d] + r[d] : v[d]);
  }
  for (int64_t d = 0; d < in.value.dim; ++d)
    y[d] /= sum;
}

template <typename T> Array<T> attention(const AttentionInputs<T> &in) {
  std::vector<int64_t> shape = in.query->shape;
  shape.back() = in.value.dim;
  Array<T> y(shape);
  for (int64_t b = 0; b < shape[0]; ++b)
    for (int64_t t = 0; t < shape[1]; ++t)
      for (int64_t h = 0; h < shape[2]; ++h)
        attend(in, b, t, h, y.row((b * shape[1] + t) * shape[2] + h));
  return y;
}

#define INSTANTIATE(T)                                                         \
  template void append(const Array<T> &, Array<T> &, int64_t, const Ints &,    \
                       bool);                                                  \
  template Array<T> attention(const AttentionInputs<T> &);
INSTANTIATE(float)
INSTANTIATE(double)

} // namespace sinter::reference
