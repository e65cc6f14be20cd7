//===- InstructionSet.h - What an instruction set supplies ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// One file of this folder for each. LLVM's names of its instructions stand
// there and nowhere else.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_ISA_INSTRUCTIONSET_H
#define SINTER_CODEGEN_CPU_ISA_INSTRUCTIONSET_H

#include "codegen/cpu/IR/CpuEnums.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace sinter {

struct Target;

/// An instruction that makes a `cpu.dot` of vectors of so many bytes.
struct DotInstruction {
  cpu::Products products;
  int64_t vectorBytes;
  llvm::StringRef intrinsic; ///< (sums, lhs, rhs), or (lhs, rhs)
  bool adds;                 ///< to the sums
};

/// One that makes a `cpu.with_sign`: an intrinsic (value, sign).
struct SignInstruction {
  int64_t vectorBytes;
  llvm::StringRef intrinsic;
};

struct InstructionSet {
  llvm::StringRef feature; ///< of LLVM; empty: all CPUs have it
  llvm::SmallVector<llvm::StringRef> needs = {}; ///< features that it stands on
  llvm::SmallVector<DotInstruction> dots = {};
  llvm::SmallVector<SignInstruction> signs = {};
  /// What it means for vectors, register tiles and layouts; called in the order
  /// of the list. Null: nothing.
  void (*describe)(Target &) = nullptr;
};

/// All that there are; each after those that it adds to.
llvm::ArrayRef<const InstructionSet *> instructionSets();

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_ISA_INSTRUCTIONSET_H
