//===- InterpretModel.h - A model in the reference interpreter --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The interpreter in the place of generated code: whatever surrounds a step is
// the runtime's, with the manifest that the program would have.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_INTERPRETMODEL_H
#define SINTER_TOOLS_SINTER_INTERPRETMODEL_H

#include "dialect/Interpreter/Interpreter.h"
#include "runtime/core/TensorIo.h"
#include "spec/WeightSource.h"
#include "tools/sinter/Intermediates.h"

#include "llvm/Support/Error.h"

#include <memory>

namespace sinter {

/// The manifest of a module, with the entries that it has.
llvm::Expected<Manifest> manifestOf(mlir::ModuleOp module);

/// Computes steps with the interpreter. `module` must outlive the backend;
/// `capacity` is the number of tokens in caches; `recorder` may be null.
std::unique_ptr<Backend>
makeInterpreter(mlir::ModuleOp module,
                std::shared_ptr<const WeightSource> weights,
                reference::Precision precision, int64_t batch, int64_t capacity,
                Recorder *recorder = nullptr);

/// What a program does with --input and --output, interpreted.
llvm::Error interpretTensors(mlir::ModuleOp module,
                             std::shared_ptr<const WeightSource> weights,
                             reference::Precision precision,
                             const TensorRunOptions &options,
                             Recorder *recorder = nullptr);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_INTERPRETMODEL_H
