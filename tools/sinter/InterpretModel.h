//===- InterpretModel.h - A model in the reference interpreter --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Feeds tokens to the entry @forward as a program's runtime does.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_INTERPRETMODEL_H
#define SINTER_TOOLS_SINTER_INTERPRETMODEL_H

#include "dialect/Interpreter/Interpreter.h"
#include "formats/Safetensors.h"
#include "spec/WeightSource.h"

#include <memory>
#include <span>

namespace sinter {

/// Token ids (batch, tokens).
struct TokenMatrix {
  int64_t batch = 0;
  int64_t tokens = 0;
  std::vector<int64_t> ids;

  /// Columns [begin, begin + count).
  TokenMatrix columns(int64_t begin, int64_t count) const;
};

/// input_ids of a file, int32 or int64.
llvm::Expected<TokenMatrix> readTokenMatrix(const Safetensors &file,
                                            const std::string &path);

class InterpretedModel {
public:
  /// `context` is the capacity of the caches. `module` must have @forward.
  static llvm::Expected<InterpretedModel>
  create(mlir::ModuleOp module, std::shared_ptr<const WeightSource> weights,
         reference::Precision precision, int64_t batch, int64_t context);

  /// Feeds tokens and returns (batch, last, vocab) logits.
  llvm::Expected<std::vector<double>> feed(const TokenMatrix &tokens,
                                           int64_t last);

private:
  InterpretedModel(reference::Interpreter interpreter,
                   mlir::func::FuncOp forward, int64_t batch)
      : interpreter(std::move(interpreter)), forward(forward), batch(batch) {}

  reference::Interpreter interpreter;
  mlir::func::FuncOp forward;
  int64_t batch;
  int64_t past = 0;
  std::vector<reference::Value> caches; ///< by the order of arguments
};

/// What --output holds, computed by the interpreter.
struct InterpretedOutputs {
  int64_t vocab = 0;
  std::vector<double> logits;          ///< (B, T, V)
  std::vector<int64_t> generated;      ///< (B, N)
  std::vector<double> generatedLogits; ///< (B, N, V)
};

/// Feeds all of `tokens` in pieces of the sizes `cuts`, in turn (empty: whole),
/// then generates `count` likeliest tokens.
llvm::Expected<InterpretedOutputs> interpretAll(InterpretedModel &model,
                                                const TokenMatrix &tokens,
                                                std::span<const int64_t> cuts,
                                                int64_t count);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_INTERPRETMODEL_H
