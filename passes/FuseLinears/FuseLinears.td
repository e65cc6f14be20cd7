//===- FuseLinears.td - Linears and their epilogues as kernels -*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def FuseLinears : Pass<"sinter-fuse-linears", "::mlir::func::FuncOp"> {
  let summary = "Groups linears that read the same activations, with what follows element-wise";
  let description = [{
    Linears with one input (q, k, v; gate, up) become one `sinter.fused`, and element-wise ops on their results (bias, activation, gate product, residual)
    join them, if their other operands are made in the group or before it and the value that they read has no other use. So does a `sinter.quantize` to
    floats (bf16, or tiles of f32): the next linear's activations are stored as it reads them. Activations are then read once, and results are finished in registers. Numbers do not change. Left alone: ops whose other operand comes later, results with several uses,
    quantization to blocks (a block is wider than a panel).
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [
    Statistic<"numKernels", "kernels", "Linear kernels made">,
    Statistic<"numEpilogues", "epilogue-ops", "Element-wise ops that became part of one">];
}
