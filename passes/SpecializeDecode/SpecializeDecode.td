//===- SpecializeDecode.td - Clones entries for one token -----*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def SpecializeDecode : Pass<"sinter-specialize-decode", "::mlir::ModuleOp"> {
  let summary = "Clones each entry that continues a sequence, for one new token of one sequence";
  let description = [{
    Prefill (many tokens, bound by arithmetic) and decode (one token, bound by memory) want different code. For each public
    function `f` with an argument named `past` this adds `f_one`, the same function with batch and tokens fixed to 1 in all types,
    and clones the forms that it calls in the same way. Numbers do not change. A module whose clones exist is left alone.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [Statistic<"numClones", "functions-cloned", "Functions cloned for one token">];
}
