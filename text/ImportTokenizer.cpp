//===- ImportTokenizer.cpp - From a checkpoint to tokenizer tables --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/ImportTokenizer.h"
#include "formats/Checkpoint.h"
#include "formats/Json.h"
#include "text/GgufDefaults.h"
#include "text/GgufTokenizer.h"
#include "text/HuggingFaceSteps.h"
#include "text/HuggingFaceTokenizer.h"
#include "text/RankFile.h"
#include "text/SentencePiece.h"
#include "text/VocabAndMerges.h"

#include <algorithm>

namespace sinter::text {

namespace {
/// Reads keys that may be absent; the first that is there with another type
/// than expected is the failure.
class GgufReader {
public:
  explicit GgufReader(const GgufFile &file) : file(file) {}

  /// `model` gets what tokenizer.ggml.model says.
  Result<GgufTokenizer> read(std::string &model);

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

Result<GgufTokenizer> GgufReader::read(std::string &model) {
  GgufTokenizer to;
  to.file = file.path();
  std::vector<int64_t> charsMap;
  get("tokenizer.ggml.model", model, &GgufFile::getString);
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
  for (const char *key : {"general.name", "general.architecture"})
    get(key, to.names[key], &GgufFile::getString);
  to.names["tokenizer.ggml.pre"] = to.pre;
  if (failure)
    return failure;
  for (int64_t byte : charsMap)
    to.charsMap += static_cast<char>(byte);
  return to;
}

/// Tells in which order keys stand in tokenizer_config.json, which has been
/// read as `text` already.
static void readOrder(const std::string &text, HuggingFaceTokenizer &source) {
  using Ordered = nlohmann::ordered_json;
  // Long and of no interest here.
  auto keep = [](int depth, Ordered::parse_event_t event, Ordered &parsed) {
    return depth != 1 || event != Ordered::parse_event_t::key ||
           parsed != "added_tokens_decoder";
  };
  size_t start = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  Ordered tree = Ordered::parse(text.begin() + ptrdiff_t(start), text.end(),
                                keep, /*allow_exceptions=*/false);
  for (const auto &[key, value] : tree.items()) {
    source.configKeys.push_back(key);
    if (key == "extra_special_tokens" && value.is_object())
      for (const auto &[name, token] : value.items())
        source.extraKeys.push_back(name);
  }
}

/// Reads the files beside `checkpoint`'s config.json.
static Result<HuggingFaceTokenizer>
readHuggingFace(const Checkpoint &checkpoint) {
  HuggingFaceTokenizer source;
  source.config = checkpoint.config();
  std::string folder = checkpoint.configFile();
  folder.resize(folder.find_last_of('/') + 1); // npos + 1 is 0
  source.file = folder + "tokenizer.json";
  for (auto [name, place] :
       {std::pair("tokenizer.json", &source.tokenizer),
        std::pair("tokenizer_config.json", &source.tokenizerConfig),
        std::pair("special_tokens_map.json", &source.specialTokensMap),
        std::pair("added_tokens.json", &source.addedTokens),
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
    if (place == &source.tokenizerConfig)
      readOrder(**text, source);
  }
  Result<std::optional<std::string>> chat =
      checkpoint.sideFile("chat_template.jinja");
  if (!chat)
    return chat.failure();
  source.chatTemplate = chat->value_or("");
  return source;
}

/// Whether a normalizer of tokenizer.json puts text in lower case.
static bool lowersCase(const nlohmann::json &normalizer) {
  if (!normalizer.is_object())
    return false;
  if (normalizer.value("type", nlohmann::json()) == "Lowercase" ||
      normalizer.value("lowercase", nlohmann::json()) == true)
    return true;
  auto parts = normalizer.find("normalizers");
  return parts != normalizer.end() && parts->is_array() &&
         std::any_of(parts->begin(), parts->end(), lowersCase);
}

/// Puts text in lower case before all else, unless that is done anyway.
static void lowerCaseFirst(nlohmann::json &tokenizer) {
  if (!tokenizer.is_object() || lowersCase(tokenizer["normalizer"]))
    return;
  nlohmann::json steps = {{{"type", "Lowercase"}}};
  if (!tokenizer["normalizer"].is_null())
    steps.push_back(std::move(tokenizer["normalizer"]));
  tokenizer["normalizer"] = {{"type", "Sequence"}, {"normalizers", steps}};
}

/// Makes a tokenizer.json of vocab.json and merges.txt, if the files are there
/// and of a class that is known to need no more.
static Failure readMerges(const Checkpoint &checkpoint,
                          const PatternCatalog &catalog,
                          const std::string &folder,
                          HuggingFaceTokenizer &source) {
  const nlohmann::json &config = source.tokenizerConfig;
  if (!catalog.readsMerges(textAt(config, "tokenizer_class")))
    return Failure::none();
  auto vocab = checkpoint.sideFile("vocab.json");
  auto merges = checkpoint.sideFile("merges.txt");
  if (!vocab)
    return vocab.failure();
  if (!merges)
    return merges.failure();
  if (!*vocab || !*merges)
    return Failure::none();
  Result<nlohmann::json> tree = parseJson(**vocab, folder + "vocab.json");
  if (!tree)
    return tree.failure();
  Result<nlohmann::json> made = joinVocabAndMerges(
      std::move(*tree), **merges, boolAt(config, "add_prefix_space", false),
      folder + "merges.txt");
  if (!made)
    return made.failure();
  source.tokenizer = std::move(*made);
  source.made = true;
  source.file = folder + "vocab.json";
  return Failure::none();
}

/// The pieces of tokenizer.model, or the ranks of a file that the catalog
/// knows; nullopt when there is neither.
static Result<std::optional<GgufTokenizer>>
readPieces(const Checkpoint &checkpoint, const PatternCatalog &catalog,
           const std::string &folder) {
  auto wrap =
      [](Result<GgufTokenizer> read) -> Result<std::optional<GgufTokenizer>> {
    if (!read)
      return read.failure();
    return std::optional(std::move(*read));
  };
  for (const RankFile &entry : catalog.rankFiles()) {
    Result<std::optional<std::string>> lines = checkpoint.sideFile(entry.file);
    if (!lines)
      return lines.failure();
    if (*lines)
      return wrap(readRanks(**lines, entry, folder + entry.file));
  }
  constexpr const char *name = "tokenizer.model";
  Result<std::optional<std::string>> bytes = checkpoint.sideFile(name);
  if (!bytes)
    return bytes.failure();
  if (!*bytes)
    return std::optional<GgufTokenizer>();
  return wrap(readSentencePieces(**bytes, folder + name));
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
importTokenizer(const Checkpoint &checkpoint, const PatternCatalog &catalog,
                bool lowerCase) {
  ImportedTokenizer imported;
  if (const GgufFile *file = checkpoint.gguf()) {
    std::string model;
    Result<GgufTokenizer> source = GgufReader(*file).read(model);
    if (!source)
      return source.failure();
    if (model.empty() || model == "none" || model == "no_vocab")
      return std::optional<ImportedTokenizer>();
    std::optional<ModelKind> kind = catalog.model(model);
    if (!kind)
      return Failure(source->file + ": error: tokenizer.ggml.model is '" +
                     model + "'; expected one of " + catalog.modelNames());
    source->kind = *kind;
    complete(*source, model, catalog);
    return finish(describe(*source, catalog, imported.warnings),
                  std::move(imported));
  }
  Result<HuggingFaceTokenizer> source = readHuggingFace(checkpoint);
  if (!source)
    return source.failure();
  std::string folder = source->file.substr(0, source->file.rfind('/') + 1);
  if (source->tokenizer.is_null())
    if (Failure failure = readMerges(checkpoint, catalog, folder, *source))
      return failure;
  if (lowerCase)
    lowerCaseFirst(source->tokenizer);
  if (!source->tokenizer.is_null())
    return finish(describe(*source, catalog, imported.warnings),
                  std::move(imported));
  Result<std::optional<GgufTokenizer>> pieces =
      readPieces(checkpoint, catalog, folder);
  if (!pieces)
    return pieces.failure();
  if (!*pieces)
    return std::optional<ImportedTokenizer>();
  if (lowerCase)
    return Failure(source->file + ": error: expected this file where the "
                                  "settings of embeddings say do_lower_case");
  if (Failure failure = addCompanions(*source, imported.warnings, **pieces))
    return failure;
  return finish(describe(**pieces, catalog, imported.warnings),
                std::move(imported));
}

} // namespace sinter::text
