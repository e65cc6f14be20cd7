//===- RowShapes.cpp - Which features of a row are at hand ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A loop over the features of a token evaluates a value and all that it is
// computed from: this finds into which parts the features fall, and what has to
// be in memory before because the parts of two ops do not fit each other.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/RowKernel.h"

using namespace mlir;
using namespace sinter;

bool RowKernel::isInside(Value value) {
  return value.getParentBlock() == &fused.getBody().front();
}

/// Operands that an op reads at other features than those of its result.
static SmallVector<Value, 2> elsewhereOperands(Operation *op) {
  if (isa<SliceOp, ConcatOp, MixOp>(op))
    return op->getOperands();
  if (auto scale = dyn_cast<ScaleTokensOp>(op))
    return {scale.getFactors()};
  if (auto rope = dyn_cast<RopeOp>(op))
    return {rope.getAngles()};
  return {};
}

/// Ops inside the kernel that `value` is computed from at the same place, up to
/// what is in memory.
void RowKernel::collectCone(Value value, Cone &cone) {
  if (!isInside(value) || stored.contains(value) || rows.contains(value))
    return;
  Operation *op = value.getDefiningOp();
  SmallVector<Value, 2> elsewhere = elsewhereOperands(op);
  for (Value operand : op->getOperands())
    if (isa<RankedTensorType>(operand.getType()) &&
        !llvm::is_contained(elsewhere, operand))
      collectCone(operand, cone);
  cone.insert(op);
}

bool sinter::isNorm(Operation *op) {
  auto compute = dyn_cast<ComputeOpInterface>(op);
  return compute && compute.getReach() == Reach::Statistics;
}

bool sinter::isOfRow(Operation *norm) {
  Type type = norm->getResult(0).getType();
  return lastDimOf(type) == featuresOf(type);
}

/// Whether an element-wise op has a vector that repeats for each head.
static bool hasVectorOfHeads(Operation *op) {
  return isElementwise(op) && llvm::any_of(op->getOperands(), [&](Value value) {
           auto type = dyn_cast<RankedTensorType>(value.getType());
           return type && type.getRank() == 1 &&
                  type.getDimSize(0) < featuresOf(op->getResult(0).getType());
         });
}

bool sinter::readsBlocks(Operation *op) {
  auto embed = dyn_cast<EmbedOp>(op);
  return embed &&
         isa<BlockType>(cast<RankedTensorType>(embed.getTable().getType())
                            .getElementType());
}

bool sinter::isBoundToHeads(Operation *op) {
  return isa<RopeOp, SliceOp, ConcatOp, MixOp, SinusoidsOp>(op) ||
         (isNorm(op) && !isOfRow(op)) || hasVectorOfHeads(op);
}

/// Whether `value` can be evaluated at any features, whatever else the kernel
/// does there.
bool RowKernel::isLoose(Value value) {
  Cone cone;
  collectCone(value, cone);
  return llvm::none_of(cone, [](Operation *op) {
    return isNorm(op) || isBoundToHeads(op) || readsBlocks(op) ||
           isa<RopeAnglesOp>(op);
  });
}

static bool isWeight(Value value) {
  return value.getDefiningOp<WeightOp>() != nullptr;
}

/// Computes into memory what is read elsewhere than at its own place and
/// cannot be evaluated just anywhere.
LogicalResult RowKernel::prepareElsewhere(Value value) {
  Cone cone;
  collectCone(value, cone);
  for (Operation *op : cone) {
    for (Value operand : elsewhereOperands(op)) {
      // Angles are made for the pairs that a rope asks for.
      bool angles = isa<RopeOp>(op) && operand.getDefiningOp<RopeAnglesOp>();
      // What is read again and again is computed once.
      bool needed = !isLoose(operand) || (isa<MixOp>(op) && !isWeight(operand));
      if (!angles && needed && failed(materialize(operand)))
        return failure();
      if (isLoose(operand) && failed(prepareElsewhere(operand)))
        return failure();
    }
    auto rope = dyn_cast<RopeOp>(op);
    if (rope && crossesBounds(rope) && failed(materialize(rope.getInput())))
      return failure();
  }
  return success();
}

/// First of the features that a rope rotates, and the first after them.
static std::pair<int64_t, int64_t> rotatedBy(RopeOp rope) {
  auto angles = cast<RankedTensorType>(rope.getAngles().getType());
  int64_t from = rope.getOffset();
  return {from, from + 2 * angles.getDimSize(2)};
}

/// A rope reads its input at two places, which have to be alike: only ropes of
/// other features may come before it.
bool RowKernel::crossesBounds(RopeOp rope) {
  auto [from, to] = rotatedBy(rope);
  Cone cone;
  collectCone(rope.getInput(), cone);
  return llvm::any_of(cone, [&, from = from, to = to](Operation *op) {
    if (auto other = dyn_cast<RopeOp>(op)) {
      auto [otherFrom, otherTo] = rotatedBy(other);
      return otherFrom < to && from < otherTo;
    }
    return isa<ConcatOp, SinusoidsOp>(op);
  });
}

/// Bounds inside heads beyond which an op treats features differently.
static void addBounds(Operation *op, llvm::SmallSetVector<int64_t, 4> &bounds) {
  if (auto rope = dyn_cast<RopeOp>(op)) {
    auto [from, to] = rotatedBy(rope);
    bounds.insert(from);
    bounds.insert(to);
    if (rope.getPairs() == RopePairs::Halves)
      bounds.insert((from + to) / 2);
  }
  if (auto sinusoids = dyn_cast<SinusoidsOp>(op)) {
    int64_t width = lastDimOf(sinusoids.getType());
    if (sinusoids.getPairs() == RopePairs::Halves)
      bounds.insert((width + 1) / 2);
    else if (width % 2)
      bounds.insert(width - 1);
  }
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    int64_t end = 0;
    for (Value input : concat.getInputs())
      bounds.insert(end += lastDimOf(input.getType()));
  }
}

FailureOr<RowKernel::Shape> RowKernel::shapeOf(Value value, int64_t headSize) {
  Cone cone;
  collectCone(value, cone);
  Shape shape;
  shape.features = featuresOf(value.getType());
  shape.headSize = headSize;
  llvm::SmallSetVector<int64_t, 4> bounds;
  for (Operation *op : cone) {
    if (!isBoundToHeads(op))
      continue;
    int64_t size = lastDimOf(op->getResult(0).getType());
    if (shape.headSize && shape.headSize != size)
      return failure();
    shape.headSize = size;
    addBounds(op, bounds);
  }
  if (!shape.headSize)
    shape.headSize = shape.features;
  bounds.insert(0);
  bounds.insert(shape.headSize);
  shape.bounds.assign(bounds.begin(), bounds.end());
  llvm::sort(shape.bounds);
  bool parts = shape.headSize != shape.features || shape.bounds.size() > 2;
  if (parts && llvm::any_of(cone, readsBlocks))
    return failure();
  return shape;
}
