//===- Model.h - From spec and checkpoint to IR -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The front end's one entry: finds the spec of a checkpoint, binds its
// configuration, checks every tensor against the architecture, and builds the
// module of docs/architecture.md.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_MODEL_H
#define SINTER_SPEC_MODEL_H

#include "formats/Checkpoint.h"
#include "spec/WeightSource.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sinter {

struct LoadOptions {
  /// A folder or GGUF file with configuration and weights; or empty, and
  /// configPath says where the configuration is.
  std::string model;
  /// The spec to use; empty: searched by the checkpoint's architecture name.
  std::string specPath;
  std::string configPath;
  /// Weights beside configPath; ignored with `model`.
  std::string weightsPath;
  /// A folder with changes of the weights; empty: none.
  std::string adapterPath;
  /// Weights from this seed instead of files.
  std::optional<uint64_t> randomSeed;
  /// KEY=VALUE of --set: a binding of the spec's `config`, or a key of the
  /// checkpoint that the spec reads. VALUE is JSON, or else a string.
  std::vector<std::pair<std::string, std::string>> overrides;
  /// Folders searched for specs, in this order.
  std::vector<std::string> searchDirs;
  /// Where to print which keys of the configuration the spec knows, if
  /// anywhere.
  llvm::raw_ostream *listKeys = nullptr;
  /// Element type of the caches: f32, bf16 or f16.
  std::string cacheType = "f32";
};

struct Model {
  /// Verified.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// Null when neither a checkpoint with weights nor a seed was given.
  std::shared_ptr<const WeightSource> weights;
  /// The attribute `sinter.manifest` as JSON text.
  std::string manifest;
  std::shared_ptr<const Checkpoint> checkpoint;
  /// Texts are put in lower case before they become tokens.
  bool lowerCase = false;
  /// The spec file that was used.
  std::string specFile;
  /// Sentences for the user, such as "context is limited to 2048 because ...".
  std::vector<std::string> warnings;
};

/// Loads the dialects it needs into `context`. The error's message is complete:
/// one or more lines "file:line:column: error: ..." with notes.
llvm::Expected<Model> loadModel(mlir::MLIRContext &context,
                                const LoadOptions &options);

/// $SINTER_MODELS (folders separated by ':'), then `installed`.
std::vector<std::string> specSearchDirs(const std::string &installed);

} // namespace sinter

#endif // SINTER_SPEC_MODEL_H
