//===- SinterOps.cpp - Classes of the ops ---------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The generated code. Verifiers stand by theme in Verify*.cpp, folds in
// Fold.cpp.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Sinter.h"

using namespace mlir;
using namespace sinter;

void AttentionOp::build(OpBuilder &builder, OperationState &state, Type result,
                        Value query, Value key, Value value, Value slot,
                        Value past, Value window, FloatAttr scale,
                        MaskAttr mask, FloatAttr softCap) {
  build(builder, state, result, query, key, value, slot, past, window, scale,
        mask, softCap, /*chunk=*/builder.getI64IntegerAttr(0),
        /*memory=*/builder.getI64IntegerAttr(0), /*keys=*/Value(),
        /*first=*/Value(), /*key_mask=*/Value(), /*prefix=*/Value(),
        /*slopes=*/Value(), /*sinks=*/Value(), /*map=*/Value(),
        /*bias=*/Value(), /*rel_map=*/Value(), /*rel_query=*/Value(),
        /*rel_keys=*/Value(), /*rel_queries=*/Value(),
        /*rel_values=*/Value());
}

void AttentionOp::build(OpBuilder &builder, OperationState &state, Type result,
                        Value query, Value key, Value value, Value slot,
                        Value past, Value window, APFloat scale, Mask mask,
                        APFloat softCap) {
  Type f32 = builder.getF32Type();
  build(builder, state, result, query, key, value, slot, past, window,
        FloatAttr::get(f32, scale), MaskAttr::get(builder.getContext(), mask),
        FloatAttr::get(f32, softCap));
}

#define GET_OP_CLASSES
#include "dialect/IR/SinterOps.cpp.inc"
