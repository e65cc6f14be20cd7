//===- SpecSearch.cpp - Finds the spec of a checkpoint --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/SpecSearch.h"

#include "spec/Model.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

using namespace sinter;

namespace {

llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Expected<SpecFile> readSpec(const std::string &path) {
  // One byte more than a spec may have, so that the parser says so.
  Result<std::string> text = readFile(path, YamlLimits().maxBytes + 1);
  if (!text)
    return fail("error: " + text.message());
  SpecFile spec;
  spec.path = path;
  spec.name = std::make_shared<const std::string>(path);
  Diagnostics diagnostics;
  spec.root = parseYaml(*text, *spec.name, diagnostics);
  if (diagnostics.failed())
    return diagnostics.take();
  return spec;
}

/// The words of one key of `matches`.
std::vector<std::string> wordsOf(const YamlNode &root, llvm::StringRef key) {
  std::vector<std::string> words;
  const YamlNode *matches = root.find("matches");
  const YamlNode *node = matches ? matches->find(key) : nullptr;
  if (node && node->isScalar())
    words.push_back(node->text);
  for (const YamlNode &item : node ? node->items : std::vector<YamlNode>())
    words.push_back(item.text);
  return words;
}

std::string stringAt(const nlohmann::json &config, const char *key) {
  auto it = config.find(key);
  return it != config.end() && it->is_string() ? it->get<std::string>() : "";
}

std::vector<std::string> specFiles(const std::string &folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto &entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".yaml" &&
        entry.path().filename() != "tokenizers.yaml")
      files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

} // namespace

llvm::Expected<SpecFile>
sinter::findSpec(const Checkpoint &checkpoint, const std::string &path,
                 const std::vector<std::string> &folders) {
  if (!path.empty())
    return readSpec(path);
  bool gguf = checkpoint.configKind() == CheckpointKind::Gguf;
  const char *key = gguf ? "gguf.architecture" : "model_type";
  std::string word = stringAt(checkpoint.config(),
                              gguf ? "general.architecture" : "model_type");
  if (word.empty())
    return fail("error: " + checkpoint.configFile() + ": there is no \"" +
                (gguf ? "general.architecture" : "model_type") +
                "\" to find a spec by; name one with --spec");
  std::vector<std::string> known;
  for (const std::string &folder : folders) {
    std::vector<SpecFile> found;
    for (const std::string &file : specFiles(folder)) {
      llvm::Expected<SpecFile> spec = readSpec(file);
      if (!spec)
        return spec.takeError();
      std::vector<std::string> words = wordsOf(spec->root, key);
      if (llvm::is_contained(words, word))
        found.push_back(std::move(*spec));
      known.insert(known.end(), words.begin(), words.end());
    }
    if (found.size() > 1)
      return fail("error: both " + found[0].path + " and " + found[1].path +
                  " match \"" + word + "\"; choose with --spec");
    if (found.size() == 1)
      return std::move(found[0]);
  }
  std::vector<llvm::StringRef> names(known.begin(), known.end());
  std::string where;
  for (const std::string &folder : folders)
    where += (where.empty() ? "" : ", ") + folder;
  return fail("error: " + checkpoint.configFile() + ": no spec in " +
              (where.empty() ? "any folder" : where) + " is for \"" + word +
              "\"" + didYouMean(word, names) +
              " (docs/adding-a-model.md says how to write one)");
}

std::vector<std::string> sinter::specSearchDirs(const std::string &installed) {
  std::vector<std::string> folders;
  llvm::StringRef rest =
      std::getenv("SINTER_MODELS") ? std::getenv("SINTER_MODELS") : "";
  while (!rest.empty()) {
    auto [head, tail] = rest.split(':');
    if (!head.empty())
      folders.push_back(head.str());
    rest = tail;
  }
  if (!installed.empty())
    folders.push_back(installed);
  return folders;
}
