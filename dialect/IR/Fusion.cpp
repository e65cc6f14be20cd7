//===- Fusion.cpp - What may share a kernel -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Fusion.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace sinter {

bool isElementwise(Operation *op) {
  return isa<UnaryOp, AddOp, SubOp, MulOp, ScaleOp, ScaleByOp, SoftCapOp,
             ClampOp>(op);
}

bool roundsToFloats(Operation *op) {
  auto quantize = dyn_cast<QuantizeOp>(op);
  return quantize && !isa<BlockType>(quantize.getType().getElementType());
}

bool isTokenwise(Operation *op) {
  return isElementwise(op) ||
         isa<RmsNormOp, LayerNormOp, LogSoftmaxOp, ScaleTokensOp, MixOp,
             SliceOp, ConcatOp, RopeOp, RopeAnglesOp, SinusoidsOp,
             PositionFactorsOp, QuantizeOp, EmbedOp, PositionsOp,
             MaskPositionsOp, AppendOp, ReshapeOp>(op);
}

bool isLoneKernel(Operation *op) {
  return isa<LastOp, PoolOp, NtkFrequenciesOp, LengthFrequenciesOp, RouteOp>(
      op);
}

/// Clones into the kernel the weights that its ops read.
static void cloneWeights(ArrayRef<Operation *> ops, OpBuilder &builder) {
  DenseMap<Value, Value> clones;
  for (Operation *op : ops)
    for (OpOperand &operand : op->getOpOperands()) {
      auto weight = operand.get().getDefiningOp<WeightOp>();
      if (!weight)
        continue;
      Value &clone = clones[weight];
      if (!clone)
        clone = builder.clone(*weight)->getResult(0);
      operand.set(clone);
    }
}

FusedOp moveIntoFused(ArrayRef<Operation *> ops, Operation *place) {
  llvm::SetVector<Operation *> inside(ops.begin(), ops.end());
  SmallVector<Value> yielded;
  SmallVector<Location> locations;
  for (Operation *op : ops) {
    locations.push_back(op->getLoc());
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !inside.contains(user); }))
        yielded.push_back(result);
  }

  OpBuilder builder(place);
  Location loc = builder.getFusedLoc(locations);
  auto fused = FusedOp::create(builder, loc, ValueRange(yielded).getTypes());
  Block *body = &fused.getBody().emplaceBlock();
  builder.setInsertionPointToEnd(body);
  cloneWeights(ops, builder);
  for (Operation *op : ops)
    op->moveBefore(body, body->end());
  builder.setInsertionPointToEnd(body);
  YieldOp::create(builder, loc, yielded);
  for (auto [value, result] : llvm::zip(yielded, fused.getResults()))
    value.replaceUsesWithIf(result, [&](OpOperand &use) {
      return use.getOwner()->getBlock() != body;
    });
  return fused;
}

} // namespace sinter
