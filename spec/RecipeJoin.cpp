//===- RecipeJoin.cpp - One tensor out of several -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/RecipeJoin.h"

#include <cstring>

using namespace sinter;
using Join = Recipe::Join;

bool sinter::joinComputes(Join join) {
  return join == Join::Sum || join == Join::Product;
}

std::string sinter::joinShape(const Recipe &recipe, size_t at,
                              std::vector<int64_t> &shape) {
  const std::vector<int64_t> &other = recipe.sources[at].shape;
  if (at == 0) {
    shape = other;
    if (recipe.join == Join::Stack)
      shape.insert(shape.begin(), 1);
    return "";
  }
  std::vector<int64_t> wanted = other, result = shape;
  bool fits = !other.empty();
  switch (recipe.join) {
  case Join::None:
    break;
  case Join::Rows:
    fits = fits && other.size() == shape.size();
    wanted = shape;
    if (fits) {
      wanted[0] = other[0];
      result[0] += other[0];
    }
    break;
  case Join::Columns:
    fits = other.size() == 2 && shape.size() == 2 && other[0] == shape[0];
    if (fits)
      result[1] += other[1];
    break;
  case Join::Stack:
    wanted.assign(shape.begin() + 1, shape.end());
    fits = true;
    result[0] += 1;
    break;
  case Join::Sum:
    wanted = shape;
    break;
  case Join::Product:
    fits = other.size() == 2 && shape.size() == 2 && shape[1] == other[0];
    if (fits)
      result[1] = other[1];
    break;
  }
  if (!fits || wanted != other)
    return "and \"" + recipe.sources[at].name + "\" " + printShape(other) +
           " do not go together";
  shape = std::move(result);
  return "";
}

/// Rows of `a` and `b` side by side.
static std::vector<std::byte> sideBySide(const std::vector<std::byte> &a,
                                         const std::vector<std::byte> &b,
                                         size_t rows) {
  size_t left = a.size() / rows, right = b.size() / rows;
  std::vector<std::byte> out(a.size() + b.size());
  for (size_t row = 0; row < rows; ++row) {
    std::byte *to = out.data() + row * (left + right);
    std::memcpy(to, a.data() + row * left, left);
    std::memcpy(to + left, b.data() + row * right, right);
  }
  return out;
}

/// a (rows, inner) times b (inner, columns), summed in f64.
static std::vector<std::byte> product(const std::vector<std::byte> &a,
                                      const std::vector<std::byte> &b,
                                      size_t rows, size_t inner) {
  size_t columns = b.size() / sizeof(float) / inner;
  const auto *x = reinterpret_cast<const float *>(a.data());
  const auto *y = reinterpret_cast<const float *>(b.data());
  std::vector<std::byte> out(rows * columns * sizeof(float));
  auto *to = reinterpret_cast<float *>(out.data());
  std::vector<double> sums(columns);
  for (size_t row = 0; row < rows; ++row, to += columns) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (size_t i = 0; i < inner; ++i)
      for (size_t c = 0; c < columns; ++c)
        sums[c] += double(x[row * inner + i]) * double(y[i * columns + c]);
    for (size_t c = 0; c < columns; ++c)
      to[c] = float(sums[c]);
  }
  return out;
}

std::vector<std::byte> sinter::joinBytes(const Recipe &recipe, size_t at,
                                         const std::vector<int64_t> &shape,
                                         std::vector<std::byte> before,
                                         const std::vector<std::byte> &source) {
  if (at && recipe.join == Join::Columns)
    return sideBySide(before, source, size_t(shape[0]));
  if (at && recipe.join == Join::Product)
    return product(before, source, size_t(shape[0]), size_t(shape[1]));
  if (at && recipe.join == Join::Sum) {
    auto *to = reinterpret_cast<float *>(before.data());
    const auto *from = reinterpret_cast<const float *>(source.data());
    for (size_t i = 0; i < before.size() / sizeof(float); ++i)
      to[i] += from[i];
    return before;
  }
  before.insert(before.end(), source.begin(), source.end());
  return before;
}
