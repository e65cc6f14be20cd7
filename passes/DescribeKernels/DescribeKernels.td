//===- DescribeKernels.td - What each kernel has to do ------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def DescribeKernels : Pass<"sinter-describe-kernels", "::mlir::ModuleOp"> {
  let summary = "Numbers the kernels and says what work each has to do";
  let description = [{
    Expects the result of `sinter-plan-memory`. Each kernel carries `sinter.kernel`, its row of the module's table
    `sinter.kernels`, which becomes a part of the manifest: with it, `sinter explain` says how fast a kernel can be, and a
    program's `--profile` how fast it was. A row tells, from types alone:

    | key | meaning |
    |---|---|
    | `name`, `function`, `kind` | for people; kind is `linear`, `rows`, `attention`, `moe` |
    | `unit` | what multiplies: `f32`, `bf16`, `int8` |
    | `rows` | the number of rows, as memory plans name it: `N`, `L`, `B3`, a number |
    | `flops` | of a row: 2 for a multiply-add of matrices, 1 for each element that any other op computes |
    | `memory`, `memory_row` | bytes of weights, tables and caches that a call touches, and each row of it |
    | `near_row` | bytes of activations that a row reads and writes; they usually stay in caches of the CPU |
    | `pair_flops`, `key_bytes` | attention: of a query and a key that it sees, of a key of a sequence |
    | `mask`, `windows` | attention: `causal` or `full`; the window of each layer (0: none) |
    | `past` or `keys` | attention: the input that says how many keys precede those of the call, or how many there are; neither: those of the call |
    | `experts`, `chosen`, `expert_bytes` | moe: how many there are, how many a token uses, bytes of one |

    Numbers do not change.
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
  let statistics = [Statistic<"numKernels", "kernels", "Kernels described">];
}
