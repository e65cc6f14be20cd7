//===- LinearFused.cpp - From a fused op to a linear kernel ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Finds the groups of linears that meet in element-wise ops, and makes those
// ops the epilogue of the groups' products, with what lays the results out for
// the next linear.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/LinearKernel.h"

#include "codegen/cpu/TiledStore.h"
#include "llvm/ADT/EquivalenceClasses.h"

using namespace mlir;
using namespace sinter;

namespace {

/// Evaluates what follows the products, at one place.
class Epilogue : public Elementwise {
public:
  using Elementwise::Elementwise;

  void setProduct(LinearOp linear, Value product, const Place &place) {
    if (Value bias = linear.getBias())
      product = e.addF(product, evaluate(bias, place));
    set(linear.getResult(), round(product, linear.getType().getElementType()));
  }

  /// What is stored as `value`, before it is rounded.
  Value evaluateYielded(Value value, const Place &place) {
    auto quantize = value.getDefiningOp<QuantizeOp>();
    return evaluate(quantize ? quantize.getInput() : value, place);
  }

  void storeYielded(Value value, Value vector, const Place &place) {
    if (!value.getDefiningOp<QuantizeOp>())
      return store(value, vector, place);
    auto type = cast<RankedTensorType>(value.getType());
    storeTiledFloats(e, LinearInput::of(type, operands.address(value)),
                     place.token, place.feature, vector);
  }
};

/// Whether an op of a kernel may follow a linear of it.
bool mayFollow(Operation *op) {
  return isElementwise(op) || roundsToFloats(op);
}

/// A group's part of the fused op.
struct Part {
  SmallVector<LinearOp, 2> linears;
  SmallVector<Value, 2> yielded;
};

/// Ops that are joined by element-wise ops, with what of them is yielded, in
/// the order of the first linear of each.
FailureOr<SmallVector<Part>> partsOf(FusedOp fused) {
  Block &body = fused.getBody().front();
  llvm::EquivalenceClasses<Operation *> joined;
  for (Operation &op : body.without_terminator()) {
    if (isa<LinearOp>(op))
      joined.insert(&op);
    if (!mayFollow(&op))
      continue;
    joined.insert(&op);
    for (Value operand : op.getOperands())
      if (Operation *from = operand.getDefiningOp())
        if (from->getBlock() == &body &&
            (isa<LinearOp>(from) || mayFollow(from)))
          joined.unionSets(&op, from);
  }
  SmallVector<Part> parts;
  DenseMap<Operation *, size_t> partOf;
  body.walk([&](LinearOp linear) {
    auto [found, isNew] =
        partOf.try_emplace(joined.getLeaderValue(linear), parts.size());
    if (isNew)
      parts.emplace_back();
    parts[found->second].linears.push_back(linear);
  });
  for (Value value : body.getTerminator()->getOperands()) {
    Operation *op = value.getDefiningOp();
    auto leader = joined.findLeader(op);
    if (leader == joined.member_end() || !partOf.contains(*leader))
      return fused.emitError("yields a value that no linear in it computes");
    parts[partOf[*leader]].yielded.push_back(value);
  }
  return parts;
}

LogicalResult checkPart(const Part &part, Value input) {
  auto rows = [](LinearOp linear) {
    return cast<RankedTensorType>(linear.getWeight().getType()).getDimSize(0);
  };
  for (LinearOp linear : part.linears) {
    if (linear.getInput() != input)
      return linear.emitOpError("in one kernel with linears of another input");
    if (linear.getType().getRank() != 3)
      return linear.emitOpError("must have an input of shape (batch, tokens, "
                                "features) to be compiled");
    if (rows(linear) != rows(part.linears[0]))
      return linear.emitOpError("meets a linear of another size");
  }
  return success();
}

} // namespace

LogicalResult sinter::emitLinearKernel(Emitter &e, FusedOp fused,
                                       KernelOperands &operands) {
  FailureOr<SmallVector<Part>> parts = partsOf(fused);
  if (failed(parts))
    return failure();
  if (parts->empty())
    return fused.emitError("has no linear to make a kernel of");
  Value input = parts->front().linears[0].getInput();
  LinearPlan plan;
  plan.input = LinearInput::of(cast<RankedTensorType>(input.getType()),
                               operands.address(input));
  plan.tokens = operands.rowsOf(input);
  for (const Part &part : *parts) {
    if (failed(checkPart(part, input)))
      return failure();
    LinearGroup &group = plan.groups.emplace_back();
    for (LinearOp linear : part.linears) {
      Value weight = linear.getWeight();
      group.matrices.push_back(WeightMatrix::of(
          cast<RankedTensorType>(weight.getType()), operands.address(weight)));
    }
  }
  Epilogue epilogue(e, operands);
  plan.finish = [&](size_t group, ArrayRef<Value> products,
                    const Place &place) {
    const Part &part = (*parts)[group];
    epilogue.clear();
    for (auto [linear, product] : llvm::zip(part.linears, products))
      epilogue.setProduct(linear, product, place);
    // All loads before the first store: a result may lie on an operand.
    SmallVector<Value> vectors;
    for (Value value : part.yielded)
      vectors.push_back(epilogue.evaluateYielded(value, place));
    for (auto [value, vector] : llvm::zip(part.yielded, vectors))
      epilogue.storeYielded(value, vector, place);
  };
  plan.prefetch = [&](size_t group, const Place &place) {
    for (Value value : (*parts)[group].yielded)
      if (!value.getDefiningOp<QuantizeOp>())
        e.prefetch(epilogue.addressOf(value, place));
  };
  emitLinears(e, plan);
  return success();
}
