//===- FuzzRecipe.cpp - Weights made of tensors, step by step -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: choices. Sources are what a file may have, steps those that a rule
// may say in their order; the weight is asked for in the shape that they give.
//
//===----------------------------------------------------------------------===//

#include "InputFile.h"
#include "spec/Recipe.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <sstream>

using namespace sinter;

namespace {

using Kind = RecipeStep::Kind;
using Join = Recipe::Join;

constexpr size_t kFileBytes = 1 << 14;
constexpr uint64_t kMostNumbers = 1 << 20;

std::shared_ptr<const MappedFile> numbers() {
  std::string bytes(kFileBytes, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = char(i * 37 % 61);
  InputFile file(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size());
  auto mapped = MappedFile::open(file.path());
  if (!mapped)
    abort();
  return *mapped;
}

/// Mostly small; the large ones stand beside a zero.
int64_t sizeFrom(FuzzedDataProvider &in) {
  static constexpr int64_t sizes[] = {1, 2,  3,  4,   6,   8,
                                      0, 12, 32, 256, 512, int64_t(1) << 61};
  return in.PickValueInArray(sizes);
}

int64_t countFrom(FuzzedDataProvider &in, int64_t least, int64_t most) {
  return in.ConsumeBool() ? in.ConsumeIntegralInRange<int64_t>(least, 8)
                          : in.ConsumeIntegralInRange<int64_t>(least, most);
}

std::optional<StoredTensor> tensorFrom(FuzzedDataProvider &in) {
  static const std::shared_ptr<const MappedFile> file = numbers();
  static constexpr ElementType types[] = {
      ElementType::F32,  ElementType::BF16, ElementType::F64,
      ElementType::I32,  ElementType::Q8_0, ElementType::Q4_0,
      ElementType::Q6_K, ElementType::MXFP4};
  StoredTensor tensor;
  tensor.name = "t";
  tensor.file = file;
  tensor.type = in.PickValueInArray(types);
  for (int rank = in.ConsumeIntegralInRange(0, 4); rank > 0; --rank)
    tensor.shape.push_back(sizeFrom(in));
  auto count = countOf(tensor.shape);
  auto bytes = count ? bytesFor(tensor.type, *count) : std::nullopt;
  // Blocks do not go on from one row to the next.
  int64_t row = tensor.shape.empty() ? 1 : tensor.shape.back();
  if (!bytes || *bytes > kFileBytes || row % infoOf(tensor.type).blockSize)
    return std::nullopt;
  tensor.count = *count;
  tensor.bytes = *bytes;
  return tensor;
}

RecipeStep stepFrom(Kind kind, FuzzedDataProvider &in) {
  RecipeStep step(kind);
  bool isRange = kind == Kind::Rows || kind == Kind::Columns;
  if (isRange)
    step.take = countFrom(in, 0, 1 << 20);
  int sizes = kind == Kind::Split ? in.ConsumeIntegralInRange(1, 4) : isRange;
  for (int i = 0; i < sizes; ++i)
    step.sizes.push_back(countFrom(in, 1, 1 << 28));
  if (kind == Kind::Split)
    step.take = in.ConsumeIntegralInRange(0, sizes - 1);
  if (kind == Kind::Split || kind == Kind::Reorder || kind == Kind::Unstack ||
      kind == Kind::Repeat)
    step.groups = countFrom(in, 1, 1 << 28);
  if (kind == Kind::Reorder) {
    step.dims = countFrom(in, 0, 1 << 16);
    step.block = countFrom(in, 1, 1 << 20);
    step.toHalves = in.ConsumeBool();
  }
  step.function = in.ConsumeBool() ? RecipeStep::Function::Softplus
                                   : RecipeStep::Function::Reciprocal;
  return step;
}

/// Sets the shape to the one that sources and steps give, which the sentence
/// on a wrong one ends with. False: there is none.
bool findShape(Recipe &recipe) {
  std::string problem = inferRecipe(recipe);
  size_t end = problem.find("], but must be "), begin = problem.rfind('[', end);
  if (end == problem.npos)
    return problem.empty();
  std::istringstream sizes(problem.substr(begin + 1, end - begin - 1));
  std::string times;
  for (int64_t size; sizes >> size; sizes >> times)
    recipe.shape.push_back(size);
  return countOf(recipe.shape).value_or(~0ull) <= kMostNumbers &&
         inferRecipe(recipe).empty();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  FuzzedDataProvider in(data, size);
  Recipe recipe;
  recipe.isVector = in.ConsumeBool();
  recipe.join = in.PickValueInArray({Join::None, Join::Rows, Join::Columns,
                                     Join::Stack, Join::Sum, Join::Product});
  int sources = in.ConsumeIntegralInRange(1, recipe.join == Join::None ? 1 : 3);
  for (int i = 0; i < sources; ++i) {
    std::optional<StoredTensor> tensor = tensorFrom(in);
    if (!tensor)
      return 0;
    recipe.sources.push_back(*tensor);
  }
  for (Kind kind : {Kind::Unstack, Kind::Flatten, Kind::Transpose, Kind::Split,
                    Kind::Reorder, Kind::Rows, Kind::Columns, Kind::Repeat,
                    Kind::Apply, Kind::Affine, Kind::Reshape, Kind::Normalize})
    if (in.ConsumeIntegralInRange(0, 3) == 3)
      recipe.steps.push_back(stepFrom(kind, in));
  if (!findShape(recipe))
    return 0;
  llvm::Expected<WeightData> made = cook(recipe);
  if (!made) {
    llvm::consumeError(made.takeError());
    return 0;
  }
  if (made->type != recipe.type || made->shape != recipe.shape ||
      bytesFor(made->type, *countOf(made->shape)) != made->bytes().size())
    abort();
  return 0;
}
