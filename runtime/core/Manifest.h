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
#include "runtime/core/Sampling.h"
#include "runtime/profile/Kernel.h"
#include "runtime/support/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sinter {

/// An argument or result of an entry.
struct EntryTensor {
  std::string name;               ///< "input_ids", "past", "logits", ...
  std::string type;               ///< "i32", "f32", "index", "cache", ...
  std::vector<std::string> shape; ///< numbers, "B", "T", "S", "last"

  /// A cache: computed code knows where it is.
  bool isCache() const { return type == "cache"; }
  /// A value for each token, or one for each sequence.
  bool isOfTokens() const { return shape.size() == 2 && shape[1] == "T"; }
  bool isOfSequences() const { return shape.size() == 1; }
  /// Numbers of a token (or of what else the second dimension counts).
  int64_t features() const;
};

/// An entry of the model with the names of its arguments.
struct EntryDescription {
  std::string name;                  ///< "forward", "encode"
  const SinterEntry *code = nullptr; ///< null: its code is not here
  std::vector<EntryTensor> inputs;
  std::vector<EntryTensor> outputs;

  /// The input of that name, or null.
  const EntryTensor *input(std::string_view name) const;
  /// The output of that name, or null.
  const EntryTensor *output(std::string_view name) const;
  /// Whether it goes on from the tokens before; else all are read at once.
  bool continues() const { return input("last"); }
  /// Whether it has caches.
  bool remembers() const;
};

/// What a model says of an input beyond its shape.
struct InputRule {
  int64_t advance = 0; ///< by which it goes on for each token after those given
  int64_t below = 0;   ///< values are less than this; 0: any
};

/// What belongs to embeddings of texts beyond the entry that computes them.
struct EmbeddingRules {
  std::vector<std::pair<std::string, std::string>> prompts; ///< by name
  std::string defaultPrompt;                                ///< its name
  int64_t mostTokens = 0;  ///< longer texts are cut; 0: they are an error
  bool losesFirst = false; ///< they lose their first tokens, not the last
  bool poolsPrompt = true; ///< a prompt's tokens are pooled like others
};

struct Manifest {
  std::string kind; ///< "causal", "encoder", "seq2seq"
  std::string name; ///< of the model; for people
  int64_t vocab = 0;
  int64_t context = 0;    ///< most tokens of a sequence
  int64_t parameters = 0; ///< how many numbers the model has
  int64_t tokenBytes = 0; ///< weights that a decoded token touches
  int64_t start = 0;      ///< tokens of zeros that caches begin with
  /// Tokens that a query sees of the shortest cache that is a ring, itself
  /// among them; 0: caches hold all tokens.
  int64_t ring = 0;
  /// Tokens of one call see more of each other than of those before, so that it
  /// matters how the input is cut: `segment_length` says how.
  bool segments = false;
  int64_t sourceVocab = 0;   ///< of the encoder of a seq2seq
  int64_t decoderStart = -1; ///< the token that a decoder begins with, or -1
  std::map<std::string, InputRule> inputs;
  /// A text may have a blank, which is filled in at its end: the token that the
  /// filling begins with (-1: no such thing), and those that mark the blank,
  /// best first. Prefix and positions follow from where they are.
  int64_t blankBegins = -1;
  std::vector<int64_t> blankMarks;
  SamplingWishes sampling;  ///< as the checkpoint's authors want it used
  int64_t answerTokens = 0; ///< most of an answer, by their wish; 0: any number
  EmbeddingRules embedding;
  std::vector<EntryDescription> entries;
  std::vector<Kernel> kernels; ///< by their numbers

  const EntryDescription *entry(const std::string &name) const;

  /// Whether it matters how the input is cut into steps, or it cannot be.
  bool readsWhole() const;

  /// Whether it matters at least what is fed at once, in however many steps.
  bool dependsOnCuts() const;

  /// Whether some inputs are known only once the whole prompt is.
  bool dependsOnPrompt() const;

  /// Reads JSON; entries have no code.
  static Result<Manifest> parse(std::string_view text);

  /// Checks the model's version of the interface and reads its manifest.
  static Result<Manifest> read(const SinterModel &model);
};

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_MANIFEST_H
