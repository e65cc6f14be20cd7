//===- AttachTarget.cpp - A CPU as the module's target --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/AttachTarget/AttachTarget.h"

#include "codegen/cpu/IR/Cpu.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_ATTACHTARGET
#include "codegen/cpu/passes/AttachTarget/AttachTarget.h.inc"

namespace {

struct AttachTarget : impl::AttachTargetBase<AttachTarget> {
  using AttachTargetBase::AttachTargetBase;

  void runOnOperation() override {
    Result<Target> target = parseTarget(features.getValue());
    if (target)
      return attachTarget(getOperation(), *target);
    getOperation().emitError(target.message());
    signalPassFailure();
  }
};

} // namespace
} // namespace sinter
