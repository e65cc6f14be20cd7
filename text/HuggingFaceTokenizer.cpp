//===- HuggingFaceTokenizer.cpp - Importing a tokenizer.json --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/HuggingFaceTokenizer.h"
#include "runtime/text/TokenizerTables.h"
#include "text/AddedVocabulary.h"
#include "text/ByteAlphabet.h"
#include "text/GgufTokenizer.h"
#include "text/HuggingFaceSteps.h"
#include "text/NamedTokens.h"
#include "text/Stops.h"

#include <algorithm>
#include <unordered_map>

namespace sinter::text {

using Json = nlohmann::json;

namespace {
class HuggingFaceImporter {
public:
  HuggingFaceImporter(const HuggingFaceTokenizer &source,
                      const PatternCatalog &catalog,
                      std::vector<std::string> &warnings)
      : source(source), catalog(catalog), warnings(warnings) {}

  Result<TokenizerDescription> import();

private:
  Failure fail(const std::string &what) const {
    return Failure(source.file + ": error: " + what);
  }
  Failure readModel();
  Failure readToken(const std::string &text, const Json &id, float score);
  Failure readVocabulary(const Json &vocab);
  Failure readMerges(const Json &merges);
  Failure readBytePairs(const Json &model);
  Failure readUnigram(const Json &model);
  Failure readWordPiece(const Json &model);
  Failure readAdded();
  Failure normalizeAdded();
  Failure readPostProcessor(const Json &processor);
  Failure readTemplate(const Json &processor);
  void readByteTokens();
  void readSpecialTokens();
  uint32_t idOf(const std::string &text) const {
    auto found = ids.find(text);
    return found == ids.end() ? noToken : found->second;
  }
  bool exists(const Json &id) const {
    return id.is_number_unsigned() && id.get<uint64_t>() < to.tokens.size();
  }

  const HuggingFaceTokenizer &source;
  const PatternCatalog &catalog;
  std::vector<std::string> &warnings;
  TokenizerDescription to;
  NamedTokens named;
  bool byteLevel = false;
  std::vector<std::string> written; // each token as the file writes it
  std::unordered_map<std::string, uint32_t> ids;
};
} // namespace

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

Failure HuggingFaceImporter::readToken(const std::string &text, const Json &id,
                                       float score) {
  if (!id.is_number_unsigned() || id.get<uint64_t>() > maxToken)
    return fail("token \"" + text + "\": expected an id of at most " +
                std::to_string(maxToken) + ", found " + id.dump());
  uint32_t number = id.get<uint32_t>();
  if (number >= to.tokens.size()) {
    to.tokens.resize(number + 1);
    written.resize(number + 1);
  }
  TokenDescription &token = to.tokens[number];
  token.kind = TokenKind::Normal;
  token.inModel = true;
  token.text = text;
  token.score = score;
  if (byteLevel) {
    std::optional<std::string> bytes = bytesOfAlphabet(text);
    token.inModel = bytes.has_value();
    token.text = bytes.value_or(text);
  }
  written[number] = text;
  ids[text] = number;
  return Failure::none();
}

Failure HuggingFaceImporter::readVocabulary(const Json &vocab) {
  if (!vocab.is_object() || vocab.empty())
    return fail("model.vocab is missing or not an object");
  for (const auto &[text, id] : vocab.items())
    if (Failure failure = readToken(text, id, 0))
      return failure;
  return Failure::none();
}

/// Merges are pairs, or in older files texts with a space between.
Failure HuggingFaceImporter::readMerges(const Json &merges) {
  if (!merges.is_array())
    return fail("model.merges is missing or not an array");
  for (size_t i = 0; i < merges.size(); ++i) {
    std::string left, right;
    const Json &merge = merges[i];
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
        merge[1].is_string()) {
      left = merge[0].get<std::string>();
      right = merge[1].get<std::string>();
    } else if (merge.is_string()) {
      std::string both = merge.get<std::string>();
      size_t space = both.find(' ');
      left = both.substr(0, space);
      right = space == both.npos ? "" : both.substr(space + 1);
    }
    uint32_t leftId = idOf(left), rightId = idOf(right),
             result = idOf(left + right);
    if (leftId == noToken || rightId == noToken || result == noToken)
      return fail("model.merges[" + std::to_string(i) +
                  "]: expected two tokens whose join is a token, found " +
                  merge.dump(-1, ' ', false, Json::error_handler_t::replace));
    to.merges.push_back({leftId, rightId, result});
  }
  return Failure::none();
}

Failure HuggingFaceImporter::readBytePairs(const Json &model) {
  to.model = byteLevel ? ModelKind::MergeBytes : ModelKind::MergeCharacters;
  for (const char *key : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!textAt(model, key).empty())
      return fail("model." + std::string(key) + " is not supported");
  if (boolAt(model, "ignore_merges", false))
    to.flags |= IgnoreMerges;
  if (boolAt(model, "fuse_unk", false))
    to.flags |= FuseUnknown;
  if (Failure failure = readVocabulary(at(model, "vocab")))
    return failure;
  if (Failure failure = readMerges(at(model, "merges")))
    return failure;
  if (boolAt(model, "byte_fallback", false) || byteLevel)
    readByteTokens();
  if (std::string unknown = textAt(model, "unk_token"); !unknown.empty())
    to.unknown = idOf(unknown);
  return Failure::none();
}

