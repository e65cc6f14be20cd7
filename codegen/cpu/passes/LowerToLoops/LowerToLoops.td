//===- LowerToLoops.td - Kernels as loops ---------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def LowerToLoops : Pass<"sinter-lower-to-loops", "::mlir::ModuleOp"> {
  let summary = "Functions of kernels as functions that each thread runs";
  let description = [{
    Expects the result of `sinter-place-barriers`, in a module whose target is `#cpu.target`. An entry becomes a function (call, thread) of scf, arith, math, vector and
    pointers; a form of layer one with the layer's number, the first free byte of scratch and what it is given as pointers.
    A stack is a loop over layers that calls the form of each. A `cpu.barrier` is a call of the runtime; without those that it needs
    (`sinter-check-barriers`) a module is refused. What is replicated each thread makes for itself, on its stack. For each entry `f` there is `f.scratch`, and one `sinter_cache_bytes`: bytes for (batch, tokens,
    last, capacity). Params without offsets are placed one after another, row-major. The attribute `sinter.entries`
    lists the entries. With `observe`, all threads meet after each kernel and call `sinter_observe` (runtime/core/Abi.h) for each f32 result
    in memory; what kernels do stays as it is. Numbers stay the same up to the order of sums and the rounding of functions.
  }];
  let options = [
    Option<"observe", "observe", "bool", "false", "After each kernel, show what it made to sinter_observe">];
  let dependentDialects = ["::sinter::SinterDialect", "::sinter::cpu::CpuDialect", "::mlir::scf::SCFDialect", "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}
