//===- PlanMemory.td - Buffers for tensors --------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def PlanMemory : Pass<"sinter-plan-memory", "::mlir::ModuleOp"> {
  let summary = "Gives each tensor that lives in memory a buffer";
  let description = [{
    Expects kernels: ops that stand alone are wrapped in a `sinter.fused` of their own first. A kernel then carries
    `sinter.buffers`, the buffer of each result (-1: a cache, which is never copied), and a function carries the table
    `sinter.arena`. A row of it is memory of someone else (`{argument = 0}`: a carried value of a layer; `{output = 0}`: a
    result of an entry) or a part of the arena: `{rows = "N", bytes = 2304, extra = 0}` takes rows * bytes + extra bytes, where
    rows is N = B * T, L = B * last, B3 for three a sequence, or a number. Values whose lives do not overlap share a buffer; a reshape is its
    operand; a result written element for element over an operand that dies takes its buffer. The values carried by a
    stack keep one buffer, in which the layers' results are written; where that is impossible, a `sinter.copy`
    is the one explicit copy. A kernel of several phases has `sinter.workspace`, a buffer for what passes between them.
    Numbers do not change.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [
    Statistic<"numBuffers", "buffers", "Buffers in the arenas">,
    Statistic<"numInPlace", "in-place", "Results written over an operand">,
    Statistic<"numCopies", "copies", "Copies that had to be added">];
}
