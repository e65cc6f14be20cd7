//===- TargetInterface.cpp - What passes ask of a target ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/TargetInterface.h"

using namespace mlir;
using namespace sinter;

#include "dialect/IR/TargetInterface.cpp.inc"

/// The outermost module, which has the target.
static ModuleOp moduleOf(Operation *op) {
  while (Operation *parent = op->getParentOp())
    op = parent;
  return dyn_cast<ModuleOp>(op);
}

TargetInterface sinter::findTarget(Operation *op) {
  ModuleOp module = moduleOf(op);
  return module ? module->getAttrOfType<TargetInterface>(kTarget)
                : TargetInterface();
}

TargetInterface sinter::requireTarget(Operation *op) {
  TargetInterface target = findTarget(op);
  if (!target)
    op->emitError("the module has no target (attribute ")
        << kTarget << "): run a pass that attaches one first, such as "
        << "sinter-attach-cpu-target";
  return target;
}

FailureOr<Workspace> sinter::workspaceOf(Operation *kernel) {
  if (isa<FusedOp>(kernel))
    return Workspace();
  TargetInterface target = requireTarget(kernel);
  if (!target)
    return failure();
  return target.workspace(kernel);
}
