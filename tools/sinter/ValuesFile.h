//===- ValuesFile.h - Files of intermediate values --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Safetensors with what parts of a model compute, under their names
// ("layers.0.attention.q"): (batch, tokens, features...), with the padding of
// the inputs that they belong to, and tokens that were generated behind those.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_VALUESFILE_H
#define SINTER_TOOLS_SINTER_VALUESFILE_H

#include "tools/sinter/FirstApart.h"
#include "tools/sinter/Golden.h"

namespace sinter {

/// Compares a run on the golden's inputs with a file; fails on names and sizes
/// that the model has not. `count` becomes the number of the file's tensors.
llvm::Expected<std::optional<Apart>>
firstApart(const Recording &found, const std::string &path,
           const Golden &golden, const Manifest &manifest, size_t &count);

/// Writes a run on the inputs of a file.
llvm::Error writeValues(const Recording &run, const std::string &inputPath,
                        const Manifest &manifest, const std::string &path);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_VALUESFILE_H
