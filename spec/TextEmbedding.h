//===- TextEmbedding.h - How a checkpoint embeds texts ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What stands beside a model about embeddings of texts: the files that the
// library sentence-transformers writes, or a GGUF file's pooling type. It goes
// before what the spec says of the family.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_TEXTEMBEDDING_H
#define SINTER_SPEC_TEXTEMBEDDING_H

#include "dialect/IR/Sinter.h"
#include "formats/Checkpoint.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sinter {

/// One thing that is done to vectors.
struct EmbeddingStep {
  enum class Kind {
    Linear,   ///< activation(W x + b), to which x may be added
    Length,   ///< to length 1
    LayerNorm ///< with factors and a bias
  } kind = Kind::Length;
  bool ofTokens = false; ///< before they are pooled
  std::string file;      ///< of its settings, for messages
  int64_t in = 0, out = 0;
  UnaryKind activation = UnaryKind::Identity;
  bool bias = true;
  bool residual = false;
  std::vector<StoredTensor> tensors;

  /// The tensor of that name, or null.
  const StoredTensor *find(std::string_view name) const;
};

struct TextEmbedding {
  std::string file;            ///< that says how to pool
  std::vector<PoolKind> pools; ///< side by side; empty: tokens stay apart
  int64_t width = 0;           ///< features of a token; 0: not said
  bool poolsPrompt = true;     ///< a prompt's tokens are pooled like others
  std::vector<EmbeddingStep> steps;
  int64_t mostTokens = 0; ///< longer texts are cut; 0: they are an error
  bool losesFirst = false; ///< when cut; else the last tokens
  bool lowerCase = false; ///< texts are put in lower case first
  std::vector<std::pair<std::string, std::string>> prompts; ///< by name
  std::string defaultPrompt; ///< its name; empty: none
};

/// What the checkpoint says; nullopt where it says nothing.
Result<std::optional<TextEmbedding>>
readTextEmbedding(const Checkpoint &checkpoint);

} // namespace sinter

#endif // SINTER_SPEC_TEXTEMBEDDING_H
