//===- NarrowCaches.cpp - Caches of 16 bits -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/NarrowCaches/NarrowCaches.h"

#include "dialect/IR/TargetInterface.h"

#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_NARROWCACHES
#include "passes/NarrowCaches/NarrowCaches.h.inc"

namespace {

struct NarrowCaches : impl::NarrowCachesBase<NarrowCaches> {
  using NarrowCachesBase::NarrowCachesBase;

  void runOnOperation() override {
    WalkResult rounded = getOperation().walk([](Operation *op) {
      auto moe = dyn_cast<MoeOp>(op);
      return isa<QuantizeOp>(op) || (moe && moe.getQuantized())
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (!rounded.wasInterrupted())
      return markAllAnalysesPreserved();
    TargetInterface target = requireTarget(getOperation());
    if (!target)
      return signalPassFailure();
    Type narrow = target.cacheElement();
    if (!narrow)
      return markAllAnalysesPreserved();
    // Caches are arguments handed on: their types change everywhere at once.
    AttrTypeReplacer replacer;
    replacer.addReplacement([narrow](CacheType type) -> Type {
      if (!type.getElementType().isF32())
        return type;
      return CacheType::get(type.getContext(), type.getSlots(), type.getHeads(),
                            type.getDim(), narrow, type.getRing());
    });
    replacer.recursivelyReplaceElementsIn(getOperation(), /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);
  }
};

} // namespace
} // namespace sinter
