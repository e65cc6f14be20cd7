//===- FuseRows.cpp - Chains of token-wise ops as kernels -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/FuseRows/FuseRows.h"

#include "dialect/IR/Fusion.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_FUSEROWS
#include "passes/FuseRows/FuseRows.h.inc"

namespace {

/// The (batch, tokens) that an op works on. A kernel has one number of tokens.
ArrayRef<int64_t> tokensOf(Operation *op) {
  Value tensor = isa<AppendOp>(op) ? op->getOperand(0) : op->getResult(0);
  return cast<RankedTensorType>(tensor.getType()).getShape().take_front(2);
}

struct FuseRows : impl::FuseRowsBase<FuseRows> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      SmallVector<SmallVector<Operation *>> runs(1);
      for (Operation &op : block) {
        ArrayRef<Operation *> run = runs.back();
        if (isTokenwise(&op) &&
            (run.empty() || tokensOf(run.back()) == tokensOf(&op)))
          runs.back().push_back(&op);
        else if (isTokenwise(&op))
          runs.push_back({&op});
        else if (!isBesideKernels(&op))
          runs.emplace_back();
      }
      for (ArrayRef<Operation *> run : runs)
        fuse(run);
    }
  }

  /// A reshape at either end of a run is left outside: it only renames.
  void fuse(ArrayRef<Operation *> run) {
    while (!run.empty() && isa<ReshapeOp>(run.front()))
      run = run.drop_front();
    while (!run.empty() && isa<ReshapeOp>(run.back()))
      run = run.drop_back();
    if (run.size() < 2)
      return;
    // In place of the last op: the free ops between the first and the last
    // then stand in front.
    moveIntoFused(run, run.back()->getNextNode());
    ++numKernels;
  }
};

} // namespace
} // namespace sinter
