//===- Cpu.td - The cpu dialect ---------------------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_IR_CPU_TD
#define SINTER_CODEGEN_CPU_IR_CPU_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
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
// Order
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

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

def Cpu_Products : I32EnumAttr<"Products", "What a lane of a dot product adds", [
    I32EnumAttrCase<"U8S8x4", 0, "u8s8x4">,
    I32EnumAttrCase<"U8S8x2", 1, "u8s8x2">,
    I32EnumAttrCase<"S16x2", 2, "s16x2">,
    I32EnumAttrCase<"Bf16x2", 3, "bf16x2">]> {
  let cppNamespace = "::sinter::cpu";
  let genSpecializedAttr = 0;
}
def Cpu_ProductsAttr : EnumAttr<Cpu_Dialect, Cpu_Products, "products"> {
  let assemblyFormat = "`<` $value `>`";
}

def Cpu_DotOp : Op<Cpu_Dialect, "dot", [Pure, AllTypesMatch<["sums", "result"]>, AllTypesMatch<["lhs", "rhs"]>]> {
  let summary = "Products of neighbours, added lane by lane";
  let description = [{
    result_i = sums_i + sum over j < P of lhs_(P i + j) * rhs_(P i + j), where

    | products | P | lhs | rhs | sums |
    |---|---|---|---|---|
    | `u8s8x4` | 4 | u8 | s8 | i32 |
    | `u8s8x2` | 2 | u8 | s8 | i16; the two products are added with saturation |
    | `s16x2` | 2 | s16 | s16 | i32 |
    | `bf16x2` | 2 | bf16 | bf16 | f32; rounded as the instruction does |

    An instruction set (codegen/cpu/isa) says by which instruction it is made, and whether that adds to `sums`.
    `sinter-lower-cpu-dots` puts it there; a target without one for vectors of this length refuses the op.

    ```mlir
    %r = cpu.dot <u8s8x4> %sums, %w, %x : vector<16xi32>, vector<64xi8>
    ```
    Constraints: (C1) the types of the table, P of the factors for each of the sums.
  }];
  let arguments = (ins Cpu_ProductsAttr:$products, VectorOfNonZeroRankOf<[I16, I32, F32]>:$sums,
                       VectorOfNonZeroRankOf<[I8, I16, BF16]>:$lhs, VectorOfNonZeroRankOf<[I8, I16, BF16]>:$rhs);
  let results = (outs VectorOfNonZeroRankOf<[I16, I32, F32]>:$result);
  let assemblyFormat = "$products $sums `,` $lhs `,` $rhs attr-dict `:` type($sums) `,` type($lhs)";
  let hasVerifier = 1;
}

def Cpu_WithSignOp : Op<Cpu_Dialect, "with_sign", [Pure, AllTypesMatch<["value", "sign", "result"]>]> {
  let summary = "Bytes with the signs of others";
  let description = [{
    result_i = value_i where sign_i > 0, -value_i where sign_i < 0, and either or 0 where it is 0.

    ```mlir
    %r = cpu.with_sign %x, %w : vector<32xi8>
    ```
  }];
  let arguments = (ins VectorOfNonZeroRankOf<[I8]>:$value, VectorOfNonZeroRankOf<[I8]>:$sign);
  let results = (outs VectorOfNonZeroRankOf<[I8]>:$result);
  let assemblyFormat = "$value `,` $sign attr-dict `:` type($value)";
}

#endif // SINTER_CODEGEN_CPU_IR_CPU_TD
