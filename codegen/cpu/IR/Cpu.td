//===- Cpu.td - The cpu dialect ---------------------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_IR_CPU_TD
#define SINTER_CODEGEN_CPU_IR_CPU_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "dialect/IR/KernelInterfaces.td"
include "dialect/IR/TargetInterface.td"

def Cpu_Dialect : Dialect {
  let name = "cpu";
  let cppNamespace = "::sinter::cpu";
  let summary = "What is special to code for CPUs";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::sinter::SinterDialect"];
}

def Cpu_TargetAttr
    : AttrDef<Cpu_Dialect, "Target", [DeclareAttrInterfaceMethods<Sinter_TargetInterface>]> {
  let mnemonic = "target";
  let summary = "A CPU that kernels are made for";
  let description = [{
    A level of the x86-64 psABI (`cpu`: x86-64, x86-64-v2, -v3, -v4), the CPU for
    which LLVM schedules (`tune`), and what kernels may use beyond the level
    (`features`, in LLVM's words, sorted). Layouts and tile shapes follow from
    these: see codegen/cpu/Target.h. `sinter-attach-cpu-target` writes it.

    ```mlir
    module attributes {sinter.target = #cpu.target<cpu = "x86-64-v4", tune = "znver4", features = "+avx512vnni">}
    ```
  }];
  let parameters = (ins StringRefParameter<>:$cpu, StringRefParameter<"", "\"x86-64-v3\"">:$tune,
                        StringRefParameter<"", "\"\"">:$features);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The attribute that says what `target` was made of.
    static TargetAttr get(::mlir::MLIRContext *context, const ::sinter::Target &target);
    /// What follows from it.
    ::sinter::Target describe() const;
  }];
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

def Cpu_BarrierOp : Op<Cpu_Dialect, "barrier", [Sinter_BesideKernels, HasParent<"::mlir::func::FuncOp">]> {
  let summary = "All threads arrive before any goes on";
  let description = [{
    Stands between kernels. What threads wrote before it, all see after it.
    `sinter-place-barriers` places it, `sinter-check-barriers` proves that no two
    threads meet at memory without one between them. To the interpreter, which
    is one worker, it is nothing.

    ```mlir
    cpu.barrier
    ```
  }];
  let assemblyFormat = "attr-dict";
}

#endif // SINTER_CODEGEN_CPU_IR_CPU_TD
