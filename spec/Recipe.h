//===- Recipe.h - How a weight is made from stored tensors ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Decided while the model is built (shapes and types alone), carried out when
// the packer asks for the weight, one at a time. Steps work on matrices;
// leading dimensions (experts) repeat them. A row is a row of the last
// dimension for a matrix, one value for a vector.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_RECIPE_H
#define SINTER_SPEC_RECIPE_H

#include "formats/StoredTensor.h"
#include "spec/Adapter.h"
#include "spec/WeightSource.h"

#include <optional>
#include <string>
#include <vector>

namespace sinter {

/// One change to a weight; the kinds are those of docs/spec.md.
struct RecipeStep {
  enum class Kind {
    Transpose,
    Flatten,   ///< dimensions after the first become one
    Unstack,   ///< rows become `groups` matrices
    Split,     ///< rows are `groups` times (sizes...); take part `take`
    Reorder,   ///< within each of `groups`, the first `dims` rows change order
    Rows,      ///< `sizes[0]` rows from row `take` on
    Columns,   ///< the same of columns
    Reshape,   ///< to the shape that is wanted
    Normalize, ///< rows to unit length
    Repeat,    ///< each row `groups` times
    Apply,     ///< `function` of each value
    Affine     ///< x * factor + offset
  };
  enum class Function { Softplus, Exp, Sigmoid, Tanh, Reciprocal };

  explicit RecipeStep(Kind kind) : kind(kind) {}

  Kind kind;
  std::vector<int64_t> sizes;
  int64_t take = 0;
  int64_t groups = 1;
  int64_t dims = 0;     ///< of a group; 0: all
  int64_t block = 1;    ///< rows that move together, when reordered
  bool toHalves = true; ///< from neighbours to halves, or back
  Function function = Function::Softplus;
  double factor = 1;
  double offset = 0;
};

struct Recipe {
  /// How sources become one tensor; of Sum and Product it is f32.
  enum class Join { None, Rows, Columns, Stack, Sum, Product };

  std::string rule; ///< its name, for messages
  /// Of the weight: what read() gives.
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
  bool isVector = false;

  Join join = Join::None;
  std::vector<StoredTensor> sources; ///< empty: no data, or random
  /// Of a source of MXFP4 whose values and exponents are apart: those tensors.
  std::optional<std::pair<StoredTensor, StoredTensor>> apart;
  /// What is added to a source first, by its number.
  std::vector<std::pair<size_t, LowRank>> added;
  std::vector<RecipeStep> steps;
  std::optional<double> fill; ///< what all values are, without sources
  std::vector<float> values;  ///< what they are, in place of sources

  /// For random weights: values are mean + spread * uniform(-1, 1).
  std::optional<uint64_t> seed;
  float mean = 0;
  float spread = 0;
};

/// Fills in type from the sources, and checks that sources and steps give
/// `shape`. Returns a sentence on what does not fit, or "".
std::string inferRecipe(Recipe &recipe);

/// Carries it out.
llvm::Expected<WeightData> cook(const Recipe &recipe);

/// "[64 x 32]"
std::string printShape(const std::vector<int64_t> &shape);

} // namespace sinter

#endif // SINTER_SPEC_RECIPE_H
