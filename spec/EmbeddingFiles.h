//===- EmbeddingFiles.h - Settings of what makes embeddings -----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_EMBEDDINGFILES_H
#define SINTER_SPEC_EMBEDDINGFILES_H

#include "spec/TextEmbedding.h"

#include <set>

namespace sinter {

/// A small JSON object, all of whose keys must be known. What has a wrong type
/// reads as the default, and finish() fails.
class SettingsFile {
public:
  static Result<SettingsFile> open(const std::string &file);
  /// One that is not there reads as empty.
  static Result<SettingsFile> openIfThere(const std::string &file);

  /// The value of a key, or null.
  const nlohmann::json *get(std::string_view key);
  bool flag(std::string_view key, bool otherwise);
  int64_t integer(std::string_view key, int64_t otherwise);
  /// null reads as the default.
  std::string text(std::string_view key, const std::string &otherwise);
  /// A key that changes nothing here.
  void pass(std::string_view key) { get(key); }

  /// The failure that a key's value is not what was expected.
  Failure wrong(std::string_view key, const std::string &expected) const;
  /// Fails on a value of a wrong type, and on a key that nobody asked for.
  Failure finish() const;
  const std::string &name() const { return file; }

private:
  std::string file;
  nlohmann::json values = nlohmann::json::object();
  std::set<std::string, std::less<>> asked;
  Failure first;
};

bool fileExists(const std::string &path);

/// The length at which texts are cut, and whether they are put in lower case.
Failure readTransformerSettings(const Checkpoint &checkpoint,
                                TextEmbedding &result);

/// Prompts of config_sentence_transformers.json.
Failure readPrompts(const std::string &folder, TextEmbedding &result);

} // namespace sinter

#endif // SINTER_SPEC_EMBEDDINGFILES_H
