//===- Golden.h - Files of expected outputs ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_GOLDEN_H
#define SINTER_TOOLS_SINTER_GOLDEN_H

#include "tools/sinter/Driver.h"

#include <map>

namespace sinter {

/// Tensors that a run of the model gives, by name; absent ones are empty.
struct Outputs {
  std::map<std::string, std::vector<float>> values;
  std::vector<int64_t> generated; ///< (B, N)
};

/// What a golden file expects.
struct Golden {
  std::string path;
  double atol = 0;
  int64_t batch = 0;
  Outputs expected;
  /// 1 for tokens that count, of inputs that are padded.
  std::vector<int64_t> mask;
  int64_t steps = 0;

  /// Whether it is of embeddings: of another entry than logits.
  bool embeds() const { return expected.values.contains("embedding"); }
  /// The entry that it is of.
  const char *entry() const { return embeds() ? "features" : "forward"; }

  /// A few sizes that look random and are the same every time.
  std::vector<int64_t> someCuts() const;
};

/// How far something computed is from it.
struct Distance {
  std::vector<std::pair<std::string, double>> tensors;
  bool generates = false;
  bool tokensEqual = true;

  bool within(double atol) const;
  /// "ok logits 1.2e-06, tokens equal"
  std::string describe(double atol) const;
};

/// The file that the second operand names, itself or in a folder.
llvm::Expected<Golden> readGolden(const Invocation &invocation);
llvm::Expected<Golden> readGolden(const std::string &path, double atol);

/// What results are printed under: the model's file or folder.
llvm::StringRef modelName(const Invocation &invocation);

/// Compares a file of outputs with all that the golden holds.
llvm::Expected<Distance> compare(const std::string &path, const Golden &golden);

/// Writes the first of the golden's sequences, with what is expected of it.
llvm::Error writeFirstSequence(const Golden &golden, const std::string &path);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_GOLDEN_H
