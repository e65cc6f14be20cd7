//===- NamedTokens.cpp - Reading the tokens that the files beside name ----===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/NamedTokens.h"
#include "runtime/text/TokenizerTables.h"
#include "text/HuggingFaceSteps.h"
#include "text/HuggingFaceTokenizer.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace sinter::text {

using Json = nlohmann::json;

static constexpr std::string_view standardRoles[] = {
    "bos_token", "eos_token", "unk_token", "sep_token",
    "pad_token", "cls_token", "mask_token"};

static bool isStandard(std::string_view name) {
  return std::ranges::find(standardRoles, name) != std::end(standardRoles);
}

NamedToken tokenOf(const Json &object) {
  bool special = boolAt(object, "special", false);
  NamedToken token;
  token.text = textAt(object, "content");
  token.flags =
      (boolAt(object, "lstrip", false) ? uint32_t(StripLeft) : 0) |
      (boolAt(object, "rstrip", false) ? uint32_t(StripRight) : 0) |
      (boolAt(object, "single_word", false) ? uint32_t(SingleWord) : 0) |
      (special ? uint32_t(Special) : 0);
  token.normalized = boolAt(object, "normalized", !special);
  return token;
}

/// A token named as special: its text alone, or with flags. One without text
/// stands for none.
static NamedToken specialOf(const Json &value, bool inMap) {
  NamedToken token;
  if (value.is_string()) {
    token.text = value.get<std::string>();
  } else {
    token = tokenOf(value);
    if (inMap) // where all are special before anything follows from that
      token.normalized = boolAt(value, "normalized", false);
  }
  token.flags |= Special;
  return token;
}

namespace {
class Reader {
public:
  explicit Reader(const HuggingFaceTokenizer &source)
      : source(source), config(source.tokenizerConfig) {}

  Result<NamedTokens> read();

private:
  using Named = std::vector<std::pair<std::string, NamedToken>>;

  Failure place(const std::string &id, NamedToken token);
  void readConfig();
  void readMap();
  Failure readPlaced();
  Failure readAddedTokens();
  void addExtra(const Json &list, bool inMap);
  void addOthers();
  const NamedToken *findNamed(std::string_view text) const;
  const NamedToken *findPlaced(std::string_view text) const;
  /// Sets what `name` stands for, at the end where it is new.
  static void set(Named &named, const std::string &name, NamedToken token);

  const HuggingFaceTokenizer &source;
  const Json &config;
  Named standard, own; // own: names that only this checkpoint has
  std::vector<NamedToken> extra;
  NamedTokens result;
};
} // namespace

void Reader::set(Named &named, const std::string &name, NamedToken token) {
  auto place = std::ranges::find(named, name, &Named::value_type::first);
  if (place == named.end())
    named.emplace_back(name, std::move(token));
  else
    place->second = std::move(token);
}

void Reader::addExtra(const Json &list, bool inMap) {
  if (!list.is_array())
    return;
  for (const Json &value : list) {
    NamedToken token = specialOf(value, inMap);
    if (std::ranges::find(extra, token) == extra.end())
      extra.push_back(std::move(token));
  }
}

/// Python takes null, [] and {} for absent.
static bool isSomething(const Json &value) {
  return !value.is_null() && !value.empty();
}

void Reader::readConfig() {
  for (std::string_view role : standardRoles) {
    auto found = config.find(role);
    if (found != config.end())
      set(standard, std::string(role), specialOf(*found, false));
  }
  // The order of names is that of the file: new tokens are numbered by it.
  for (const std::string &key : source.configKeys)
    if (!isStandard(key) && key.ends_with("_token") &&
        at(config, key.c_str()).is_string())
      set(own, key, specialOf(config[key], false));
  const Json &named = at(config, "extra_special_tokens");
  if (named.is_object())
    for (const std::string &key : source.extraKeys)
      set(own, key, specialOf(named[key], false));
  addExtra(isSomething(named) ? named : at(config, "additional_special_tokens"),
           false);
}

