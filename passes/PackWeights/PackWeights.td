//===- PackWeights.td - Layouts and offsets of weights --------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def PackWeights : Pass<"sinter-pack-weights", "::mlir::ModuleOp"> {
  let summary = "Gives weights the layout in which matmuls read them, and a place";
  let description = [{
    Weights that a linear or a moe reads get a `#sinter.packed` encoding with panels of `panel-rows` rows; activations that feed linears get a
    `#sinter.tiled` encoding, through a `sinter.quantize` that keeps their type where there is none yet (one token in floats needs none: a tile of
    one token is the plain layout). Then every param gets `offsets`, in the order in which a step reads the weights. Values do not
    change. Params that no function reads are erased.
  }];
  let options = [
    Option<"panelRows", "panel-rows", "int64_t", "16", "Rows of a panel of weights">,
    Option<"tokenTile", "token-tile", "int64_t", "8", "Tokens of a tile of activations">,
    Option<"matrixInt8", "matrix-int8", "bool", "false", "Tile a8 activations for a matrix unit">,
    Option<"matrixBf16", "matrix-bf16", "bool", "false", "Tile bf16 activations for a matrix unit">,
    Option<"biasedQ8", "biased-q8", "bool", "false", "Store q8_0 quants as u8 with 128 added">];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [Statistic<"numPacked", "params-packed", "Params given a packed layout">];
}
