//===- RetypeWeights.h - Random weights, stored as checkpoints would -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Random weights are f32. Checkpoints have other types too: these give them to
// the weights of linears and embeddings, of which native code and the
// interpreter then read the same bytes.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_RANDOM_RETYPEWEIGHTS_H
#define SINTER_TEST_RANDOM_RETYPEWEIGHTS_H

#include "spec/WeightSource.h"

#include "mlir/IR/BuiltinOps.h"

#include <memory>
#include <string>

namespace sinter::random_models {

/// Gives matrices the type `name`, "bf16" or "q8_0" say, where their rows
/// divide into its blocks.
void retype(mlir::ModuleOp module, const std::string &name);

/// Weights of `source` in the types that the module declares.
std::shared_ptr<const WeightSource>
retypedWeights(mlir::ModuleOp module,
               std::shared_ptr<const WeightSource> source);

} // namespace sinter::random_models

#endif // SINTER_TEST_RANDOM_RETYPEWEIGHTS_H
