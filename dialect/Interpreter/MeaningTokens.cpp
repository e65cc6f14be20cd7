//===- MeaningTokens.cpp - Positions, rotations and pooling ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Interpreter/Meaning.h"

#include <algorithm>
#include <cmath>

namespace sinter::reference {

// y[b, t] = past[b] + t + offset.
Ints positions(const Ints &past, const Ints &ids, int64_t offset) {
  Ints y(ids.shape);
  for (int64_t b = 0; b < ids.shape[0]; ++b)
    for (int64_t t = 0; t < ids.shape[1]; ++t)
      y.row(b)[t] = past.data[b] + t + offset;
  return y;
}

// y[b, t] = max(0, n - 1) + offset, n the mask's tokens up to past[b] + t.
Ints maskPositions(const Ints &mask, const Ints &past, const Ints &ids,
                   int64_t offset) {
  Ints y(ids.shape);
  for (int64_t b = 0; b < ids.shape[0]; ++b)
    for (int64_t t = 0; t < ids.shape[1]; ++t) {
      int64_t n = 0;
      for (int64_t u = 0; u <= past.data[b] + t; ++u)
        n += mask.row(b)[u] != 0;
      y.row(b)[t] = std::max<int64_t>(0, n - 1) + offset;
    }
  return y;
}

/// p * f rounded to f32, whatever T is: checkpoints were trained with it.
template <typename T> static T angle(int64_t p, T f) {
  return float(p) * float(f);
}

// y[b, t, i, 0] = scale * cos(p[b, t] * f[i]), y[b, t, i, 1] the sine; f may be
// one vector, or one for each sequence.
template <typename T>
Array<T> ropeAngles(const Ints &positions, const Array<T> &frequencies, T scale,
                    const Array<T> *growth, int64_t origin) {
  int64_t pairs = frequencies.last();
  std::vector<int64_t> shape = positions.shape;
  shape.insert(shape.end(), {pairs, 2});
  Array<T> y(shape);
  int64_t tokens = positions.last();
  for (int64_t p = 0; p < int64_t(positions.data.size()); ++p) {
    const T *f = frequencies.row(frequencies.rank() == 2 ? p / tokens : 0);
    for (int64_t i = 0; i < pairs; ++i) {
      T length = scale;
      if (growth)
        length *= std::exp(T(positions.data[p] - origin) * growth->data[i]);
      y.row(p * pairs + i)[0] =
          length * std::cos(angle(positions.data[p], f[i]));
      y.row(p * pairs + i)[1] =
          length * std::sin(angle(positions.data[p], f[i]));
    }
  }
  return y;
}

// Pair i, of features (i, i + P) or (2i, 2i + 1) from offset on:
// (a, b) -> (a cos - b sin, b cos + a sin).
template <typename T>
Array<T> rope(const Array<T> &x, const Array<T> &angles, RopePairs pairs,
              int64_t offset) {
  Array<T> y = x;
  int64_t heads = x.shape[2], count = angles.shape[2];
  for (int64_t r = 0; r < x.rows(); ++r)
    for (int64_t i = 0; i < count; ++i) {
      bool halves = pairs == RopePairs::Halves;
      int64_t first = offset + (halves ? i : 2 * i);
      int64_t second = offset + (halves ? i + count : 2 * i + 1);
      const T *turn = angles.row(r / heads * count + i);
      T a = x.row(r)[first], b = x.row(r)[second];
      y.row(r)[first] = a * turn[0] - b * turn[1];
      y.row(r)[second] = b * turn[0] + a * turn[1];
    }
  return y;
}

// Pair i is (sin(p f[i]), cos(p f[i])); an odd last one is the sine alone.
template <typename T>
Array<T> sinusoids(const Ints &positions, const Array<T> &frequencies,
                   int64_t features, RopePairs pairs) {
  int64_t count = frequencies.last();
  std::vector<int64_t> shape = positions.shape;
  shape.push_back(features);
  Array<T> y(shape);
  for (int64_t p = 0; p < int64_t(positions.data.size()); ++p)
    for (int64_t i = 0; i < count; ++i) {
      bool halves = pairs == RopePairs::Halves;
      T a = angle(positions.data[p], frequencies.data[i]);
      y.row(p)[halves ? i : 2 * i] = std::sin(a);
      int64_t cosine = halves ? i + count : 2 * i + 1;
      if (cosine < features)
        y.row(p)[cosine] = std::cos(a);
    }
  return y;
}

// n = position + 1: log_ratio max(1, log(n) / log(L)); log_floor
// 1 + gain * log(1 + floor(n / L)).
template <typename T>
Array<T> positionFactors(const Ints &positions, FactorKind kind, T length,
                         T gain) {
  Array<T> y(positions.shape);
  for (size_t i = 0; i < y.data.size(); ++i) {
    T n = positions.data[i] + 1;
    if (kind == FactorKind::LogRatio)
      y.data[i] = n > length ? std::log(n) / std::log(length) : T(1);
    else
      y.data[i] = 1 + gain * std::log(1 + std::floor(n / length));
  }
  return y;
}

// y[b, i] = (theta * a^(2P / (2P - 2)))^(-i / P).
template <typename T>
Array<T> ntkFrequencies(const Ints &lengths, NtkKind kind, double theta,
                        double trained, double factor, int64_t pairs) {
  Array<T> y({int64_t(lengths.data.size()), pairs});
  for (int64_t b = 0; b < y.shape[0]; ++b) {
    double n = lengths.data[b], a = 1;
    if (n > trained && kind == NtkKind::Linear)
      a = factor * n / trained - (factor - 1);
    if (n > trained && kind == NtkKind::PowerOfTwo)
      a = std::max(1.0, std::exp2(std::ceil(std::log2(n / trained) + 1)) - 1);
    double base = theta * std::pow(a, 2.0 * pairs / (2.0 * pairs - 2));
    for (int64_t i = 0; i < pairs; ++i)
      y.row(b)[i] = float(std::pow(base, -double(i) / pairs));
  }
  return y;
}

// y[b, 0] is the first or last token of those with mask != 0, or their maximum,
// their mean, or their sum divided by the root of how many they are; zeros if
// there is none. In the weighted mean a token counts mask times.
template <typename T>
Array<T> pool(PoolKind kind, const Array<T> &x, const Ints *mask) {
  std::vector<int64_t> shape = x.shape;
  int64_t batch = shape[0], tokens = shape[1];
  shape[1] = 1;
  Array<T> y(shape);
  int64_t features = batch == 0 ? 0 : y.data.size() / batch;
  for (int64_t b = 0; b < batch; ++b) {
    T *out = y.data.data() + b * features;
    bool weighs = kind == PoolKind::WeightedMean;
    bool sums = weighs || kind == PoolKind::Mean || kind == PoolKind::RootMean;
    int64_t seen = 0; // tokens, or their weights
    for (int64_t t = 0; t < tokens; ++t) {
      if (mask && mask->row(b)[t] == 0)
        continue;
      int64_t weight = !weighs ? 1 : mask ? mask->row(b)[t] : t + 1;
      const T *in = x.data.data() + (b * tokens + t) * features;
      for (int64_t i = 0; i < features; ++i)
        if (sums)
          out[i] += T(weight) * in[i];
        else if (seen == 0 || kind == PoolKind::Last)
          out[i] = in[i];
        else if (kind == PoolKind::Max)
          out[i] = std::max(out[i], in[i]);
      seen += weight;
    }
    T divisor = kind == PoolKind::RootMean ? std::sqrt(T(seen)) : T(seen);
    for (int64_t i = 0; sums && seen && i < features; ++i)
      out[i] /= divisor;
  }
  return y;
}

template <typename T>
Array<T> lengthFrequencies(const Ints &lengths, const Array<T> &below,
                           const Array<T> &above, int64_t trained) {
  int64_t pairs = int64_t(below.data.size());
  Array<T> y({int64_t(lengths.data.size()), pairs});
  for (int64_t b = 0; b < y.shape[0]; ++b)
    for (int64_t i = 0; i < pairs; ++i)
      y.row(b)[i] = (lengths.data[b] > trained ? above : below).data[i];
  return y;
}

#define INSTANTIATE(T)                                                         \
  template Array<T> ropeAngles(const Ints &, const Array<T> &, T,              \
                               const Array<T> *, int64_t);                     \
  template Array<T> rope(const Array<T> &, const Array<T> &, RopePairs,        \
                         int64_t);                                             \
  template Array<T> sinusoids(const Ints &, const Array<T> &, int64_t,         \
                              RopePairs);                                      \
  template Array<T> positionFactors(const Ints &, FactorKind, T, T);           \
  template Array<T> lengthFrequencies(const Ints &, const Array<T> &,          \
                                      const Array<T> &, int64_t);              \
  template Array<T> ntkFrequencies(const Ints &, NtkKind, double, double,      \
                                   double, int64_t);                           \
  template Array<T> pool(PoolKind, const Array<T> &, const Ints *);
INSTANTIATE(float)
INSTANTIATE(double)

} // namespace sinter::reference
