//===- Check.td - Expectations of tests -------------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// For tests alone: modules that check themselves when they are interpreted.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_CHECK_CHECK_TD
#define SINTER_DIALECT_CHECK_CHECK_TD

include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpBase.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "::sinter::check";
  let summary = "Expectations of interpreter tests";
}

class Check_Op<string mnemonic> : Op<Check_Dialect, mnemonic>;

def Check_EqOp : Check_Op<"eq"> {
  let summary = "Fails unless all elements are as expected";
  let arguments = (ins AnyRankedTensor:$value, ElementsAttr:$expected);
  let assemblyFormat = "$value `,` $expected attr-dict `:` type($value)";
}

def Check_AlmostEqOp : Check_Op<"almost_eq"> {
  let summary = "Fails unless all elements are within a distance of the expected";
  let arguments = (ins AnyRankedTensor:$value, ElementsAttr:$expected, DefaultValuedAttr<F64Attr, "1.0e-6">:$distance);
  let assemblyFormat = "$value `,` $expected (`within` $distance^)? attr-dict `:` type($value)";
}

#endif // SINTER_DIALECT_CHECK_CHECK_TD