/// What special_tokens_map.json says comes before what the configuration does.
void Reader::readMap() {
  for (const auto &[key, value] : source.specialTokensMap.items()) {
    if (isStandard(key))
      set(standard, key, specialOf(value, true));
    else if (key == "extra_special_tokens" && value.is_object())
      for (const auto &[name, token] : value.items())
        set(own, name, specialOf(token, true));
    else if (key == "extra_special_tokens" ||
             key == "additional_special_tokens")
      addExtra(value, true);
    else if (key.ends_with("_token") &&
             (value.is_string() || value.is_object()))
      set(own, key, specialOf(value, true));
  }
}

Failure Reader::place(const std::string &id, NamedToken token) {
  uint64_t number = maxToken + 1;
  if (!id.empty() && id.size() < 10 &&
      id.find_first_not_of("0123456789") == id.npos)
    number = std::stoull(id);
  if (number > maxToken)
    return Failure(source.file + ": error: the files beside it name a token " +
                   "with the id " + id + "; expected at most " +
                   std::to_string(maxToken));
  result.placed[number] = std::move(token);
  return Failure::none();
}

const NamedToken *Reader::findNamed(std::string_view text) const {
  for (const Named *named : {&standard, &own})
    for (const auto &[name, token] : *named)
      if (token.text == text)
        return &token;
  return nullptr;
}

const NamedToken *Reader::findPlaced(std::string_view text) const {
  for (const auto &[id, token] : result.placed)
    if (token.text == text)
      return &token;
  return nullptr;
}

/// {"<x>": 320}; added_tokens of tokenizer.json come before them.
Failure Reader::readAddedTokens() {
  auto isSpecial = [&](const std::string &text) {
    auto isText = [&](const auto &entry) { return entry.second.text == text; };
    return std::ranges::any_of(standard, isText) ||
           std::ranges::find(extra, text, &NamedToken::text) != extra.end();
  };
  if (source.addedTokens.is_object())
    for (const auto &[text, id] : source.addedTokens.items()) {
      bool special = isSpecial(text);
      if (Failure failure = place(
              id.dump(), {text, special ? uint32_t(Special) : 0, !special}))
        return failure;
    }
  const Json &added = at(source.tokenizer, "added_tokens");
  if (added.is_array())
    for (const Json &entry : added)
      if (at(entry, "id").is_number_unsigned())
        if (Failure failure = place(at(entry, "id").dump(), tokenOf(entry)))
          return failure;
  return Failure::none();
}

/// added_tokens_decoder is the newest way to say this, and all other files
/// count only without it.
Failure Reader::readPlaced() {
  const Json &decoder = at(config, "added_tokens_decoder");
  if (!decoder.is_object()) {
    readMap();
    return readAddedTokens();
  }
  for (const auto &[id, entry] : decoder.items())
    if (Failure failure = place(id, tokenOf(entry)))
      return failure;
  return Failure::none();
}

void Reader::addOthers() {
  auto add = [&](const NamedToken &token) {
    auto &others = result.others;
    auto known = std::ranges::find(others, token.text, &NamedToken::text);
    if (known != others.end())
      *known = token; // the last way in which it's found counts
    else if (!token.text.empty() && !findPlaced(token.text))
      others.push_back(token);
  };
  for (std::string_view role : standardRoles)
    for (const auto &[name, token] : standard)
      if (name == role)
        add(token);
  for (const auto &[name, token] : own)
    add(token);
  for (const NamedToken &token : extra)
    add(token);
}

Result<NamedTokens> Reader::read() {
  if (config.is_object())
    readConfig();
  if (Failure failure = readPlaced())
    return failure;
  const Json &padding = at(source.tokenizer, "padding");
  if (!at(padding, "pad_token").is_null() &&
      std::ranges::find(standard, "pad_token", &Named::value_type::first) ==
          standard.end())
    set(standard, "pad_token", specialOf(at(padding, "pad_token"), false));
  for (auto &[id, token] : result.placed)
    if (findNamed(token.text))
      token.flags |= Special;
  addOthers();
  for (const Named *named : {&standard, &own})
    for (const auto &[name, token] : *named)
      result.roles[name] = token.text;
  return std::move(result);
}

std::string NamedTokens::role(std::string_view name) const {
  auto found = roles.find(name);
  return found == roles.end() ? std::string() : found->second;
}

Result<NamedTokens> readNamedTokens(const HuggingFaceTokenizer &source) {
  return Reader(source).read();
}

} // namespace sinter::text
