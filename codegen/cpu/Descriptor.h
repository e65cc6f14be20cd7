//===- Descriptor.h - What the runtime reads of a model ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_DESCRIPTOR_H
#define SINTER_CODEGEN_CPU_DESCRIPTOR_H

#include "codegen/cpu/Target.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/Module.h"

namespace sinter {

/// Adds `sinter_model` (see runtime/core/Abi.h) to the translated module: its
/// entries from the attribute sinter.entries, its JSON from sinter.manifest.
void addDescriptor(llvm::Module &code, mlir::ModuleOp module,
                   const Target &target);

/// An attribute as JSON: dictionaries, arrays, strings, numbers, booleans.
std::string toJson(mlir::Attribute attribute);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_DESCRIPTOR_H
