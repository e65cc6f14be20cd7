//===- EmbeddingFiles.cpp - Settings of what makes embeddings -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/EmbeddingFiles.h"

#include "formats/Json.h"
#include "formats/Text.h"

#include <filesystem>
#include <unistd.h>

using namespace sinter;
using nlohmann::json;

bool sinter::fileExists(const std::string &path) {
  return access(path.c_str(), F_OK) == 0;
}

//===----------------------------------------------------------------------===//
// Settings
//===----------------------------------------------------------------------===//

Result<SettingsFile> SettingsFile::open(const std::string &file) {
  Result<json> read = readJson(file);
  if (!read)
    return read.failure();
  if (!read->is_object())
    return Failure(file + ": error: expected a JSON object, found " +
                   read->type_name());
  SettingsFile settings;
  settings.file = file;
  settings.values = std::move(*read);
  return settings;
}

Result<SettingsFile> SettingsFile::openIfThere(const std::string &file) {
  if (fileExists(file))
    return open(file);
  SettingsFile settings;
  settings.file = file;
  return settings;
}

const json *SettingsFile::get(std::string_view key) {
  asked.emplace(key);
  auto found = values.find(key);
  return found == values.end() ? nullptr : &*found;
}

Failure SettingsFile::wrong(std::string_view key,
                            const std::string &expected) const {
  auto found = values.find(key);
  std::string value = found == values.end() ? "nothing" : found->dump();
  return Failure(file + ": error: " + std::string(key) + ": expected " +
                 expected + ", found " +
                 (value.size() > 200 ? value.substr(0, 200) + "..." : value));
}

bool SettingsFile::flag(std::string_view key, bool otherwise) {
  const json *value = get(key);
  if (!value)
    return otherwise;
  if (!value->is_boolean() && !first)
    first = wrong(key, "true or false");
  return value->is_boolean() ? value->get<bool>() : otherwise;
}

int64_t SettingsFile::integer(std::string_view key, int64_t otherwise) {
  const json *value = get(key);
  if (!value || value->is_null())
    return otherwise;
  bool good = value->is_number_integer() && *value >= 0 && *value < 1 << 30;
  if (!good && !first)
    first = wrong(key, "an int of at least 0");
  return good ? value->get<int64_t>() : otherwise;
}

std::string SettingsFile::text(std::string_view key,
                               const std::string &otherwise) {
  const json *value = get(key);
  if (!value || value->is_null())
    return otherwise;
  if (!value->is_string() && !first)
    first = wrong(key, "a text");
  return value->is_string() ? value->get<std::string>() : otherwise;
}

