//===- Manifest.h - What a program knows of its model -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_MANIFEST_H
#define SINTER_SPEC_MANIFEST_H

#include "formats/Checkpoint.h"
#include "spec/Plan.h"

#include "mlir/IR/BuiltinOps.h"

#include <nlohmann/json.hpp>

namespace sinter {

/// The manifest of docs/architecture.md. `bos` (an id or absent) and `eos` (a
/// list of ids) come from the checkpoint's generation settings.
nlohmann::json makeManifest(const ModelPlan &plan, const WeightTable &table,
                            const Checkpoint &checkpoint,
                            mlir::ModuleOp module);

/// Adds what programs need to know of embeddings: `prompts`, by name, the
/// `default` one's name, `most_tokens`, whether texts that have more lose their
/// first ones, and whether prompts are pooled.
void addEmbedding(nlohmann::json &manifest, const TextEmbedding &embedding);

/// Objects, arrays, strings, integers, floats and bools as attributes.
mlir::Attribute toAttribute(mlir::MLIRContext &context,
                            const nlohmann::json &json);

} // namespace sinter

#endif // SINTER_SPEC_MANIFEST_H
