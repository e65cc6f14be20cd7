//===- MeaningLinear.cpp - Linear layers and experts ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Interpreter/Meaning.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinter::reference {

/// y[m, n] = sum_k x[m, k] * w[n, k], each sum in the order of k. Tokens are
/// taken in groups, so that a weight is read once for a group: the order of no
/// sum depends on it.
template <typename T, typename W>
static void product(const T *x, const W *w, T *y, int64_t tokens, int64_t rows,
                    int64_t columns) {
  constexpr int64_t Group = 32; // a loop that compilers make vectors of
  std::vector<T> turned(columns * Group);
  for (int64_t m0 = 0; m0 < tokens; m0 += Group) {
    int64_t group = std::min(Group, tokens - m0);
    std::fill(turned.begin(), turned.end(), T(0));
    for (int64_t m = 0; m < group; ++m)
      for (int64_t k = 0; k < columns; ++k)
        turned[k * Group + m] = x[(m0 + m) * columns + k];
    for (int64_t n = 0; n < rows; ++n) {
      T sums[Group] = {};
      for (int64_t k = 0; k < columns; ++k) {
        T weight = w[n * columns + k];
        for (int64_t m = 0; m < Group; ++m)
          sums[m] += turned[k * Group + m] * weight;
      }
      for (int64_t m = 0; m < group; ++m)
        y[(m0 + m) * rows + n] = sums[m];
    }
  }
}

/// Fewer tokens than this are taken one by one.
static constexpr int64_t fewTokens = 8;

/// The same for one token: y[n] = sum_k x[k] * w[n, k].
template <typename T, typename W>
static void product(const T *x, const W *w, T *y, int64_t rows,
                    int64_t columns) {
  for (int64_t n = 0; n < rows; ++n) {
    T sum = 0;
    for (int64_t k = 0; k < columns; ++k)
      sum += x[k] * T(w[n * columns + k]);
    y[n] = sum;
  }
}

// y[..., n] = sum_k x[..., k] * w[n, k] + bias[n].
template <typename T>
Array<T> linear(const Array<T> &x, const Weight &weight, const Array<T> *bias) {
  return std::visit(
      [&](const auto &w) {
        std::vector<int64_t> shape = x.shape;
        int64_t rows = shape.back() = w->shape[0];
        Array<T> y(shape);
        if (x.rows() < fewTokens)
          for (int64_t r = 0; r < x.rows(); ++r)
            product(x.row(r), w->data.data(), y.row(r), rows, x.last());
        else
          product(x.row(0), w->data.data(), y.row(0), x.rows(), rows, x.last());
        for (size_t i = 0; bias && i < y.data.size(); ++i)
          y.data[i] += bias->data[i % rows];
        return y;
      },
      weight);
}

/// p = softmax(x), sigmoid(x) or sqrt(softplus(x)) over the experts; x of those
/// that are to be compared one after the other.
template <typename T>
static std::vector<T> scores(const T *x, int64_t experts, RouteScore kind) {
  std::vector<T> p(x, x + experts);
  if (kind == RouteScore::Successive)
    return p;
  if (kind == RouteScore::Sigmoid) {
    for (T &value : p)
      value = 1 / (1 + std::exp(-value));
    return p;
  }
  if (kind == RouteScore::SqrtSoftplus) {
    for (T &value : p)
      value = std::sqrt(unary(UnaryKind::Softplus, value));
    return p;
  }
  T most = *std::max_element(p.begin(), p.end()), sum = 0;
  for (T &value : p)
    sum += value = std::exp(value - most);
  for (T &value : p)
    value /= sum;
  return p;
}

/// Indices of the `count` largest, largest first, equals by index.
template <typename T>
static std::vector<int64_t> largest(const std::vector<T> &values,
                                    int64_t count) {
  std::vector<int64_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return values[a] > values[b]; });
  order.resize(count);
  return order;
}

/// Which experts take part: those of the best groups.
template <typename T>
static std::vector<bool> inKeptGroups(const std::vector<T> &c,
                                      const RouteOptions &options) {
  int64_t each = c.size() / options.groups;
  std::vector<T> worth;
  for (int64_t g = 0; g < options.groups; ++g) {
    std::vector<T> group(c.begin() + g * each, c.begin() + (g + 1) * each);
    std::sort(group.begin(), group.end(), std::greater<T>());
    worth.push_back(options.groupScore == GroupScore::BestTwo && each > 1
                        ? group[0] + group[1]
                        : group[0]);
  }
  std::vector<bool> kept(c.size());
  for (int64_t g : largest(worth, options.keep))
    std::fill_n(kept.begin() + g * each, each, true);
  return kept;
}

/// p of those chosen: each one's share among the kept experts that compete with
/// it. c is minus infinity for those that are not kept.
template <typename T>
static void share(const T *x, std::vector<T> c,
                  const std::vector<int64_t> &chosen,
                  const RouteOptions &options, std::vector<T> &p) {
  const T none = -std::numeric_limits<T>::infinity();
  for (int64_t e : chosen) {
    T sum = 0;
    for (int64_t j = 0; j < int64_t(c.size()); ++j) {
      bool isFar =
          options.within &&
          x[e] - x[j] > T(*options.within) * std::max(std::abs(x[j]), x[e]);
      if (j == e || (c[j] != none && !isFar))
        sum += std::exp(x[j] - x[e]);
    }
    p[e] = 1 / sum;
    c[e] = none;
  }
}

