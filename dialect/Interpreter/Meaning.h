//===- Meaning.h - The meaning of each op, one function each -- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// To be read beside the ops' descriptions (docs/dialect.md), whose formulas the
// functions follow in plain loops over indices. T is double or float: the type
// of every value and sum that the descriptions call f32. Results are rounded to
// narrower types by the caller. Callers have checked shapes. Nothing here is
// shared with the compiled path.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_INTERPRETER_MEANING_H
#define SINTER_DIALECT_INTERPRETER_MEANING_H

#include "dialect/IR/Sinter.h"
#include "dialect/Interpreter/Value.h"

namespace sinter::reference {

// Rows: linears, norms, element-wise (MeaningRows.cpp, MeaningLinear.cpp).
template <typename T> Array<T> embed(const Ints &ids, const Weight &table);
template <typename T>
Array<T> linear(const Array<T> &x, const Weight &weight, const Array<T> *bias);
template <typename T> Array<T> quantizeA8(const Array<T> &x);
template <typename T> Array<T> quantizeA16(const Array<T> &x, float crest);
template <typename T>
Array<T> rmsNorm(const Array<T> &x, const Array<T> *weight, T eps, T offset);
template <typename T>
Array<T> layerNorm(const Array<T> &x, const Array<T> *weight,
                   const Array<T> *bias, T eps, T offset);
template <typename T> T unary(UnaryKind kind, T x);
template <typename T> Array<T> unary(UnaryKind kind, Array<T> x);
template <typename T> Array<T> add(Array<T> lhs, const Array<T> &rhs);
template <typename T> Array<T> sub(Array<T> lhs, const Array<T> &rhs);
template <typename T> Array<T> mul(Array<T> lhs, const Array<T> &rhs);
template <typename T> Array<T> scale(Array<T> x, T factor);
template <typename T> Array<T> softCap(Array<T> x, T cap);
template <typename T> Array<T> clamp(Array<T> x, T low, T high);
template <typename T> Array<T> logSoftmax(Array<T> x);
template <typename T> Array<T> scaleTokens(Array<T> x, const Array<T> &factors);
/// x is (B, T, N, features), the result has `parts` in place of N.
template <typename T>
Array<T> mix(const Array<T> &x, const Array<T> &weights, int64_t parts);

// Shape.
template <typename T>
Array<T> slice(const Array<T> &x, int64_t offset, int64_t length);
template <typename T>
Array<T> concat(const std::vector<const Array<T> *> &inputs);
template <typename T> Array<T> last(const Array<T> &x, int64_t count);

// Positions and sequences (MeaningTokens.cpp).
Ints positions(const Ints &past, const Ints &ids, int64_t offset);
Ints maskPositions(const Ints &mask, const Ints &past, const Ints &ids,
                   int64_t offset);
template <typename T>
Array<T> ropeAngles(const Ints &positions, const Array<T> &frequencies, T scale,
                    const Array<T> *growth, int64_t origin);
template <typename T>
Array<T> rope(const Array<T> &x, const Array<T> &angles, RopePairs pairs,
              int64_t offset);
template <typename T>
Array<T> sinusoids(const Ints &positions, const Array<T> &frequencies,
                   int64_t features, RopePairs pairs);
template <typename T>
Array<T> positionFactors(const Ints &positions, FactorKind kind, T length,
                         T gain);
template <typename T>
Array<T> lengthFrequencies(const Ints &lengths, const Array<T> &below,
                           const Array<T> &above, int64_t trained);
template <typename T>
Array<T> ntkFrequencies(const Ints &lengths, NtkKind kind, double theta,
                        double trained, double factor, int64_t pairs);
template <typename T>
Array<T> pool(PoolKind kind, const Array<T> &x, const Ints *mask);

// Caches and attention (MeaningAttention.cpp).
/// Writes x into `cache`, of shape (slots, batch, capacity, heads, dim).
/// With `ring` positions wrap around the capacity.
template <typename T>
void append(const Array<T> &x, Array<T> &cache, int64_t slot, const Ints &past,
            bool ring);

/// Keys or values as attention sees them, be it a tensor or a cache's slot.
template <typename T> struct KeyView {
  const T *data = nullptr; // (batch, capacity, heads, dim)
  int64_t capacity = 0;
  int64_t heads = 0;
  int64_t dim = 0;

  /// The vector of key `j`, which wraps in a ring cache.
  const T *at(int64_t batch, int64_t j, int64_t head) const {
    return data + ((batch * capacity + j % capacity) * heads + head) * dim;
  }
};

/// What `sinter.attention` is given; pointers may be null as operands may be
/// absent.
template <typename T> struct AttentionInputs {
  const Array<T> *query = nullptr; // (B, T, H, dk)
  KeyView<T> key, value;
  bool cached = false;
  T scale = 1, softCap = 0;
  Mask mask = Mask::Full;
  int64_t window = 0, chunk = 0, memory = 0;
  const Ints *past = nullptr, *keys = nullptr, *first = nullptr,
             *keyMask = nullptr, *prefix = nullptr, *map = nullptr,
             *relMap = nullptr;
  const Array<T> *slopes = nullptr, *sinks = nullptr, *bias = nullptr,
                 *relQuery = nullptr, *relKeys = nullptr, *relQueries = nullptr,
                 *relValues = nullptr;
};
template <typename T> Array<T> attention(const AttentionInputs<T> &in);

// Experts (MeaningExperts.cpp).
struct RouteOptions {
  RouteScore score;
  int64_t topK, groups, keep;
  GroupScore groupScore;
  bool normalize;
  double factor;
  /// Of `successive`: how near the logits of those are that compete.
  std::optional<double> within = {};
  bool byLogits = false; ///< chosen by logits + bias
};
template <typename T>
std::pair<Ints, Array<T>> route(const Array<T> &logits, const Array<T> *bias,
                                const Array<T> *gains,
                                const RouteOptions &options);

template <typename T> struct MoeInputs {
  UnaryKind kind;
  const Weight *gate = nullptr, *up = nullptr, *down = nullptr;
  const Array<T> *gateBias = nullptr, *upBias = nullptr, *downBias = nullptr;
  T limit = 0, upOffset = 0, beta = 1;
  bool weighInput = false, identities = false, quantized = false;
  std::optional<float> crest = {}; ///< quantized to a16
};
/// `round` rounds to the type of x.
template <typename T>
Array<T> moe(const Array<T> &x, const Ints &ids, const Array<T> &weights,
             const MoeInputs<T> &experts, double (*round)(double));

} // namespace sinter::reference

#endif // SINTER_DIALECT_INTERPRETER_MEANING_H