void HuggingFaceImporter::readByteTokens() {
  for (uint32_t id = 0; id < to.tokens.size(); ++id) {
    TokenDescription &token = to.tokens[id];
    if (!token.inModel)
      continue;
    if (byteLevel && token.text.size() == 1)
      to.byteTokens[static_cast<unsigned char>(token.text[0])] = id;
    else if (auto byte = byteOfName(token.text); byte && !byteLevel)
      to.byteTokens[*byte] = id;
  }
}

Failure HuggingFaceImporter::readUnigram(const Json &model) {
  to.model = ModelKind::Unigram;
  to.flags |= FuseUnknown;
  const Json &vocab = at(model, "vocab");
  if (!vocab.is_array())
    return fail("model.vocab is missing or not an array");
  for (size_t id = 0; id < vocab.size(); ++id) {
    const Json &entry = vocab[id];
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() ||
        !entry[1].is_number())
      return fail("model.vocab[" + std::to_string(id) +
                  "]: expected a text and a score");
    if (Failure failure =
            readToken(entry[0].get<std::string>(),
                      Json(static_cast<uint64_t>(id)), entry[1].get<float>()))
      return failure;
  }
  if (boolAt(model, "byte_fallback", false))
    readByteTokens();
  if (exists(at(model, "unk_id"))) {
    to.unknown = at(model, "unk_id").get<uint32_t>();
    to.tokens[to.unknown].kind = TokenKind::Unknown;
  }
  return Failure::none();
}

Failure HuggingFaceImporter::readWordPiece(const Json &model) {
  to.model = ModelKind::WordPiece;
  std::string prefix = textAt(model, "continuing_subword_prefix", "##");
  if (Failure failure = readVocabulary(at(model, "vocab")))
    return failure;
  for (TokenDescription &token : to.tokens)
    if (!prefix.empty() && token.text.starts_with(prefix))
      token.text.replace(0, prefix.size(), 1, '\1');
  to.unknown = idOf(textAt(model, "unk_token", "[UNK]"));
  return Failure::none();
}

Failure HuggingFaceImporter::readModel() {
  const Json &model = at(source.tokenizer, "model");
  std::string type = textAt(model, "type");
  if (type.empty()) // files older than the key
    type = at(model, "merges").is_array()               ? "BPE"
           : at(model, "vocab").is_array()              ? "Unigram"
           : model.contains("max_input_chars_per_word") ? "WordPiece"
                                                        : "";
  if (type == "BPE")
    return readBytePairs(model);
  if (type == "Unigram")
    return readUnigram(model);
  if (type == "WordPiece")
    return readWordPiece(model);
  return fail("model type \"" + type + "\" is not supported");
}

//===----------------------------------------------------------------------===//
// Added and special tokens
//===----------------------------------------------------------------------===//

Failure HuggingFaceImporter::readAdded() {
  const Json &listed = at(source.tokenizer, "added_tokens");
  if (!listed.is_null() && !listed.is_array())
    return fail("added_tokens is not an array");
  AddedVocabulary added(ids);
  for (const Json &entry : listed)
    added.add(tokenOf(entry));
  for (const auto &[id, token] : named.placed)
    added.add(token);
  for (const NamedToken &token : named.others)
    if (!added.has(token.text))
      added.add(token);
  to.added = added.descriptions();
  for (const auto &[token, id, isNew] : added.entries()) {
    if (id >= to.tokens.size()) {
      to.tokens.resize(id + 1);
      written.resize(id + 1);
    }
    // In a vocabulary with gaps a new token may get the id of another.
    if (isNew && !to.tokens[id].inModel)
      written[id] = to.tokens[id].text = token.text;
    to.tokens[id].kind =
        added.isSpecial(token.text) ? TokenKind::Control : TokenKind::Added;
  }
  for (const AddedVocabulary::Entry &entry : added.entries())
    ids.emplace(entry.token.text, entry.id);
  return Failure::none();
}

/// Added tokens that are looked for in normalized text are normalized
/// themselves, and decode to that.
Failure HuggingFaceImporter::normalizeAdded() {
  if (to.normalizeSteps.empty())
    return Failure::none();
  std::vector<std::string> texts;
  for (const AddedDescription &token : to.added)
    texts.push_back(token.text);
  Result<std::vector<std::string>> normal =
      normalizeTexts(to, std::move(texts));
  if (!normal)
    return normal.failure();
  for (size_t i = 0; i < to.added.size(); ++i)
    if (to.added[i].normalized)
      written[to.added[i].token] = to.added[i].text = (*normal)[i];
  return Failure::none();
}

