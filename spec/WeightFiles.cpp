//===- WeightFiles.cpp - Weights in files of their own --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/WeightRules.h"

using namespace sinter;

std::optional<Recipe> WeightRules::ofTensor(const WeightRequest &request,
                                            const StoredTensor *tensor) {
  if (!hasTensors() || !tensor)
    return withoutTensors(request);
  Recipe recipe;
  recipe.shape = request.shape;
  recipe.rule = request.name;
  recipe.isVector =
      request.role == WeightRole::Bias || request.role == WeightRole::Gain;
  recipe.sources = {*tensor};
  std::string problem = inferRecipe(recipe);
  if (problem.empty())
    return recipe;
  diagnostics.error({tensor->file->path()}, "tensor \"" + tensor->name + "\" " +
                                                printShape(tensor->shape) +
                                                " " + problem);
  diagnostics.note(request.user, "the shape follows from these settings");
  return std::nullopt;
}
