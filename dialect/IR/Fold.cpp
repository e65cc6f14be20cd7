//===- Fold.cpp - Folds that simplify without changing a bit --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Only what specs produce when a parameter is neutral (a factor of 1, a zero
// bias, a reshape between two views): real rewrites are passes.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Sinter.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace sinter;

/// Whether `attr` is a constant all of whose elements are `value`.
static bool isSplat(Attribute attr, double value) {
  auto elements = dyn_cast_or_null<DenseFPElementsAttr>(attr);
  return elements && elements.isSplat() &&
         elements.getSplatValue<APFloat>().isExactlyValue(value);
}

// x + (-0) is x; x + 0 is x but for the sign of a zero, which no result of a
// model depends on.
OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getRhs(), 0.0) || isSplat(adaptor.getRhs(), -0.0))
    return getLhs();
  return {};
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getRhs(), 0.0))
    return getLhs();
  return {};
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getRhs(), 1.0))
    return getLhs();
  return {};
}

OpFoldResult ScaleOp::fold(FoldAdaptor) {
  if (getFactor().isExactlyValue(1.0))
    return getInput();
  return {};
}

OpFoldResult QuantizeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  return {};
}

/// reshape of reshape -> one reshape; to the same type -> nothing.
OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  auto inner = getInput().getDefiningOp<ReshapeOp>();
  if (!inner)
    return {};
  if (inner.getInput().getType() == getResult().getType())
    return inner.getInput();
  getInputMutable().assign(inner.getInput());
  return getResult();
}

/// A slice of all is the input; a slice of a slice is one.
OpFoldResult SliceOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  auto inner = getInput().getDefiningOp<SliceOp>();
  if (!inner)
    return {};
  setOffset(getOffset() + inner.getOffset());
  getInputMutable().assign(inner.getInput());
  return getResult();
}
