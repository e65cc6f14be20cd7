//===- FormKernels.cpp - Every op in a kernel -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/FormKernels/FormKernels.h"

#include "dialect/IR/Fusion.h"
#include "dialect/IR/StoredLayout.h"
#include "dialect/IR/TargetInterface.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_FORMKERNELS
#include "passes/FormKernels/FormKernels.h.inc"

namespace {

/// Makes each op of the function that computes a kernel.
void wrapLoneOps(func::FuncOp function) {
  for (Operation &op : llvm::make_early_inc_range(function.getBody().front())) {
    if (!mayBeInKernel(&op) || isBesideKernels(&op))
      continue;
    if (op.use_empty())
      op.erase();
    else
      moveIntoFused(&op, &op);
  }
}

/// Whether a value is a tensor of one row, that only linears read.
bool isRowOfLinears(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && isOneRow(type) &&
         llvm::all_of(value.getUsers(),
                      [](Operation *user) { return isa<LinearOp>(user); });
}

/// Whether every worker can do all of a kernel for itself: it makes rows of
/// tokens, and leaves nothing that others see, caches neither.
bool isReplicable(FusedOp fused) {
  return llvm::all_of(fused.getBody().front().without_terminator(),
                      [](Operation &op) {
                        return !isa<AppendOp>(op) &&
                               (isTokenwise(&op) || isBesideKernels(&op));
                      }) &&
         llvm::all_of(fused.getResults(), isRowOfLinears);
}

struct FormKernels : impl::FormKernelsBase<FormKernels> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    if (!function.getBody().hasOneBlock()) {
      function.emitOpError("must be a straight line of ops");
      return signalPassFailure();
    }
    TargetInterface target = requireTarget(function);
    if (!target)
      return signalPassFailure();
    wrapLoneOps(function);
    for (auto fused : function.getOps<FusedOp>())
      if (failed(separateResults(fused)))
        return signalPassFailure();
    for (auto kernel : function.getOps<KernelOpInterface>())
      share(kernel, target);
  }

private:
  void share(KernelOpInterface kernel, TargetInterface target) {
    Share share = kernel.getNaturalShare();
    auto fused = dyn_cast<FusedOp>(kernel.getOperation());
    if (fused && share == Share::Rows && fused.getNumResults() &&
        isReplicable(fused)) {
      int64_t bytes = 0;
      for (Type type : fused.getResultTypes())
        bytes += tokenBytes(cast<RankedTensorType>(type));
      if (target.replicates(bytes))
        share = Share::Replicated;
    }
    kernel->setAttr(kShare, ShareAttr::get(&getContext(), share));
    ++numKernels;
    numReplicated += share == Share::Replicated;
  }
};

} // namespace
} // namespace sinter
