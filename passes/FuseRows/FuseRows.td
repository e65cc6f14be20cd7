//===- FuseRows.td - Chains of token-wise ops as kernels ------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def FuseRows : Pass<"sinter-fuse-rows", "::mlir::func::FuncOp"> {
  let summary = "Groups neighbouring ops that work on one token at a time";
  let description = [{
    A run of ops whose result for a token depends on that token only (norms, rope, append, quantize, element-wise ops, embed) becomes one `sinter.fused`,
    so that a token's features are read once and finished before the next. Numbers do not change. A run has
    one number of tokens: ops on a table of rows are runs of their own. Left alone: runs of one op, and runs that only
    reshape.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [Statistic<"numKernels", "kernels", "Row kernels made">];
}
