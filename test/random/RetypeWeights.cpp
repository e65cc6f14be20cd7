//===- RetypeWeights.cpp - Random weights, stored as checkpoints would ----===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/random/RetypeWeights.h"

#include "dialect/IR/Sinter.h"
#include "formats/Quantize.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::random_models;

namespace {

Type elementOf(MLIRContext *context, const std::string &name) {
  if (name == "bf16")
    return BFloat16Type::get(context);
  if (name == "f16")
    return Float16Type::get(context);
  if (auto format = symbolizeBlockFormat(name))
    return BlockType::get(context, *format);
  return Float32Type::get(context);
}

ElementType storedType(Type element) {
  if (auto block = dyn_cast<BlockType>(element))
    return *elementTypeByName(stringifyBlockFormat(block.getFormat()).str());
  if (element.isBF16())
    return ElementType::BF16;
  return element.isF16() ? ElementType::F16 : ElementType::F32;
}

} // namespace

void sinter::random_models::retype(ModuleOp module, const std::string &name) {
  Type element = elementOf(module.getContext(), name);
  llvm::StringMap<bool> matrices;
  module.walk([&](Operation *op) {
    if (isa<LinearOp, EmbedOp, MoeOp>(op))
      for (Value operand : op->getOperands())
        if (auto weight = operand.getDefiningOp<WeightOp>()) {
          auto type = cast<RankedTensorType>(weight.getType());
          bool fits =
              !isa<BlockType>(element) || type.getShape().back() % 32 == 0;
          bool isBias = isa<MoeOp>(op) && type.getRank() == 2;
          if (fits && type.getRank() > 1 && !isBias)
            matrices[weight.getParam()] = true;
        }
  });
  module.walk([&](Operation *op) {
    if (auto weight = dyn_cast<WeightOp>(op))
      if (matrices.contains(weight.getParam()))
        weight.getResult().setType(weight.getType().clone(element));
    if (auto param = dyn_cast<ParamOp>(op))
      if (matrices.contains(param.getSymName()))
        param.setType(cast<RankedTensorType>(param.getType()).clone(element));
  });
}

namespace {

/// Weights of another source in the types that a module declares.
class Retyped : public WeightSource {
public:
  Retyped(ModuleOp module, std::shared_ptr<const WeightSource> source)
      : source(std::move(source)) {
    for (auto param : module.getOps<ParamOp>())
      types[param.getSymName()] =
          storedType(cast<RankedTensorType>(param.getType()).getElementType());
  }

  llvm::Expected<WeightData> read(StringRef symbol,
                                  int64_t layer) const override {
    llvm::Expected<WeightData> data = source->read(symbol, layer);
    ElementType type = types.lookup(symbol);
    if (!data || data->type == type)
      return data;
    std::span<const float> values(
        reinterpret_cast<const float *>(data->bytes().data()),
        data->bytes().size() / 4);
    std::vector<std::byte> stored(bytesFor(type, values.size()).value());
    if (!quantize(type, values, stored))
      return llvm::createStringError("cannot quantize " + symbol);
    return WeightData::owned(type, data->shape, std::move(stored));
  }

  bool has(StringRef symbol, int64_t layer) const override {
    return source->has(symbol, layer);
  }

private:
  std::shared_ptr<const WeightSource> source;
  llvm::StringMap<ElementType> types;
};

} // namespace

std::shared_ptr<const WeightSource> sinter::random_models::retypedWeights(
    ModuleOp module, std::shared_ptr<const WeightSource> source) {
  return std::make_shared<Retyped>(module, std::move(source));
}