Failure SettingsFile::finish() const {
  if (first)
    return first;
  for (const auto &[key, value] : values.items())
    if (!asked.contains(key))
      return Failure(file + ": error: the key " + quote(key) +
                     " is not known, and might change embeddings");
  return Failure::none();
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

namespace {

/// The settings of a folder's text encoder, sentence_NAME_config.json: families
/// have had names of their own, with the same keys. Where there are none, a
/// name that no file has.
std::string transformerFile(const std::string &folder) {
  std::string first = folder + "sentence_*_config.json", found;
  std::error_code error;
  for (std::filesystem::directory_iterator
           it(folder.empty() ? "." : folder, error),
       end;
       !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (name.starts_with("sentence_") && name.ends_with("_config.json") &&
        (found.empty() || name < found))
      found = name;
  }
  return found.empty() ? first : folder + found;
}

/// The object under a key; empty if there is none.
json objectOf(const json *value) {
  return value && value->is_object() ? *value : json::object();
}

/// A limit on tokens; tokenizers write 1e30 for none.
int64_t limitOf(const json &object, const char *key) {
  auto found = object.find(key);
  bool counts = found != object.end() && found->is_number() && *found >= 1 &&
                *found < 1 << 30;
  return counts ? int64_t(found->get<double>()) : 0;
}

/// Inputs other than plain text need a program of another kind.
Failure checkTask(SettingsFile &settings) {
  if (settings.text("transformer_task", "feature-extraction") !=
      "feature-extraction")
    return settings.wrong("transformer_task", "\"feature-extraction\"");
  if (settings.text("module_output_name", "token_embeddings") !=
      "token_embeddings")
    return settings.wrong("module_output_name", "\"token_embeddings\"");
  const json *modes = settings.get("modality_config");
  if (!modes)
    return Failure::none();
  json text = objectOf(modes).value("text", json());
  if (objectOf(modes).contains("message") ||
      objectOf(&text).value("method", json()) != "forward" ||
      objectOf(&text).value("method_output_name", json()) !=
          "last_hidden_state")
    return settings.wrong("modality_config",
                          "\"text\" whose \"method\" is \"forward\" and whose "
                          "\"method_output_name\" is \"last_hidden_state\", "
                          "and no \"message\"");
  return Failure::none();
}

/// Arguments that are given when a text becomes tokens.
Failure readProcessing(SettingsFile &settings, int64_t &most) {
  const json *value = settings.get("processing_kwargs");
  for (const auto &[kind, arguments] : objectOf(value).items())
    for (const auto &[key, argument] : objectOf(&arguments).items()) {
      bool isLimit = kind == "text" && key == "max_length";
      if (isLimit)
        most = limitOf(arguments, "max_length");
      bool known = isLimit || kind == "chat_template" || key == "padding" ||
                   key == "return_tensors" ||
                   (key == "truncation" && argument != false);
      if (!known)
        return settings.wrong("processing_kwargs",
                              "text with max_length, padding and truncation");
    }
  return Failure::none();
}

} // namespace

Failure sinter::readTransformerSettings(const Checkpoint &checkpoint,
                                        TextEmbedding &result) {
  std::string config = checkpoint.configFile();
  std::string folder = config.substr(0, config.rfind('/') + 1);
  Result<SettingsFile> settings =
      SettingsFile::openIfThere(transformerFile(folder));
  if (!settings)
    return settings.failure();
  if (Failure failure = checkTask(*settings))
    return failure;
  int64_t most = settings->integer("max_seq_length", 0), processed = 0;
  result.lowerCase = settings->flag("do_lower_case", false);
  if (Failure failure = readProcessing(*settings, processed))
    return failure;
  for (const char *key : {"config_args", "config_kwargs"})
    if (!objectOf(settings->get(key)).empty())
      return settings->wrong(key, "nothing: config.json says it all");
  // How files are read, and what encoding queries and documents may override.
  for (const char *key : {"model_args", "model_kwargs", "unpad_inputs",
                          "query_length", "document_length", "query_expansion"})
    settings->pass(key);
  for (const char *key : {"tokenizer_args", "processor_kwargs"})
    if (int64_t limit =
            limitOf(objectOf(settings->get(key)), "model_max_length"))
      most = limit;
  if (Failure failure = settings->finish())
    return failure;
  Result<SettingsFile> tokenizer =
      SettingsFile::openIfThere(folder + "tokenizer_config.json");
  if (!tokenizer)
    return tokenizer.failure();
  const json *side = tokenizer->get("truncation_side");
  result.losesFirst = side && *side == "left";
  if (!most) {
    if (const json *limit = tokenizer->get("model_max_length"))
      most = limitOf({{"limit", *limit}}, "limit");
    int64_t rows = limitOf(checkpoint.config(), "max_position_embeddings");
    most = most && rows ? std::min(most, rows) : std::max(most, rows);
  }
  result.mostTokens = processed ? processed : most;
  return Failure::none();
}

Failure sinter::readPrompts(const std::string &folder, TextEmbedding &result) {
  Result<SettingsFile> settings =
      SettingsFile::openIfThere(folder + "/config_sentence_transformers.json");
  if (!settings)
    return settings.failure();
  const json *prompts = settings->get("prompts");
  if (prompts && !prompts->is_object() && !prompts->is_null())
    return settings->wrong("prompts", "an object");
  json all = objectOf(prompts);
  // These two are always there.
  for (const char *name : {"query", "document"})
    if (!all.contains(name) || all[name].is_null())
      all[name] = "";
  for (const auto &[name, prompt] : all.items()) {
    if (!prompt.is_string())
      return settings->wrong("prompts", "an object of texts");
    result.prompts.emplace_back(name, prompt.get<std::string>());
  }
  result.defaultPrompt = settings->text("default_prompt_name", "");
  if (!result.defaultPrompt.empty() && !all.contains(result.defaultPrompt))
    return settings->wrong("default_prompt_name",
                           "the name of one of the prompts");
  return Failure::none();
}
