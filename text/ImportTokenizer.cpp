//===- ImportTokenizer.cpp - From a checkpoint to tokenizer tables --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/ImportTokenizer.h"
#include "formats/Checkpoint.h"
#include "formats/Json.h"
#include "text/GgufTokenizer.h"
#include "text/HuggingFaceTokenizer.h"

namespace sinter::text {

namespace {
/// Reads keys that may be absent; the first that is there with another type
/// than expected is the failure.
class GgufReader {
public:
  explicit GgufReader(const GgufFile &file) : file(file) {}

  Result<GgufTokenizer> read();

private:
  template <typename T, typename Get>
  void get(const char *key, T &to, Get getter) {
    if (!file.find(key) || failure)
      return;
    auto value = (file.*getter)(key);
    if (value)
      to = std::move(*value);
    else
      failure = value.failure();
  }

  const GgufFile &file;
  Failure failure;
};
} // namespace

Result<GgufTokenizer> GgufReader::read() {
  GgufTokenizer to;
  to.file = file.path();
  std::vector<int64_t> charsMap;
  get("tokenizer.ggml.model", to.model, &GgufFile::getString);
  get("tokenizer.ggml.pre", to.pre, &GgufFile::getString);
  get("tokenizer.ggml.tokens", to.tokens, &GgufFile::getStrings);
  get("tokenizer.ggml.scores", to.scores, &GgufFile::getFloats);
  get("tokenizer.ggml.token_type", to.kinds, &GgufFile::getInts);
  get("tokenizer.ggml.merges", to.merges, &GgufFile::getStrings);
  get("tokenizer.ggml.precompiled_charsmap", charsMap, &GgufFile::getInts);
  get("tokenizer.ggml.add_bos_token", to.addBegin, &GgufFile::getBool);
  get("tokenizer.ggml.add_eos_token", to.addEnd, &GgufFile::getBool);
  get("tokenizer.ggml.add_space_prefix", to.addSpace, &GgufFile::getBool);
  get("tokenizer.ggml.remove_extra_whitespaces", to.joinSpaces,
      &GgufFile::getBool);
  get("tokenizer.ggml.bos_token_id", to.begin, &GgufFile::getInt);
  get("tokenizer.ggml.eos_token_id", to.end, &GgufFile::getInt);
  get("tokenizer.ggml.eot_token_id", to.turnEnd, &GgufFile::getInt);
  get("tokenizer.ggml.eom_token_id", to.messageEnd, &GgufFile::getInt);
  get("tokenizer.ggml.unknown_token_id", to.unknown, &GgufFile::getInt);
  get("tokenizer.ggml.seperator_token_id", to.separator, &GgufFile::getInt);
  get("tokenizer.ggml.padding_token_id", to.pad, &GgufFile::getInt);
  get("tokenizer.ggml.cls_token_id", to.classify, &GgufFile::getInt);
  get("tokenizer.chat_template", to.chatTemplate, &GgufFile::getString);
  if (failure)
    return failure;
  for (int64_t byte : charsMap)
    to.charsMap += static_cast<char>(byte);
  return to;
}

/// Reads the files beside `checkpoint`'s config.json.
static Result<std::optional<HuggingFaceTokenizer>>
readHuggingFace(const Checkpoint &checkpoint) {
  HuggingFaceTokenizer source;
  source.config = checkpoint.config();
  std::string folder = checkpoint.configFile();
  folder.resize(folder.find_last_of('/') + 1); // npos + 1 is 0
  source.file = folder + "tokenizer.json";
  for (auto [name, place] :
       {std::pair("tokenizer.json", &source.tokenizer),
        std::pair("tokenizer_config.json", &source.tokenizerConfig),
        std::pair("generation_config.json", &source.generationConfig)}) {
    Result<std::optional<std::string>> text = checkpoint.sideFile(name);
    if (!text)
      return text.failure();
    if (!*text)
      continue;
    Result<nlohmann::json> tree = parseJson(**text, folder + name);
    if (!tree)
      return tree.failure();
    *place = std::move(*tree);
  }
  Result<std::optional<std::string>> chat =
      checkpoint.sideFile("chat_template.jinja");
  if (!chat)
    return chat.failure();
  source.chatTemplate = chat->value_or("");
  if (source.tokenizer.is_null())
    return std::optional<HuggingFaceTokenizer>();
  return std::optional(std::move(source));
}

static Result<std::optional<ImportedTokenizer>>
finish(Result<TokenizerDescription> description, ImportedTokenizer imported) {
  if (!description)
    return description.failure();
  Result<std::vector<std::byte>> tables = writeTables(*description);
  if (!tables)
    return tables.failure();
  imported.tables = std::move(*tables);
  return std::optional(std::move(imported));
}

Result<std::optional<ImportedTokenizer>>
importTokenizer(const Checkpoint &checkpoint, const PatternCatalog &catalog) {
  ImportedTokenizer imported;
  if (const GgufFile *file = checkpoint.gguf()) {
    Result<GgufTokenizer> source = GgufReader(*file).read();
    if (!source)
      return source.failure();
    if (source->model.empty() || source->model == "none" ||
        source->model == "no_vocab")
      return std::optional<ImportedTokenizer>();
    return finish(describe(*source, catalog, imported.warnings),
                  std::move(imported));
  }
  auto source = readHuggingFace(checkpoint);
  if (!source)
    return source.failure();
  if (!*source)
    return std::optional<ImportedTokenizer>();
  return finish(describe(**source, catalog, imported.warnings),
                std::move(imported));
}

} // namespace sinter::text
