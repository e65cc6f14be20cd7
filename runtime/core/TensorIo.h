//===- TensorIo.h - A model as a function on files --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_TENSORIO_H
#define SINTER_RUNTIME_CORE_TENSORIO_H

#include "runtime/core/Session.h"

#include <functional>

namespace sinter {

struct TensorRunOptions {
  std::string input;  ///< safetensors with input_ids and others
  std::string output; ///< safetensors, made when all has succeeded
  int64_t generate = 0;
  std::vector<int64_t> cuts; ///< sizes of the pieces fed, in turn
  int64_t context = 0;       ///< most tokens of a sequence
  bool embed = false;        ///< features and embeddings in the place of logits
};

using SessionMaker = std::function<Result<Session>(const SessionShape &)>;

/// Computes the outputs of every position and `generate` likeliest tokens more,
/// `generated` and `generated_logits`. Logits of padding are zeros.
Failure runTensors(const Manifest &manifest, const TensorRunOptions &options,
                   const SessionMaker &makeSession);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_TENSORIO_H
