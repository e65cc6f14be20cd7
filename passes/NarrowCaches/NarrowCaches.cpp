//===- NarrowCaches.cpp - Caches of 16 bits -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/NarrowCaches/NarrowCaches.h"

#include "dialect/IR/Sinter.h"

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
    // Caches are arguments handed on: their types change everywhere at once.
    AttrTypeReplacer replacer;
    replacer.addReplacement([](CacheType type) -> Type {
      if (!type.getElementType().isF32())
        return type;
      return CacheType::get(type.getContext(), type.getSlots(), type.getHeads(),
                            type.getDim(), Float16Type::get(type.getContext()),
                            type.getRing());
    });
    replacer.recursivelyReplaceElementsIn(getOperation(), /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);
  }
};

} // namespace
} // namespace sinter
