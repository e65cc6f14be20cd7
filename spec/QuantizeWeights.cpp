//===- QuantizeWeights.cpp - Float weights as blocks ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/QuantizeWeights.h"
#include "dialect/IR/Sinter.h"
#include "dialect/IR/StoredLayout.h"
#include "formats/Quantize.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <algorithm>
#include <cmath>

using namespace mlir;

namespace sinter {

namespace {

/// Rounds the weights that are to be blocks.
class RoundedSource : public WeightSource {
public:
  RoundedSource(std::shared_ptr<const WeightSource> source,
                llvm::StringMap<ElementType> types)
      : source(std::move(source)), types(std::move(types)) {}

  bool has(StringRef symbol, int64_t layer) const override {
    return source->has(symbol, layer);
  }
  llvm::Expected<WeightData> read(StringRef symbol,
                                  int64_t layer) const override;

private:
  std::shared_ptr<const WeightSource> source;
  llvm::StringMap<ElementType> types;
};

} // namespace

/// Rounds a piece at a time, so that no second copy in f32 is needed.
static bool round(const WeightData &data, ElementType type,
                  std::span<std::byte> result) {
  constexpr uint64_t piece = 1 << 16;
  uint64_t count = *countOf(data.shape);
  std::vector<float> values;
  for (uint64_t begin = 0; begin < count; begin += piece) {
    values.resize(std::min(piece, count - begin));
    auto stored = data.bytes().subspan(*bytesFor(data.type, begin),
                                       *bytesFor(data.type, values.size()));
    auto out =
        result.subspan(*bytesFor(type, begin), *bytesFor(type, values.size()));
    if (!dequantize(data.type, stored, values) ||
        !std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); }) ||
        !quantize(type, values, out))
      return false;
  }
  return true;
}

llvm::Expected<WeightData> RoundedSource::read(StringRef symbol,
                                               int64_t layer) const {
  llvm::Expected<WeightData> data = source->read(symbol, layer);
  auto type = types.find(symbol);
  if (!data || type == types.end() || data->type == type->second)
    return data;
  std::vector<std::byte> rounded(
      *bytesFor(type->second, *countOf(data->shape)));
  if (!round(*data, type->second, rounded))
    return llvm::createStringError(
        llvm::inconvertibleErrorCode(),
        "weight @" + symbol + ", layer " + std::to_string(layer) +
            ": has values that are not finite, which " +
            std::string(nameOf(type->second)) + " cannot hold");
  return WeightData::owned(type->second, data->shape, std::move(rounded));
}

/// Whether the result of a linear chooses experts, directly or after a few ops
/// on each of its elements.
static bool routes(Value value, int depth = 4) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    return isa<RouteOp>(user) ||
           (depth > 0 && user->getNumResults() == 1 &&
            isa<ReshapeOp, SoftCapOp, AddOp, ScaleOp, UnaryOp>(user) &&
            routes(user->getResult(0), depth - 1));
  });
}

static bool hasWholeBlocks(Value weight) {
  return !weight ||
         cast<RankedTensorType>(weight.getType()).getShape().back() % 32 == 0;
}

static bool isMatrix(OpOperand &use) {
  Operation *user = use.getOwner();
  Value weight = use.get();
  if (auto linear = dyn_cast<LinearOp>(user))
    return linear.getWeight() == weight && !routes(linear.getResult());
  if (auto moe = dyn_cast<MoeOp>(user))
    // An expert's matrices have one kind of type.
    return (weight == moe.getGate() || weight == moe.getUp() ||
            weight == moe.getDown()) &&
           hasWholeBlocks(moe.getGate()) && hasWholeBlocks(moe.getUp()) &&
           hasWholeBlocks(moe.getDown());
  auto embed = dyn_cast<EmbedOp>(user);
  return embed && embed.getTable() == weight;
}

std::vector<std::string> quantizable(ModuleOp module) {
  llvm::StringSet<> used, other;
  module.walk([&](WeightOp weight) {
    bool matrix = llvm::all_of(weight->getUses(), isMatrix);
    (matrix ? used : other).insert(weight.getParam());
  });
  std::vector<std::string> symbols;
  for (auto param : module.getOps<ParamOp>()) {
    auto type = cast<RankedTensorType>(param.getType());
    StringRef name = param.getSymName();
    if (used.contains(name) && !other.contains(name) &&
        isa<FloatType>(type.getElementType()) && type.getRank() >= 2 &&
        type.getShape().back() % 32 == 0)
      symbols.push_back(name.str());
  }
  return symbols;
}

size_t quantizeWeights(Model &model, ElementType type) {
  ModuleOp module = *model.module;
  llvm::StringSet<> changed;
  for (std::string &symbol : quantizable(module))
    changed.insert(symbol);
  Type element = typeOf(module.getContext(), type);
  auto blocks = [&](Type type) {
    return RankedTensorType::get(cast<RankedTensorType>(type).getShape(),
                                 element);
  };
  for (auto param : module.getOps<ParamOp>())
    if (changed.contains(param.getSymName()))
      param.setType(blocks(param.getType()));
  module.walk([&](WeightOp weight) {
    if (changed.contains(weight.getParam()))
      weight.getResult().setType(blocks(weight.getType()));
  });
  roundAsDeclared(model);
  return changed.size();
}

void roundAsDeclared(Model &model) {
  if (!model.weights)
    return;
  ModuleOp module = *model.module;
  llvm::StringMap<ElementType> types;
  for (auto param : module.getOps<ParamOp>()) {
    Type element = cast<RankedTensorType>(param.getType()).getElementType();
    for (ElementType type :
         {ElementType::Q8_0, ElementType::Q4_0, ElementType::Q4_1})
      if (element == typeOf(module.getContext(), type))
        types[param.getSymName()] = type;
  }
  model.weights =
      std::make_shared<RoundedSource>(std::move(model.weights), types);
}

} // namespace sinter
