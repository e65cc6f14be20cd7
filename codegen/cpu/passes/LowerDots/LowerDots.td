//===- LowerDots.td - Dot products as instructions ------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def LowerDots : Pass<"sinter-lower-cpu-dots", "::mlir::ModuleOp"> {
  let summary = "Ops of the cpu dialect as the target's instructions";
  let description = [{
    A `cpu.dot` becomes a call of the intrinsic that an instruction set of the module's target has for it (codegen/cpu/isa), with an addition where that
    does not add; one that no instruction of the target makes is an error. A `cpu.with_sign` becomes an instruction, or a select.
  }];
  let dependentDialects = ["::sinter::cpu::CpuDialect", "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect"];
}