// ids are the top_k experts by c = p + bias in the kept groups; weights are
// factor * p[ids], divided by their sum first if `normalize`.
template <typename T>
std::pair<Ints, Array<T>> route(const Array<T> &logits, const Array<T> *bias,
                                const Array<T> *gains,
                                const RouteOptions &options) {
  std::vector<int64_t> shape = logits.shape;
  shape.back() = options.topK;
  Ints ids(shape);
  Array<T> weights(shape);
  for (int64_t r = 0; r < logits.rows(); ++r) {
    std::vector<T> p = scores(logits.row(r), logits.last(), options.score);
    std::vector<T> c = p;
    if (options.byLogits)
      c.assign(logits.row(r), logits.row(r) + logits.last());
    for (int64_t e = 0; bias && e < logits.last(); ++e)
      c[e] += bias->data[e];
    std::vector<bool> kept = inKeptGroups(c, options);
    for (int64_t e = 0; e < logits.last(); ++e)
      if (!kept[e])
        c[e] = -std::numeric_limits<T>::infinity();
    std::vector<int64_t> chosen = largest(c, options.topK);
    if (options.score == RouteScore::Successive)
      share(logits.row(r), c, chosen, options, p);
    T sum = 0;
    for (int64_t e : chosen)
      sum += p[e];
    for (int64_t k = 0; k < options.topK; ++k) {
      ids.row(r)[k] = chosen[k];
      T w = options.normalize ? p[chosen[k]] / sum : p[chosen[k]];
      weights.row(r)[k] =
          T(options.factor) * w * (gains ? gains->data[chosen[k]] : T(1));
    }
  }
  return {std::move(ids), std::move(weights)};
}

/// y = w[e] x + bias[e], for the matrix of one expert.
template <typename T>
static Array<T> expertLinear(const Array<T> &x, const Weight &stacked,
                             const Array<T> *bias, int64_t e) {
  return std::visit(
      [&](const auto &w) {
        int64_t rows = w->shape[1], columns = w->shape[2];
        Array<T> y({rows});
        product(x.row(0), w->data.data() + e * rows * columns, y.row(0), rows,
                columns);
        for (int64_t n = 0; bias && n < rows; ++n)
          y.data[n] += bias->row(e)[n];
        return y;
      },
      stacked);
}

template <typename T>
static Array<T> quantized(const Array<T> &x, const MoeInputs<T> &in) {
  if (!in.quantized)
    return x;
  return in.crest ? quantizeA16(x, *in.crest) : quantizeA8(x);
}

template <typename T> static T activated(T x, const MoeInputs<T> &in) {
  return unary(in.kind, T(in.beta * x)) / in.beta;
}

/// f = down[e] (act(g) * (u + up_offset)) + down_bias[e] for one token x.
template <typename T>
static Array<T> expert(Array<T> x, int64_t e, const MoeInputs<T> &in,
                       double (*round)(double)) {
  x = quantized(x, in);
  Array<T> u = expertLinear(x, *in.up, in.upBias, e);
  Array<T> h = u;
  if (in.gate) {
    Array<T> g = expertLinear(x, *in.gate, in.gateBias, e);
    for (size_t i = 0; i < h.data.size(); ++i) {
      T gate = g.data[i], up = u.data[i];
      if (in.limit > 0) {
        gate = std::min(gate, in.limit);
        up = std::clamp(up, -in.limit, in.limit);
      }
      h.data[i] = activated(gate, in) * (up + in.upOffset);
    }
  } else {
    for (T &value : h.data) {
      if (in.limit > 0)
        value = std::clamp(value, -in.limit, in.limit);
      value = activated(value, in);
    }
  }
  for (T &value : h.data)
    value = round(value);
  h = quantized(h, in);
  return expertLinear(h, *in.down, in.downBias, e);
}

// y[b, t] = sum_k w * f(e, x[b, t]); with weigh_input sum_k f(e, w * x[b, t]).
template <typename T>
Array<T> moe(const Array<T> &x, const Ints &ids, const Array<T> &weights,
             const MoeInputs<T> &in, double (*round)(double)) {
  Array<T> y(x.shape);
  int64_t experts =
      std::visit([](const auto &w) { return w->shape[0]; }, *in.up);
  auto isToken = [&](int64_t e) { return in.identities && e >= experts; };
  for (int64_t r = 0; r < x.rows(); ++r)
    for (int64_t k = 0; k < ids.last(); ++k)
      for (int64_t i = 0; isToken(ids.row(r)[k]) && i < x.last(); ++i)
        y.row(r)[i] += weights.row(r)[k] * x.row(r)[i];
  for (int64_t r = 0; r < x.rows(); ++r)
    for (int64_t k = 0; k < ids.last(); ++k) {
      if (isToken(ids.row(r)[k]))
        continue;
      int64_t e = std::clamp<int64_t>(ids.row(r)[k], 0, experts - 1);
      T w = weights.row(r)[k];
      Array<T> input({x.last()});
      for (int64_t i = 0; i < x.last(); ++i)
        input.data[i] = in.weighInput ? w * x.row(r)[i] : x.row(r)[i];
      Array<T> f = expert(std::move(input), e, in, round);
      for (int64_t i = 0; i < x.last(); ++i)
        y.row(r)[i] += in.weighInput ? f.data[i] : w * f.data[i];
    }
  return y;
}

#define INSTANTIATE(T)                                                         \
  template Array<T> linear(const Array<T> &, const Weight &,                   \
                           const Array<T> *);                                  \
  template std::pair<Ints, Array<T>> route(const Array<T> &, const Array<T> *, \
                                           const Array<T> *,                   \
                                           const RouteOptions &);              \
  template Array<T> moe(const Array<T> &, const Ints &, const Array<T> &,      \
                        const MoeInputs<T> &, double (*)(double));
INSTANTIATE(float)
INSTANTIATE(double)

} // namespace sinter::reference
