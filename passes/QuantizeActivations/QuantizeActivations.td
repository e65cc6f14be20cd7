//===- QuantizeActivations.td - Activations for block weights -*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def QuantizeActivations : Pass<"sinter-quantize-activations", "::mlir::func::FuncOp"> {
  let summary = "Makes linears of low-precision weights read low-precision activations";
  let description = [{
    A linear whose weight is stored in blocks (q8_0, q4_0, q4_1) reads its activations through a `sinter.quantize` to a8, so that products are integer,
    or with `a16` to a16: blocks with outliers, by `crest`, get 16 bits, and all of them with a crest of 0. With `bf16`, one whose weight is bf16 reads bf16 if the module's target multiplies such. Linears that share an input share the quantized value. A moe whose
    weights are all blocks becomes `quantized`. Values change: this is an
    approximation, listed by `explain` and forbidden by `--activations=float`. Left alone: other weights, inputs already quantized, routers
    (linears whose result, or what element-wise ops make of it, goes to `sinter.route`).
  }];
  let options = [
    Option<"a16", "a16", "bool", "false", "Round to a16 instead of a8">,
    Option<"crest", "crest", "double", "0", "With a16, the largest value of a block over its root mean square from which it has 16 bits">,
    Option<"bf16", "bf16", "bool", "true", "Round activations of bf16 weights to bf16 where the target has a dot product of them">];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [Statistic<"numQuantized", "activations-quantized", "Activations quantized">];
}
