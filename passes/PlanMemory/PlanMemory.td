//===- PlanMemory.td - Buffers for tensors --------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def PlanMemory : Pass<"sinter-plan-memory", "::mlir::ModuleOp"> {
  let summary = "Gives each tensor that lives in memory a buffer";
  let description = [{
    Expects kernels (`sinter-form-kernels`). Each then carries `#sinter.place`, the buffer of each result (none for a cache, which is never
    copied, and for what a replicated kernel makes for each worker), and a function its buffers, `#sinter.arena`. Values whose lives do not overlap share a buffer; a reshape is its
    operand; a result written element for element over an operand that dies takes its buffer. The values carried by a
    stack keep one buffer, in which the layers' results are written; where that is impossible, a `sinter.copy`
    is the one explicit copy. A kernel of several phases has a `workspace`, a buffer for what passes between them.
    Numbers do not change.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [
    Statistic<"numBuffers", "buffers", "Buffers in the arenas">,
    Statistic<"numInPlace", "in-place", "Results written over an operand">,
    Statistic<"numCopies", "copies", "Copies that had to be added">];
}
