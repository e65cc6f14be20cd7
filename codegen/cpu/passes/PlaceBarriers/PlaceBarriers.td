//===- PlaceBarriers.td - Order between kernels ---------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def PlaceBarriers : Pass<"sinter-place-barriers", "::mlir::func::FuncOp"> {
  let summary = "Puts a barrier before kernels that need what other threads do";
  let description = [{
    Expects the result of `sinter-plan-memory`. Two accesses of kernels to one buffer, or to caches, one of them a write, are a conflict.
    It needs no barrier where both kernels are shared by the same number of rows, in rows of as many bytes: then each row has the
    same thread in both. What is replicated is written for the thread alone, but all that it reads is read by all. A `cpu.barrier` is placed before a kernel
    that is in conflict with another since the last barrier. What happened before a layer is called, and in layers before
    what follows them, is not known: the first kernel there has a barrier in front of it. Barriers that are there already count.
  }];
  let dependentDialects = ["::sinter::SinterDialect", "::sinter::cpu::CpuDialect"];
  let statistics = [Statistic<"numBarriers", "barriers", "Barriers placed">];
}
