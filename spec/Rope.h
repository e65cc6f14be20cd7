//===- Rope.h - Frequencies of rotary positions -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The rotation frequency of each pair of features, with the position scalings
// in use already in it. Steps that the reference implementations compute in f32
// are rounded to f32 here too, so that the last bits agree.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_ROPE_H
#define SINTER_SPEC_ROPE_H

#include "spec/Fields.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sinter {

/// The section `rope` of an attention, evaluated.
struct RopePlan {
  int64_t dims = 0;   ///< features of a head that rotate, even
  int64_t offset = 0; ///< of the first of them
  bool neighbours = false;
  std::vector<float> frequencies; ///< dims / 2
  double scale = 1;               ///< on cosines and sines
  /// Logarithms of the factor that each pair has for each position away from
  /// `origin`, of queries; of keys the opposite. Empty: none.
  std::vector<float> growth;
  int64_t origin = 0;

  /// The entry's input that has the positions, and by how much they go on with
  /// each generated token; empty: tokens are counted.
  std::string input;
  int64_t advance = 1;

  /// Dynamic base ("ntk"): frequencies are computed from the length.
  enum class Ntk { None, Linear, PowerOfTwo } ntk = Ntk::None;
  /// Frequencies of sequences longer than `trained`; empty: the same.
  std::vector<float> longFrequencies;
  bool ofPrompt = false; ///< the prompt's length, else that of all so far
  double theta = 1;
  int64_t trained = 0;
  double factor = 1;

  /// Whether frequencies depend on the length.
  bool isDynamic() const {
    return ntk != Ntk::None || !longFrequencies.empty();
  }
};

/// Reads and evaluates; errors go to the fields' diagnostics. `headDim` bounds
/// dims, `storedFactors` (empty or dims / 2 long) divide the frequencies,
/// `storedLong` those of long texts.
RopePlan readRope(const YamlNode &node, int64_t headDim,
                  const std::vector<float> &storedFactors,
                  const std::vector<float> &storedLong, Scope &scope,
                  Diagnostics &diagnostics);

} // namespace sinter

#endif // SINTER_SPEC_ROPE_H
