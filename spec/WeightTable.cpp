//===- WeightTable.cpp - The params of a module and their recipes ---------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/WeightTable.h"

using namespace sinter;

std::string WeightTable::add(const std::string &name, int64_t layer,
                             int64_t layers, Recipe recipe) {
  std::string symbol = name;
  auto it = bySymbol.find(symbol);
  // The first type met keeps the plain name.
  if (it != bySymbol.end() && (paramList[it->second].type != recipe.type ||
                               paramList[it->second].shape != recipe.shape)) {
    symbol += "." + std::string(nameOf(recipe.type));
    for (int64_t dim : recipe.shape)
      if (paramList[it->second].shape != recipe.shape)
        symbol += "." + std::to_string(dim);
    it = bySymbol.find(symbol);
  }
  if (it == bySymbol.end()) {
    it = bySymbol.emplace(symbol, paramList.size()).first;
    Param param;
    param.symbol = symbol;
    param.type = recipe.type;
    param.shape = recipe.shape;
    param.layers = layers;
    param.recipes.resize(layers ? layers : 1);
    paramList.push_back(std::move(param));
  }
  paramList[it->second].recipes[layers ? layer : 0] = std::move(recipe);
  return symbol;
}

int64_t WeightTable::parameterCount() const {
  int64_t total = 0;
  for (const Param &param : paramList)
    for (const std::optional<Recipe> &recipe : param.recipes)
      if (recipe)
        total += int64_t(countOf(recipe->shape).value_or(0));
  return total;
}

const Recipe *WeightTable::find(llvm::StringRef symbol, int64_t layer) const {
  auto it = bySymbol.find(symbol.str());
  if (it == bySymbol.end())
    return nullptr;
  const Param &param = paramList[it->second];
  size_t at = param.layers ? size_t(layer) : 0;
  if (at >= param.recipes.size() || !param.recipes[at])
    return nullptr;
  return &*param.recipes[at];
}

bool WeightTable::has(llvm::StringRef symbol, int64_t layer) const {
  const Recipe *recipe = find(symbol, layer);
  return recipe && (recipe->seed || !recipe->sources.empty());
}

llvm::Expected<WeightData> WeightTable::read(llvm::StringRef symbol,
                                             int64_t layer) const {
  const Recipe *recipe = find(symbol, layer);
  if (!recipe)
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "there is no weight \"" + symbol +
                                       "\" for layer " + llvm::Twine(layer));
  return cook(*recipe);
}
