//===- PackWeights.cpp - Layouts and offsets of weights -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/PackWeights/PackWeights.h"

#include "dialect/IR/Sinter.h"
#include "dialect/IR/StoredLayout.h"
#include "dialect/IR/TargetInterface.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "passes/PackWeights/PackWeights.h.inc"

namespace {

/// Walks the weights of an entry in the order in which a step reads them.
struct WeightOrder {
  SymbolTable &symbols;
  /// Called with a param's name and the layer, -1 outside of layers.
  function_ref<void(StringRef param, int64_t layer)> visit;

  void visitFunction(func::FuncOp function, int64_t layer) {
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto weight = dyn_cast<WeightOp>(op))
        visit(weight.getParam(), layerOf(weight, layer));
      if (auto stack = dyn_cast<StackOp>(op))
        visitLayers(stack);
    });
  }

  /// The layer whose weight it is, in the form of `layer`: that one's, unless a
  /// constant or a table says another.
  int64_t layerOf(WeightOp weight, int64_t layer) {
    Value index = weight.getLayer();
    if (!index)
      return -1;
    APInt constant;
    if (matchPattern(index, m_ConstantInt(&constant)))
      return constant.getSExtValue();
    auto value = index.getDefiningOp<LayerValueOp>();
    if (!value)
      return layer;
    auto table = symbols.lookup<LayerTableOp>(value.getTable());
    APInt row;
    if (matchPattern(value.getLayer(), m_ConstantInt(&row)))
      layer = row.getSExtValue();
    if (layer < 0 || layer >= int64_t(table.getValues().size()))
      return kMostLayers; // none
    return cast<IntegerAttr>(table.getValues()[layer]).getInt();
  }

  void visitLayers(StackOp stack) {
    for (auto [layer, form] : llvm::enumerate(stack.getLayers())) {
      auto symbol = cast<FlatSymbolRefAttr>(stack.getForms()[form]);
      visitFunction(symbols.lookup<func::FuncOp>(symbol.getValue()), layer);
    }
  }
};

struct PackWeights : impl::PackWeightsBase<PackWeights> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    target = requireTarget(module);
    if (!target)
      return signalPassFailure();
    llvm::StringMap<RankedTensorType> packed;
    module.walk([&](LinearOp linear) {
      if (auto weight = linear.getWeight().getDefiningOp<WeightOp>())
        packed[weight.getParam()] = packedType(weight.getType());
    });
    module.walk([&](MoeOp moe) {
      for (Value value : {moe.getGate(), moe.getUp(), moe.getDown()})
        if (auto weight = value ? value.getDefiningOp<WeightOp>() : WeightOp())
          packed[weight.getParam()] = packedType(weight.getType());
      if (!isOneToken(moe.getInput()))
        moe.setTile(target.expertTile());
    });
    module.walk([&](WeightOp weight) {
      if (auto found = packed.find(weight.getParam()); found != packed.end())
        weight.getResult().setType(found->second);
    });
    for (auto param : module.getOps<ParamOp>())
      if (auto found = packed.find(param.getSymName()); found != packed.end()) {
        param.setType(found->second);
        ++numPacked;
      }
    for (auto function : module.getOps<func::FuncOp>())
      tileActivations(function);
    if (failed(assignOffsets(module)))
      signalPassFailure();
  }

  RankedTensorType packedType(RankedTensorType type) {
    return RankedTensorType::get(type.getShape(), type.getElementType(),
                                 target.weightLayout(type));
  }

  static bool isOneToken(Value activation) {
    auto type = cast<RankedTensorType>(activation.getType());
    return type.getDimSize(0) == 1 && type.getDimSize(1) == 1;
  }

  /// Makes the inputs of linears tiled.
  void tileActivations(func::FuncOp function) {
    DenseMap<Value, Value> tiled;
    function.walk([&](LinearOp linear) {
      Value input = linear.getInput();
      auto type = cast<RankedTensorType>(input.getType());
      bool oneToken = isOneToken(input);
      auto tiledType = RankedTensorType::get(
          type.getShape(), type.getElementType(),
          oneToken
              ? TiledAttr::get(&getContext(), 1, 0)
              : target.activationLayout(type, linear.getWeight().getType()));
      if (auto quantize = input.getDefiningOp<QuantizeOp>()) {
        quantize.getResult().setType(tiledType);
        return;
      }
      if (oneToken)
        return;
      Value &copy = tiled[input];
      if (!copy) {
        OpBuilder builder(linear);
        builder.setInsertionPointAfterValue(input);
        copy = QuantizeOp::create(builder, linear.getLoc(), tiledType, input);
      }
      linear.getInputMutable().assign(copy);
    });
  }

  /// Places weights one after another in the order of use, so that a step
  /// reads the file from front to back.
  LogicalResult assignOffsets(ModuleOp module) {
    SymbolTable symbols(module);
    llvm::StringMap<SmallVector<int64_t>> offsets;
    int64_t end = 0;
    LogicalResult result = success();
    auto place = [&](StringRef name, int64_t layer) {
      auto param = symbols.lookup<ParamOp>(name);
      SmallVector<int64_t> &of = offsets[name];
      if (of.empty())
        of.assign(param.getLayers().value_or(1), -1);
      layer = std::max<int64_t>(layer, 0);
      if (layer >= int64_t(of.size())) {
        result = param.emitOpError("is read for layer ")
                 << layer << ", but has " << of.size();
        return;
      }
      int64_t &offset = of[layer];
      if (offset >= 0)
        return;
      offset = end;
      end += weightBytes(cast<RankedTensorType>(param.getType()));
      if (end > kMostNumbers)
        result = param.emitOpError("ends after the most bytes that weights can "
                                   "have, 2^40");
    };
    WeightOrder order{symbols, place};
    for (auto function : module.getOps<func::FuncOp>())
      if (function.isPublic())
        order.visitFunction(function, -1);

    for (auto param : llvm::make_early_inc_range(module.getOps<ParamOp>())) {
      auto found = offsets.find(param.getSymName());
      if (found == offsets.end())
        param.erase();
      else
        param.setOffsets(found->second);
    }
    module->setAttr("sinter.weights_bytes",
                    IntegerAttr::get(IntegerType::get(&getContext(), 64), end));
    return result;
  }

  TargetInterface target;
};

} // namespace
} // namespace sinter
