//===- RecipeJoin.h - One tensor out of several -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Sources of a recipe come together one after the other: there may be many, and
// large ones.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_RECIPEJOIN_H
#define SINTER_SPEC_RECIPEJOIN_H

#include "spec/Recipe.h"

namespace sinter {

/// Whether a join computes, and so gives f32.
bool joinComputes(Recipe::Join join);

/// Adds source number `at` to the shape of those before it (of the first: makes
/// it). Returns a sentence on what does not fit, or "".
std::string joinShape(const Recipe &recipe, size_t at,
                      std::vector<int64_t> &shape);

/// The same for bytes of the recipe's type: of those before it, whose shape is
/// `shape`, and of the source.
std::vector<std::byte> joinBytes(const Recipe &recipe, size_t at,
                                 const std::vector<int64_t> &shape,
                                 std::vector<std::byte> before,
                                 const std::vector<std::byte> &source);

} // namespace sinter

#endif // SINTER_SPEC_RECIPEJOIN_H
