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
  auto compute = dyn_cast<ComputeOpInterface>(op);
  return compute && compute.getReach() == Reach::Element;
}

bool roundsToFloats(Operation *op) {
  auto quantize = dyn_cast<QuantizeOp>(op);
  return quantize && !isa<BlockType>(quantize.getType().getElementType());
}

bool isTokenwise(Operation *op) {
  auto compute = dyn_cast<ComputeOpInterface>(op);
  return compute && compute.getJoins() == Joins::Rows;
}

bool mayBeInKernel(Operation *op) {
  return isa<ComputeOpInterface>(op) && !isa<KernelOpInterface>(op);
}

bool isBesideKernels(Operation *op) {
  return op->hasTrait<BesideKernels>() || op->hasTrait<OpTrait::ConstantLike>();
}

bool isOneRow(RankedTensorType tensor) {
  return tensor.getRank() >= 2 && tensor.getDimSize(0) == 1 &&
         tensor.getDimSize(1) == 1;
}

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

bool isCopyable(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() > 1 && !tensor.getEncoding() &&
         isa<FloatType>(tensor.getElementType());
}

/// Whether an op computes; weights, constants and the like are only there.
LogicalResult separateResults(FusedOp kernel) {
  Block &body = kernel.getBody().front();
  Operation *yield = body.getTerminator();
  OpBuilder builder(yield);
  llvm::SmallDenseSet<Value> seen;
  for (OpOperand &operand : yield->getOpOperands()) {
    Value value = operand.get();
    Operation *maker = value.getDefiningOp();
    bool isMade = maker && maker->getBlock() == &body && mayBeInKernel(maker);
    if (isMade && seen.insert(value).second)
      continue;
    Type type = value.getType();
    if (isMade && !isa<CacheType>(type)) {
      unsigned number = cast<OpResult>(value).getResultNumber();
      operand.set(builder.clone(*maker)->getResult(number));
      continue;
    }
    if (!isCopyable(type))
      return kernel.emitOpError()
             << "yields value " << operand.getOperandNumber()
             << " twice or without computing it, but " << type
             << " cannot be copied";
    operand.set(CopyOp::create(builder, kernel.getLoc(), type, value));
  }
  return success();
}

} // namespace sinter
