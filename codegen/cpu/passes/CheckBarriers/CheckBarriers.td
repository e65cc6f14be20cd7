//===- CheckBarriers.td - Proof that no threads meet ----------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def CheckBarriers : Pass<"sinter-check-barriers", "::mlir::ModuleOp"> {
  let summary = "Fails unless barriers keep threads from meeting in memory";
  let description = [{
    Expects the result of `sinter-place-barriers`, with a plan that `sinter-check-plan` takes. Looks at each two kernels without a barrier between them:
    where one writes what the other touches, each byte must belong to one thread in both. Reads what kernels say of themselves
    (`sinter.share`, accesses) and the plan; shares no code with the pass that places barriers, and changes nothing. Lowering runs it.
  }];
  let dependentDialects = ["::sinter::SinterDialect", "::sinter::cpu::CpuDialect"];
}
