//===- WeightsSection.h - The packed weights of a module --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The packer: reads one weight after another from its source, writes it in the
// layout and at the place that `sinter-pack-weights` gave it. Needs about the
// largest weight in memory.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_LINK_WEIGHTSSECTION_H
#define SINTER_CODEGEN_LINK_WEIGHTSSECTION_H

#include "codegen/link/LinkProgram.h"
#include "spec/WeightSource.h"

#include "mlir/IR/BuiltinOps.h"

#include <memory>

namespace sinter {

/// The section "weights" of a module whose params have `offsets`. What it needs
/// of the module is copied: lowering may go on.
llvm::Expected<ProgramSection>
weightsSection(mlir::ModuleOp module,
               std::shared_ptr<const WeightSource> source);

} // namespace sinter

#endif // SINTER_CODEGEN_LINK_WEIGHTSSECTION_H
