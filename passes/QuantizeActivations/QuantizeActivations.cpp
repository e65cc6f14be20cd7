//===- QuantizeActivations.cpp - Activations for block weights ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/QuantizeActivations/QuantizeActivations.h"

#include "dialect/IR/Fusion.h"
#include "dialect/IR/TargetInterface.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_QUANTIZEACTIVATIONS
#include "passes/QuantizeActivations/QuantizeActivations.h.inc"

namespace {

struct QuantizeActivations
    : impl::QuantizeActivationsBase<QuantizeActivations> {
  using QuantizeActivationsBase::QuantizeActivationsBase;

  void runOnOperation() override {
    target = requireTarget(getOperation());
    if (!target)
      return signalPassFailure();
    // One quantized value for each (activations, type), made where the
    // activations are, so that it dominates all linears that read them.
    DenseMap<std::pair<Value, Type>, Value> quantized;
    getOperation().walk([&](LinearOp linear) {
      auto input = cast<RankedTensorType>(linear.getInput().getType());
      Type wanted = wantedElement(linear.getWeight().getType(), input);
      if (!wanted || isRouter(linear))
        return;
      Value &value = quantized[{linear.getInput(), wanted}];
      if (!value) {
        OpBuilder builder(linear);
        builder.setInsertionPointAfterValue(linear.getInput());
        auto block = dyn_cast<BlockType>(wanted);
        bool isA16 = block && block.getFormat() == BlockFormat::A16;
        value = QuantizeOp::create(builder, linear.getLoc(),
                                   input.clone(wanted), linear.getInput(),
                                   APFloat(isA16 ? float(crest) : 0.0f));
        ++numQuantized;
      }
      linear.getInputMutable().assign(value);
    });
    getOperation().walk([&](MoeOp moe) {
      bool gated = bool(moe.getGate());
      if (hasBlocks(moe.getUp()) && hasBlocks(moe.getDown()) &&
          (!gated || hasBlocks(moe.getGate())))
        setQuantized(moe);
    });
  }

  /// A router's logits choose experts: rounding its input may change the
  /// choice, and with it everything.
  static bool isRouter(LinearOp linear) {
    Operation *op = linear;
    while (op->hasOneUse()) {
      op = *op->user_begin();
      if (isa<RouteOp>(op))
        return true;
      if (!isElementwise(op))
        break;
    }
    return false;
  }

  void setQuantized(MoeOp moe) {
    moe.setQuantized(true);
    if (a16)
      moe.setCrestAttr(Builder(moe).getF32FloatAttr(crest));
  }

  static bool hasBlocks(Value weight) {
    auto type = cast<RankedTensorType>(weight.getType());
    return isa<BlockType>(type.getElementType());
  }

  /// The element type that a linear's activations should have for its weight;
  /// null to leave them as they are.
  Type wantedElement(RankedTensorType weight, RankedTensorType input) {
    Type wanted = target.activationElement(weight.getElementType());
    if (!wanted || wanted == input.getElementType() ||
        isa<BlockType>(input.getElementType()))
      return {};
    if (isa<FloatType>(wanted))
      return bf16 ? wanted : Type();
    return a16 ? BlockType::get(&getContext(), BlockFormat::A16) : wanted;
  }

  TargetInterface target;
};

} // namespace
} // namespace sinter
