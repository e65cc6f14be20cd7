//===- Checkpoint.h - A model's files, whatever their format ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The one view that the rest of the compiler has of a model on disk: a
// configuration tree, a list of tensors, and the files beside them. Whether
// names follow one format's habits or the other's is said by configKind() and
// weightsKind(); nothing else differs.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FORMATS_CHECKPOINT_H
#define SINTER_FORMATS_CHECKPOINT_H

#include "formats/Gguf.h"
#include "formats/Json.h"
#include "formats/Safetensors.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sinter {

/// Whose key and tensor names a checkpoint uses.
enum class CheckpointKind { HuggingFace, Gguf };

/// "hf" or "gguf": the words that specs use.
std::string_view nameOf(CheckpointKind kind);

class Checkpoint {
public:
  /// Opens MODEL: a folder with config.json and *.safetensors (one file, or
  /// shards with model.safetensors.index.json), a folder with a modules.json
  /// that says in which of its folders those are, or a GGUF file.
  static Result<Checkpoint> open(const std::string &path);

  /// Opens a configuration (a JSON file, a folder with config.json, or a GGUF
  /// file of which only the metadata counts) without weights.
  static Result<Checkpoint> openConfig(const std::string &configPath);

  /// A configuration as above and weights from elsewhere: a .safetensors file,
  /// an index of shards, a folder with either, or a GGUF file.
  static Result<Checkpoint> openParts(const std::string &configPath,
                                      const std::string &weightsPath);

  /// The model that this one has a part of: its configuration is `config`,
  /// which `where` names in messages, and a tensor whose name begins with the
  /// first of a pair (of the first pair that fits) has a name that begins with
  /// the second. What StoredTensors say of themselves stays as it is.
  Checkpoint part(nlohmann::json config, std::string_view where,
                  std::vector<std::pair<std::string, std::string>> names) const;

  CheckpointKind configKind() const { return kindOfConfig; }
  CheckpointKind weightsKind() const { return kindOfWeights; }

  /// The file that config() came from.
  const std::string &configFile() const { return configPath; }
  /// The same for messages: of a part, with where it is in that.
  const std::string &configName() const { return configPlace; }

  /// Where a key of config.json stands ("a.b" descends), for messages; nowhere
  /// in a GGUF file.
  TextPlace placeOf(std::string_view key) const;

  /// HuggingFace: the tree of config.json, an object. GGUF: an object of the
  /// metadata under its flat keys ("general.architecture": "..."), where
  ///  - strings are valid UTF-8 (wrong bytes are replaced; gguf() has the raw);
  ///  - arrays of more than 4096 elements, and nested ones, are left out;
  ///  - every array KEY also gives "KEY.length", an integer (the vocabulary's
  ///    size is "tokenizer.ggml.tokens.length").
  const nlohmann::json &config() const { return configTree; }

  bool hasWeights() const { return weightsPresent; }
  /// Every tensor, in file order; empty without weights.
  const std::vector<StoredTensor> &tensors() const { return tensorList; }
  /// The tensor of that name, or null.
  const StoredTensor *find(std::string_view name) const;
  /// The name by which find() knows a tensor: of a part, not that in the file.
  std::string nameOf(const StoredTensor &tensor) const;

  /// The GGUF file that config() came from, or null.
  const GgufFile *gguf() const { return ggufFile.get(); }

  /// The text of a file beside config.json ("tokenizer.json",
  /// "tokenizer_config.json", "generation_config.json", "tokenizer.model",
  /// "chat_template.jinja", ...); nullopt when there is none, as always for
  /// GGUF. Fails when it exists and cannot be read. Not cached.
  Result<std::optional<std::string>> sideFile(std::string_view name) const;

  /// The folder that was opened: that of config.json, or one whose modules.json
  /// says in which of its folders that is. Empty for GGUF.
  const std::string &outerFolder() const { return outer; }

private:
  Checkpoint() = default;
  Failure loadConfig(const std::string &path);
  Failure loadGgufConfig(const std::string &path);
  Failure loadWeights(const std::string &path);
  Failure loadFolderWeights(const std::string &path);
  void takeTensors(std::vector<StoredTensor> tensors);

  CheckpointKind kindOfConfig = CheckpointKind::HuggingFace;
  CheckpointKind kindOfWeights = CheckpointKind::HuggingFace;
  std::string configPath, configPlace;
  std::string configPrefix; ///< of a part's keys in the file
  std::string folder;       ///< of the side files; empty for GGUF
  std::string outer;
  nlohmann::json configTree;
  std::shared_ptr<const GgufFile> ggufFile;
  bool weightsPresent = false;
  std::vector<StoredTensor> tensorList;
  std::unordered_map<std::string, size_t> tensorByName;
  std::vector<std::pair<std::string, std::string>> partNames;
};

} // namespace sinter

#endif // SINTER_FORMATS_CHECKPOINT_H