/// {"single": [{"SpecialToken": {"id": ...}}, {"Sequence": ...}, ...],
/// "special_tokens": {id: {"ids": [...]}}}
Failure HuggingFaceImporter::readTemplate(const Json &processor) {
  bool after = false;
  for (const Json &item : at(processor, "single")) {
    if (!at(item, "Sequence").is_null()) {
      after = true;
      continue;
    }
    std::string name = textAt(at(item, "SpecialToken"), "id");
    const Json &special = at(at(processor, "special_tokens"), name.c_str());
    const Json &tokens = at(special, "ids");
    if (!tokens.is_array())
      return fail("post_processor names \"" + name +
                  "\" and has no ids for it");
    for (const Json &id : tokens) {
      if (!exists(id))
        return fail("post_processor: no token " + id.dump());
      (after ? to.suffix : to.prefix).push_back(id.get<uint32_t>());
    }
  }
  return Failure::none();
}

Failure HuggingFaceImporter::readPostProcessor(const Json &processor) {
  std::string type = textAt(processor, "type");
  if (processor.is_null() || type == "ByteLevel")
    return Failure::none();
  if (type == "TemplateProcessing")
    return readTemplate(processor);
  if (type == "RobertaProcessing" || type == "BertProcessing") {
    for (auto [key, place] :
         {std::pair("cls", &to.prefix), std::pair("sep", &to.suffix)}) {
      const Json &pair = at(processor, key);
      if (!pair.is_array() || pair.size() != 2 || !exists(pair[1]))
        return fail("post_processor." + std::string(key) +
                    ": expected a token's text and id");
      place->push_back(pair[1].get<uint32_t>());
    }
    return Failure::none();
  }
  if (type == "Sequence") {
    for (const Json &part : at(processor, "processors"))
      if (Failure failure = readPostProcessor(part))
        return failure;
    return Failure::none();
  }
  return fail("post_processor \"" + type + "\" is not supported");
}

/// The roles, and the wish for begin and end tokens, which only some classes
/// of tokenizers read.
void HuggingFaceImporter::readSpecialTokens() {
  to.begin = idOf(named.role("bos_token"));
  to.end = idOf(named.role("eos_token"));
  to.pad = idOf(named.role("pad_token"));
  if (to.unknown == noToken && to.model == ModelKind::WordPiece)
    to.unknown = idOf(named.role("unk_token"));
  const Json &config = source.tokenizerConfig;
  if (!source.made && !catalog.readsFrame(textAt(config, "tokenizer_class")))
    return;
  auto wish = [&](const char *key, uint32_t id, std::vector<uint32_t> &place) {
    const Json &value = at(config, key);
    if (id == noToken || !value.is_boolean())
      return;
    bool has = std::find(place.begin(), place.end(), id) != place.end();
    if (value.get<bool>() && !has)
      place.push_back(id);
    else if (!value.get<bool>() && place.size() == 1 && has)
      place.clear();
  };
  wish("add_bos_token", to.begin, to.prefix);
  wish("add_eos_token", to.end, to.suffix);
}

/// A text, or a list of named texts of which "default" is meant.
std::string chatTemplateOf(const HuggingFaceTokenizer &source,
                           std::vector<std::string> &warnings) {
  const Json &value = at(source.tokenizerConfig, "chat_template");
  if (!source.chatTemplate.empty())
    return source.chatTemplate;
  if (value.is_string())
    return value.get<std::string>();
  std::string chosen;
  if (value.is_array())
    for (const Json &entry : value)
      if (textAt(entry, "name") == "default")
        chosen = textAt(entry, "template");
  if (value.is_array() && value.size() > 1)
    warnings.push_back(source.file + ": of several chat templates, only " +
                       "\"default\" is used");
  return chosen;
}

Result<TokenizerDescription> HuggingFaceImporter::import() {
  const Json &json = source.tokenizer;
  if (!json.is_object())
    return fail("expected an object");
  if (Failure failure = addNormalizer(at(json, "normalizer"), to, byteLevel))
    return fail(failure.message());
  if (Failure failure =
          addPreTokenizer(at(json, "pre_tokenizer"), to, byteLevel))
    return fail(failure.message());
  if (Failure failure = readModel())
    return failure;
  Result<NamedTokens> names = readNamedTokens(source);
  if (!names)
    return names.failure();
  named = std::move(*names);
  if (Failure failure = readAdded())
    return failure;
  if (Failure failure = normalizeAdded())
    return failure;
  if (Failure failure = addDecoder(at(json, "decoder"), written, to))
    return fail(failure.message());
  if (Failure failure = readPostProcessor(at(json, "post_processor")))
    return failure;
  readSpecialTokens();
  to.chatTemplate = chatTemplateOf(source, warnings);
  std::vector<uint32_t> stops;
  for (int64_t id : listedStops(source))
    stops.push_back(static_cast<uint32_t>(id));
  addStops(stops.empty() ? std::vector{to.end} : stops, catalog.stopTexts(),
           to);
  return std::move(to);
}

Result<TokenizerDescription> describe(const HuggingFaceTokenizer &source,
                                      const PatternCatalog &catalog,
                                      std::vector<std::string> &warnings) {
  return HuggingFaceImporter(source, catalog, warnings).import();
}

} // namespace sinter::text
