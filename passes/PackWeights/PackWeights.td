//===- PackWeights.td - Layouts and offsets of weights --------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def PackWeights : Pass<"sinter-pack-weights", "::mlir::ModuleOp"> {
  let summary = "Gives weights the layout in which matmuls read them, and a place";
  let description = [{
    Weights that a linear or a moe reads get the `#sinter.packed` encoding that the module's target wants; activations that feed linears get its
    `#sinter.tiled` encoding, through a `sinter.quantize` that keeps their type where there is none yet (one token in floats needs none: a tile of
    one token is the plain layout). Then every param gets `offsets`, in the order in which a step reads the weights. Values do not
    change. Params that no function reads are erased.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [Statistic<"numPacked", "params-packed", "Params given a packed layout">];
}
