//===- FormKernels.td - Every op in a kernel ------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def FormKernels : Pass<"sinter-form-kernels", "::mlir::func::FuncOp"> {
  let summary = "Puts each op that computes into a kernel, and says how its work is shared";
  let description = [{
    Ops that fusion left alone get a `sinter.fused` of their own, and each result of a kernel becomes a value that the kernel computes.
    Then each kernel has the attribute `sinter.share`. It is `replicated` where a row's norm and rounding is made for linears alone and
    the module's target says that this costs less than waiting for one worker that does it; else as is natural to what stands in
    the kernel. Numbers do not change.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [
    Statistic<"numKernels", "kernels", "Kernels">,
    Statistic<"numReplicated", "kernels-replicated", "Kernels that every worker does for itself">];
}
