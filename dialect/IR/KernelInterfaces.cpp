//===- KernelInterfaces.cpp - What kernels ask of ops ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/KernelInterfaces.h"

#include "dialect/IR/Sinter.h"

using namespace mlir;
using namespace sinter;

#include "dialect/IR/KernelInterfaces.cpp.inc"

Share sinter::shareOf(Operation *kernel) {
  if (auto share = kernel->getAttrOfType<ShareAttr>(kShare))
    return share.getValue();
  return cast<KernelOpInterface>(kernel).getNaturalShare();
}

/// Activations and caches: not numbers, vectors of weights, or tables.
static bool isShared(Value value) {
  if (value.getDefiningOp<WeightOp>())
    return false;
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  return tensor ? tensor.getRank() > 1 : isa<CacheType>(value.getType());
}

Share FusedOp::getNaturalShare() {
  bool linear = llvm::any_of(getBody().front(),
                             [](Operation &op) { return isa<LinearOp>(op); });
  return linear ? Share::Panels : Share::Rows;
}

SmallVector<Access> FusedOp::getAccesses() {
  SmallVector<Access> accesses;
  Block &body = getBody().front();
  bool ownRow = llvm::none_of(body, [](Operation &op) {
    auto compute = dyn_cast<ComputeOpInterface>(op);
    return compute && compute.getReach() > Reach::Row;
  });
  for (Operation &op : body) {
    for (Value operand : op.getOperands())
      if (operand.getParentBlock() != &body && isShared(operand) &&
          !isa<CacheType>(operand.getType()))
        accesses.push_back({operand, /*writes=*/false, ownRow});
    if (auto append = dyn_cast<AppendOp>(op))
      accesses.push_back({append.getCache(), /*writes=*/true, ownRow});
  }
  for (Value result : getResults())
    if (!isa<CacheType>(result.getType()))
      accesses.push_back({result, /*writes=*/true, /*ownRow=*/true});
  return accesses;
}

/// Of a kernel that is one op: any worker may read all.
static SmallVector<Access> accessesOf(Operation *op) {
  SmallVector<Access> accesses;
  for (Value operand : op->getOperands())
    if (isShared(operand))
      accesses.push_back({operand});
  for (Value result : op->getResults())
    accesses.push_back({result, /*writes=*/true});
  return accesses;
}

Share AttentionOp::getNaturalShare() { return Share::Heads; }

SmallVector<Access> AttentionOp::getAccesses() { return accessesOf(*this); }

Share MoeOp::getNaturalShare() { return Share::Experts; }

SmallVector<Access> MoeOp::getAccesses() { return accessesOf(*this); }
