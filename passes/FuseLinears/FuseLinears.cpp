//===- FuseLinears.cpp - Linears and their epilogues as kernels -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/FuseLinears/FuseLinears.h"

#include "dialect/IR/Fusion.h"
#include "mlir/IR/Dominance.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_FUSELINEARS
#include "passes/FuseLinears/FuseLinears.h.inc"

namespace {

/// The ops of one kernel, in the order of the function.
struct Kernel {
  llvm::SetVector<Operation *> ops;
  Operation *first() const { return ops.front(); }
};

/// True if `value` can be read at `kernel`'s place: it is made by the kernel,
/// or before it, or is a weight (whose op moves into the kernel).
bool isAvailable(Value value, const Kernel &kernel,
                 const DominanceInfo &dominance) {
  Operation *maker = value.getDefiningOp();
  if (maker && (kernel.ops.contains(maker) || isa<WeightOp>(maker)))
    return true;
  return dominance.properlyDominates(value, kernel.first());
}

/// Adds to the kernel the element-wise ops that finish its results, and what
/// lays these out for the next linear.
unsigned addEpilogue(Kernel &kernel, const DominanceInfo &dominance) {
  unsigned before = kernel.ops.size();
  for (size_t i = 0; i < kernel.ops.size(); ++i) {
    Value result = kernel.ops[i]->getResult(0);
    if (!result.hasOneUse())
      continue;
    Operation *user = *result.user_begin();
    bool sameType = user->getNumResults() == 1 &&
                    user->getResult(0).getType() == result.getType();
    bool fits = ((isElementwise(user) && sameType) || roundsToFloats(user)) &&
                !kernel.ops.contains(user) &&
                user->getBlock() == kernel.first()->getBlock() &&
                llvm::all_of(user->getOperands(), [&](Value operand) {
                  return isAvailable(operand, kernel, dominance);
                });
    if (fits)
      kernel.ops.insert(user);
  }
  return kernel.ops.size() - before;
}

struct FuseLinears : impl::FuseLinearsBase<FuseLinears> {
  void runOnOperation() override {
    DominanceInfo dominance(getOperation());
    llvm::MapVector<Value, Kernel> kernels;
    for (Block &block : getOperation().getBody())
      for (auto linear : block.getOps<LinearOp>())
        kernels[linear.getInput()].ops.insert(linear);
    for (auto &[input, kernel] : kernels) {
      dropUnreachable(kernel, dominance);
      numEpilogues += addEpilogue(kernel, dominance);
      moveIntoFused(kernel.ops.getArrayRef(), kernel.first());
      ++numKernels;
    }
  }

  /// A linear whose operands come after the kernel's first op stays outside.
  static void dropUnreachable(Kernel &kernel, const DominanceInfo &dominance) {
    kernel.ops.remove_if([&](Operation *op) {
      return op != kernel.first() &&
             !llvm::all_of(op->getOperands(), [&](Value operand) {
               return isAvailable(operand, kernel, dominance);
             });
    });
  }
};

} // namespace
} // namespace sinter
