//===- AttachTarget.td - A CPU as the module's target -----------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def AttachTarget : Pass<"sinter-attach-cpu-target", "::mlir::ModuleOp"> {
  let summary = "Says what the module is compiled for";
  let description = [{
    Sets the attribute `sinter.target`, which passes ask for layouts, sizes and element types, to the `#cpu.target` of `features`. It is the
    one pass whose result may depend on the machine: with `native`.
  }];
  let options = [
    Option<"features", "features", "std::string", "\"x86-64-v3\"", "As --features of sinter: native|baseline|x86-64-v2|x86-64-v3|x86-64-v4[,+f][,-f]">];
  let dependentDialects = ["::sinter::SinterDialect", "::sinter::cpu::CpuDialect"];
}
