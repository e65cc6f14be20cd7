//===- WeightTable.h - The params of a module and their recipes -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_WEIGHTTABLE_H
#define SINTER_SPEC_WEIGHTTABLE_H

#include "spec/Recipe.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sinter {

/// Symbols for weights. Layers whose weight of one name differs in type have
/// symbols of their own: a param is of one type.
class WeightTable : public WeightSource {
public:
  struct Param {
    std::string symbol;
    ElementType type = ElementType::F32;
    std::vector<int64_t> shape;
    int64_t layers = 0; ///< 0: not one for each layer
    std::vector<std::optional<Recipe>> recipes;
  };

  /// Adds a weight (of layer `layer` of `layers`, if that is not 0) and
  /// returns its symbol.
  std::string add(const std::string &name, int64_t layer, int64_t layers,
                  Recipe recipe);

  const std::vector<Param> &params() const { return paramList; }
  /// Of all weights together; each counts once.
  int64_t parameterCount() const;

  llvm::Expected<WeightData> read(llvm::StringRef symbol,
                                  int64_t layer) const override;
  bool has(llvm::StringRef symbol, int64_t layer) const override;

private:
  const Recipe *find(llvm::StringRef symbol, int64_t layer) const;

  std::vector<Param> paramList;
  std::map<std::string, size_t> bySymbol;
};

} // namespace sinter

#endif // SINTER_SPEC_WEIGHTTABLE_H
