//===- GenerateCode.td - Machine code, as a pass --------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def GenerateCode : Pass<"sinter-generate-code", "::mlir::ModuleOp"> {
  let summary = "Machine code of a module in the llvm dialect";
  let description = [{
    Expects the result of `sinter-to-llvm`, with the `#cpu.target` that it was lowered for, which it leaves as it is: translated to LLVM's IR, optimized and given to LLVM's
    back end. The driver takes the code; run alone, the pass drops it. It is a pass so that a crash of the back end leaves
    a reproducer like that of any other pass.
  }];
  let options = [
    Option<"kind", "kind", "std::string", "\"obj\"", "What to make: obj, asm or llvm">];
  let dependentDialects = ["::sinter::cpu::CpuDialect", "::mlir::LLVM::LLVMDialect"];
}
