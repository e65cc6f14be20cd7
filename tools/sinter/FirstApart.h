//===- FirstApart.h - Where two runs of a model part ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_FIRSTAPART_H
#define SINTER_TOOLS_SINTER_FIRSTAPART_H

#include "tools/sinter/Intermediates.h"

#include "llvm/Support/JSON.h"

#include <optional>

namespace sinter {

/// Where two runs part: a number of the first value that is too far from what
/// is expected.
struct Apart {
  std::string name, place, agreed; ///< agreed: the name of the one before
  int64_t sequence = 0, token = 0, feature = 0;
  std::vector<int64_t> features; ///< their shape
  double found = 0, expected = 0;

  /// "layers.1.attention.k_rope, sequence 0, token 5, feature 12"
  std::string where() const;
  /// The same with place and numbers.
  std::string describe() const;
  llvm::json::Object json() const;
};

/// How far numbers may be from these: `atol`, or `atol` times the largest.
double toleranceFor(const std::vector<float> &expected, double atol);
bool isApart(float found, float expected, double tolerance);

/// Number `at` of a value of a run.
Apart apartAt(const Recording &run, const Intermediate &found, size_t at,
              float expected, const std::string &agreed);

/// Compares what two runs have under the same keys.
std::optional<Apart> firstApart(const Recording &found,
                                const Recording &expected, double atol);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_FIRSTAPART_H
