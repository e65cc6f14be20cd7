//===- Manifest.h - What a compiled model says of itself --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The manifest is JSON made by the compiler (docs/architecture.md). It is read
// once, at start.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_MANIFEST_H
#define SINTER_RUNTIME_CORE_MANIFEST_H

#include "runtime/core/Abi.h"
#include "runtime/support/Result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sinter {

/// An argument or result of an entry.
struct EntryTensor {
  std::string name;               ///< "input_ids", "past", "logits", ...
  std::string type;               ///< "i32", "f32", "index", "cache", ...
  std::vector<std::string> shape; ///< numbers, "B", "T", "last"
};

/// An entry of the model with the names of its arguments.
struct EntryDescription {
  const SinterEntry *code = nullptr;
  std::vector<EntryTensor> inputs;
  std::vector<EntryTensor> outputs;
};

struct Manifest {
  std::string kind; ///< "causal", "encoder", "seq2seq"
  std::string name; ///< of the model; for people
  int64_t vocab = 0;
  int64_t context = 0;    ///< most tokens of a sequence
  int64_t parameters = 0; ///< how many numbers the model has
  int64_t tokenBytes = 0; ///< weights that a decoded token touches
  std::vector<EntryDescription> entries;

  const EntryDescription *entry(const std::string &name) const;

  /// Checks the model's version of the interface and reads its manifest.
  static Result<Manifest> read(const SinterModel &model);
};

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_MANIFEST_H
