//===- CheckPlan.td - Proof that a memory plan is sound -------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def CheckPlan : Pass<"sinter-check-plan", "::mlir::ModuleOp"> {
  let summary = "Fails unless every value is in its place when it is read";
  let description = [{
    Plays the result of `sinter-plan-memory` through, buffer by buffer: what a kernel reads must still be in its buffer, a
    buffer must be large enough for what is put there, a result lies over an operand only where elements meet, results are
    returned where they have to be, caches have no buffer, a workspace is as large as its kernel needs, and nothing that
    computes is without a buffer. Params with offsets must not overlap, which is all that there is to
    check before memory is planned. Shares no code with the planner, and changes nothing; `sinter verify
    --locate` runs it, and lowering trusts no plan before it.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
}
