//===- Effects.cpp - Ops that have memory of their own --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A memory plan says where a kernel's results lie from when on. An equal kernel
// writes elsewhere or later, so that one must not stand for the other; but one
// whose results nobody reads may go. That is what allocated results are.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Sinter.h"

using namespace mlir;
using namespace sinter;

using Effects =
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

static void allocateResults(Operation *op, Effects &effects) {
  for (OpResult result : op->getOpResults())
    effects.emplace_back(MemoryEffects::Allocate::get(), result);
}

static void allocatePlanned(Operation *op, Effects &effects) {
  if (op->hasAttr(kPlace))
    allocateResults(op, effects);
}

void CopyOp::getEffects(Effects &effects) { allocateResults(*this, effects); }

void FusedOp::getEffects(Effects &effects) { allocatePlanned(*this, effects); }

void AttentionOp::getEffects(Effects &effects) {
  allocatePlanned(*this, effects);
}

void MoeOp::getEffects(Effects &effects) { allocatePlanned(*this, effects); }
