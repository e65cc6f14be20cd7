//===- TargetInterface.td - What passes ask of a target ---------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The module says what it is compiled for by the attribute `sinter.target`.
// Passes ask it and know no machine; codegen/ supplies it.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_TARGETINTERFACE_TD
#define SINTER_DIALECT_IR_TARGETINTERFACE_TD

include "mlir/IR/OpBase.td"

def Sinter_TargetInterface : AttrInterface<"TargetInterface"> {
  let cppNamespace = "::sinter";
  let description = [{
    A machine that kernels are made for. What it says depends on the attribute
    alone, never on the machine that compiles.
  }];
  let methods = [
    InterfaceMethod<[{
      The element type of activations from which products with weights of this
      element type are made, where the target has instructions for it that want
      another than f32; null where it has none. For blocks this is `a8`, or `a16`
      where the user wants sixteen bits.
    }], "::mlir::Type", "activationElement", (ins "::mlir::Type":$weights)>,
    InterfaceMethod<[{
      The element type in which caches are kept beside rounded activations:
      16 bits where the target converts them.
    }], "::mlir::Type", "cacheElement">,
    InterfaceMethod<[{
      The layout in which linears read a weight of this type.
    }], "::sinter::PackedAttr", "weightLayout", (ins "::mlir::RankedTensorType":$weight)>,
    InterfaceMethod<[{
      The tiles in which a linear of such a weight reads activations (B, T,
      features) of this type, for more than one token.
    }], "::sinter::TiledAttr", "activationLayout",
      (ins "::mlir::RankedTensorType":$activations, "::mlir::RankedTensorType":$weight)>,
    InterfaceMethod<[{
      Tokens of a tile of what experts read, for more than one token.
    }], "int64_t", "expertTile">,
    InterfaceMethod<[{
      Whether every worker had better make results of so many bytes for itself
      than wait for the one that does.
    }], "bool", "replicates", (ins "int64_t":$bytes)>,
    InterfaceMethod<[{
      What a kernel that is no fused op keeps in memory between its phases.
    }], "::sinter::Workspace", "workspace", (ins "::mlir::Operation *":$kernel)>
  ];
}

#endif // SINTER_DIALECT_IR_TARGETINTERFACE_TD
