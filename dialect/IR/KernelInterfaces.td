//===- KernelInterfaces.td - What kernels ask of ops ------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Passes fuse, plan, cut and check kernels by these interfaces and know no op.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_IR_KERNELINTERFACES_TD
#define SINTER_DIALECT_IR_KERNELINTERFACES_TD

include "mlir/IR/OpBase.td"

def Sinter_ComputeOpInterface : OpInterface<"ComputeOpInterface"> {
  let cppNamespace = "::sinter";
  let description = [{
    An op that computes tensors in a kernel. Ops implement it by the trait
    `Sinter_Computes`.
  }];
  let methods = [
    InterfaceMethod<"How much of its operands an element of a result is made of.", "::sinter::Reach", "getReach">,
    InterfaceMethod<"With what the op shares a kernel.", "::sinter::Joins", "getJoins">
  ];
}

/// An op that computes: `reach` is a ::sinter::Reach, `joins` a ::sinter::Joins.
class Sinter_Computes<string reach, string joins = "Rows">
    : ParamNativeOpTrait<"Computes", "::sinter::Reach::" # reach # ", ::sinter::Joins::" # joins> {
  let cppNamespace = "::sinter";
}

def Sinter_KernelOpInterface : OpInterface<"KernelOpInterface"> {
  let cppNamespace = "::sinter";
  let description = [{
    An op that is a kernel: its results lie in memory, and workers share its
    work.
  }];
  let methods = [
    InterfaceMethod<[{
      How its work is shared, unless every worker does all of it.
    }], "::sinter::Share", "getNaturalShare">,
    InterfaceMethod<[{
      What it reads and writes of activations and caches, each value once for
      each way.
    }], "::llvm::SmallVector<::sinter::Access>", "getAccesses">
  ];
  let extraSharedClassDeclaration = [{
    /// How its work is shared: the attribute sinter.share, else as is natural.
    ::sinter::Share getShare() { return ::sinter::shareOf($_op); }
    bool isReplicated() { return getShare() == ::sinter::Share::Replicated; }
  }];
}

/// An op that stands beside kernels and computes nothing: it names what they read.
def Sinter_BesideKernels : NativeOpTrait<"BesideKernels"> { let cppNamespace = "::sinter"; }

#endif // SINTER_DIALECT_IR_KERNELINTERFACES_TD
