//===- NarrowCaches.td - Caches of 16 bits ------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def NarrowCaches : Pass<"sinter-narrow-caches", "::mlir::ModuleOp"> {
  let summary = "Keeps keys and values as f16 where activations are rounded anyway";
  let description = [{
    Where the inputs of products were rounded (`sinter.quantize`, a quantized `sinter.moe`), f32 caches become f16 ones if the module's target converts these: half the memory that a token
    with much before it reads. f16 rounds to 2^-11, less than eight bits do. Values change: this is an approximation, listed by `explain` and
    forbidden by `--cache=f32`. Left alone: modules without rounded activations, caches of other types.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
}
