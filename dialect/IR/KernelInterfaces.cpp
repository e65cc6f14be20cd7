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

bool FusedOp::isCutByRows() {
  return llvm::all_of(getBody().front(), [](Operation &op) {
    auto compute = dyn_cast<ComputeOpInterface>(op);
    return !compute || (compute.getReach() != Reach::Sequence &&
                        compute.getJoins() != Joins::Linears);
  });
}

bool AttentionOp::isCutByRows() { return false; }

bool MoeOp::isCutByRows() { return false; }
