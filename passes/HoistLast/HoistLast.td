//===- HoistLast.td - The last layer for the last tokens --------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def HoistLast : Pass<"sinter-hoist-last", "::mlir::ModuleOp"> {
  let summary = "Computes only the last tokens where nothing else is asked for";
  let description = [{
    A prompt's logits are wanted of its last tokens (`sinter.last`), so that of the last layer only keys and values are needed of all. In each
    entry `last` moves before the ops that compute a token from the same token alone (linears, norms, experts, element-wise ops) where nobody reads
    their other tokens; and from the result of a `sinter.stack` into the form of its last layer, which then is a form of its own (`@layer_last`)
    that is given the number of tokens. There it moves on, up to attention. The last of one token is that token. Numbers do not change.

    ```
    %4:3 = sinter.stack [@layer] layers [0, 0] carry(%x, %k, %v) with(%past) : ...
    %5 = sinter.last %4#0, %count : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
    // becomes
    %4:3 = sinter.stack [@layer, @layer_last] layers [0, 1] carry(%x, %k, %v) with(%past, %count) : ...
    // with, in @layer_last
    %a = sinter.last %attended, %count : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
    %b = sinter.last %x, %count : tensor<?x?x64xf32> -> tensor<?x?x64xf32>
    %o = sinter.linear %a, %w : ...
    %y = sinter.add %b, %o : ...
    ```
    Left alone: numbers of tokens that are known; layers whose last op needs other tokens, or in which no linear or experts would have less to do;
    stacks whose forms other stacks call; what reads blocks, tiles or ids.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [Statistic<"numHoisted", "ops-for-last-tokens", "Ops that compute the last tokens alone">];
}
