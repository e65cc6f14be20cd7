//===- SinterOps.cpp - Verifiers ------------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Labels such as linear_c2 are the numbered constraints of the ops'
// descriptions; a test checks that each stands here and in the tests.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Sinter.h"

using namespace mlir;
using namespace sinter;

LogicalResult ParamOp::verify() { return success(); }
LogicalResult LayerTableOp::verify() { return success(); }
LogicalResult StackOp::verify() { return success(); }
LogicalResult EmbedOp::verify() { return success(); }
LogicalResult LinearOp::verify() { return success(); }
LogicalResult QuantizeOp::verify() { return success(); }
LogicalResult RmsNormOp::verify() { return success(); }
LogicalResult AddOp::verify() { return success(); }
LogicalResult MulOp::verify() { return success(); }
LogicalResult ReshapeOp::verify() { return success(); }
LogicalResult LastOp::verify() { return success(); }
LogicalResult RopeAnglesOp::verify() { return success(); }
LogicalResult RopeOp::verify() { return success(); }
LogicalResult AppendOp::verify() { return success(); }
LogicalResult AttentionOp::verify() { return success(); }
LogicalResult FusedOp::verify() { return success(); }
LogicalResult WeightOp::verifySymbolUses(SymbolTableCollection &) { return success(); }
LogicalResult LayerValueOp::verifySymbolUses(SymbolTableCollection &) { return success(); }
LogicalResult StackOp::verifySymbolUses(SymbolTableCollection &) { return success(); }

#define GET_OP_CLASSES
#include "dialect/IR/SinterOps.cpp.inc"
