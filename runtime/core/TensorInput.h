//===- TensorInput.h - What --input holds -----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Tokens and whatever else a model takes, from a safetensors file, checked and
// in the form that sessions want: padding of models that continue texts is
// taken out, on whichever side it was.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_TENSORINPUT_H
#define SINTER_RUNTIME_CORE_TENSORINPUT_H

#include "runtime/core/Session.h"

namespace sinter {

struct TensorInput {
  int64_t batch = 0;
  int64_t width = 0;  ///< tokens of a sequence in the file, padding included
  int64_t tokens = 0; ///< without: of the longest sequence
  std::vector<int32_t> ids;    ///< (batch, tokens), real ones first
  std::vector<int64_t> counts; ///< of real tokens, for each sequence
  /// (batch, tokens): where in the file's row a real token stands. Empty when
  /// there was no padding.
  std::vector<int64_t> columns;
  int64_t source = 0;             ///< tokens of a sequence for the encoder
  std::vector<int32_t> sourceIds; ///< (batch, source)
  /// What sessions are given besides, by name; masks as they are.
  std::map<std::string, std::vector<int32_t>> others;
  int64_t segment = 0; ///< tokens of a segment; 0: all are one

  /// Where in the file's row token `token` of a sequence stands.
  int64_t column(int64_t sequence, int64_t token) const {
    return columns.empty() ? token : columns[size_t(sequence * tokens + token)];
  }

  /// Gives a session everything but the tokens.
  Failure giveTo(Session &session) const;
};

/// Reads `path` for an entry of the model. Names that it does not know are an
/// error, those of outputs are passed over.
Result<TensorInput> readTensorInput(const std::string &path,
                                    const Manifest &manifest,
                                    const EntryDescription &entry);

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_TENSORINPUT_H
