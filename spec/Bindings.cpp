//===- Bindings.cpp - A checkpoint's configuration, in our words ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Bindings.h"

#include "spec/Fields.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace sinter;

Bindings::Bindings(const Checkpoint &checkpoint, Diagnostics &diagnostics)
    : checkpoint(checkpoint), formatKind(checkpoint.configKind()),
      config(checkpoint.config()), file(checkpoint.configName()),
      diagnostics(diagnostics) {
  const char *key = formatKind == CheckpointKind::Gguf ? "general.architecture"
                                                       : "model_type";
  if (auto it = config.find(key); it != config.end() && it->is_string())
    arch = it->get<std::string>();
  // As GGUF files have it: how many labels there are, say.
  std::vector<std::pair<std::string, size_t>> lengths;
  for (const auto &[name, value] : config.items())
    if (value.is_structured())
      lengths.emplace_back(name + ".length", value.size());
  for (const auto &[name, length] : lengths)
    if (formatKind == CheckpointKind::HuggingFace)
      config[name] = int64_t(length);
}

std::string Bindings::fill(llvm::StringRef key) const {
  std::string out = key.str();
  if (size_t at = out.find("{arch}"); at != std::string::npos)
    out.replace(at, 6, arch);
  return out;
}

const nlohmann::json *Bindings::find(llvm::StringRef key) const {
  const nlohmann::json *found = findAlsoNull(key);
  return found && found->is_null() ? nullptr : found;
}

const nlohmann::json *Bindings::findAlsoNull(llvm::StringRef key) const {
  std::string path = fill(key);
  // GGUF's keys are flat, with dots in them.
  if (auto it = config.find(path); it != config.end())
    return &*it;
  const nlohmann::json *node = &config;
  llvm::StringRef rest = path;
  while (!rest.empty()) {
    auto [head, tail] = rest.split('.');
    if (!node->is_object())
      return nullptr;
    auto it = node->find(head.str());
    if (it == node->end())
      return nullptr;
    node = &*it;
    rest = tail;
  }
  return node;
}

/// Puts a value at a key ("a.b" is in the object a); false where that cannot
/// be: within something that is no object.
static bool putAt(nlohmann::json &config, bool nested, llvm::StringRef key,
                  const nlohmann::json &value) {
  nlohmann::json *node = &config;
  llvm::StringRef rest = key;
  for (; nested && rest.contains('.') && (node->is_object() || node->is_null());
       rest = rest.split('.').second)
    node = &(*node)[rest.split('.').first.str()];
  if (!node->is_object() && !node->is_null())
    return false;
  (*node)[rest.str()] = value;
  config.erase(key.str() + ".length");
  if (value.is_array())
    config[key.str() + ".length"] = value.size();
  return true;
}

void Bindings::override(Assignments assignments) {
  auto setName = [&](llvm::StringRef name, const SpecValue &value) {
    auto known = llvm::find_if(
        bindings, [&](const Binding &binding) { return binding.name == name; });
    if (known == bindings.end())
      return false;
    known->value = value;
    known->source = "--set";
    known->state = Binding::Done;
    return true;
  };
  // A key that is set wins over the others of its names.
  auto setKey = [&](const std::string &key, const nlohmann::json &value) {
    if (!putAt(config, formatKind == CheckpointKind::HuggingFace, key, value))
      return false;
    for (Binding &binding : bindings)
      std::stable_partition(
          binding.keys.begin(), binding.keys.end(),
          [&](const std::string &each) { return fill(each) == key; });
    return true;
  };
  for (const auto &[key, text] : assignments) {
    nlohmann::json json =
        nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded())
      json = text;
    bool ok = true;
    SpecValue value = SpecValue::fromJson(json, ok);
    if (!ok) {
      diagnostics.error({}, "--set " + key + ": an object cannot be set");
      continue;
    }
    // Any key may be taken away, also one that nobody knows.
    bool removes = json.is_null() && find(key);
    if (setName(key, value))
      continue;
    if (!removes && !knownKeys.count(fill(key))) {
      std::vector<llvm::StringRef> names(knownKeys.begin(), knownKeys.end());
      for (const Binding &binding : bindings)
        names.push_back(binding.name);
      diagnostics.error({}, "--set " + key +
                                ": the spec binds no name and no key of the "
                                "checkpoint like this" +
                                didYouMean(key, names));
    } else if (!setKey(fill(key), json)) {
      diagnostics.error(
          {}, "--set " + key + ": what it would be in is no object in " + file);
    }
  }
}

void Bindings::readInstead(const YamlNode &section, Assignments assignments) {
  if (!section.isMap())
    return diagnostics.error(section.loc,
                             "expected a mapping of objects of the "
                             "configuration to those whose place they take, "
                             "found " +
                                 section.describe());
  for (const YamlEntry &entry : section.entries) {
    const nlohmann::json *object = find(entry.key);
    const std::string &other = entry.value.text;
    if (formatKind != CheckpointKind::HuggingFace || !object ||
        !object->is_object() || object->empty())
      continue;
    config.erase(other);
    config.erase(other + ".length");
    for (const auto &[key, value] : assignments)
      if (llvm::StringRef(key).starts_with(other + ".") && value != "null")
        diagnostics.error({}, "--set " + key + ": \"" + entry.key +
                                  "\" takes the place of \"" + other +
                                  "\" in " + file);
  }
}

void Bindings::checkComplete(const YamlNode &section) {
  if (formatKind != CheckpointKind::HuggingFace)
    return;
  std::vector<std::string> paths;
  readKeys(section, paths);
  for (size_t at = 0; at < paths.size(); ++at) {
    std::string path = paths[at];
    const nlohmann::json *object = find(path);
    if (!object || !object->is_object())
      continue;
    for (const auto &[key, value] : object->items()) {
      std::string inner = path + "." + key;
      if (value.is_null() || knownKeys.count(inner))
        continue;
      if (value.is_object()) {
        paths.push_back(inner); // complete too
        continue;
      }
      diagnostics.error(locOf(inner),
                        "key \"" + inner +
                            "\" could change the model's meaning, "
                            "and the spec does not bind it in "
                            "\"config\"");
      diagnostics.note(section.loc, "\"" + path + "\" must be complete");
    }
  }
}

/// A value as the checkpoint has it.
std::string Bindings::shown(const Binding &binding) const {
  return binding.given.empty() ? binding.value.print() : binding.given;
}

std::string Bindings::interpolate(const std::string &message, SpecLoc loc) {
  std::string out;
  llvm::StringRef rest = message;
  while (!rest.empty()) {
    auto [before, after] = rest.split('{');
    out += before;
    if (after.empty())
      break;
    auto [name, tail] = after.split('}');
    SpecValue value;
    auto binding = llvm::find_if(
        bindings, [&](const Binding &each) { return each.name == name; });
    if (lookup(name, loc, value) != Found::Yes)
      out += "{" + name.str() + "}";
    else
      out += binding == bindings.end() ? value.print() : shown(*binding);
    rest = tail;
  }
  return out;
}

void Bindings::checkRequirements(const YamlNode &section) {
  if (!section.isList())
    return diagnostics.error(section.loc, "expected a list of { that, message "
                                          "}, found " +
                                              section.describe());
  for (const YamlNode &item : section.items) {
    Fields fields(item, "a requirement", *this, diagnostics);
    const YamlNode *that = fields.need("that");
    std::string message = fields.text("message", "");
    fields.finish();
    std::optional<Expr> expr = that ? parse(*that) : std::nullopt;
    std::optional<SpecValue> value =
        expr ? expr->evaluate(*this, diagnostics) : std::nullopt;
    if (!value)
      continue;
    if (!value->asBool()) {
      diagnostics.error(that->loc, "a requirement is true or false, not " +
                                       value->print());
    } else if (!*value->asBool()) {
      std::vector<llvm::StringRef> names;
      expr->listNames(names);
      reportValue(*this, that->loc, names,
                  message.empty() ? "not so: " + that->text
                                  : interpolate(message, that->loc),
                  diagnostics);
    }
  }
}

Scope::Found Bindings::lookup(llvm::StringRef name, SpecLoc use,
                              SpecValue &value) {
  if (name == "format") {
    value = std::string(nameOf(formatKind));
    return Found::Yes;
  }
  if (name == "arch") {
    value = arch;
    return Found::Yes;
  }
  auto it = llvm::find_if(
      bindings, [&](const Binding &binding) { return binding.name == name; });
  if (it == bindings.end())
    return Found::No;
  if (it->state == Binding::Active) {
    diagnostics.error(use, "\"" + name + "\" is bound in terms of itself");
    diagnostics.note(it->loc, "it is bound here");
    return Found::Failed;
  }
  if (it->state == Binding::Fresh) {
    it->state = Binding::Active;
    bool done = evaluate(*it);
    it->state = done ? Binding::Done : Binding::Failed;
  }
  if (it->state == Binding::Failed)
    return Found::Failed;
  value = it->value;
  return Found::Yes;
}

/// A key in which expressions stand in braces.
std::optional<std::string> Bindings::expand(const std::string &pattern,
                                            SpecLoc loc) {
  std::string key = fill(pattern);
  size_t open = 0;
  while ((open = key.find('{', open)) != std::string::npos) {
    size_t close = key.find('}', open);
    if (close == std::string::npos) {
      diagnostics.error(loc, "the brace in \"" + pattern + "\" has no end");
      return std::nullopt;
    }
    std::optional<Expr> expr =
        Expr::parse(key.substr(open + 1, close - open - 1), loc, diagnostics);
    std::optional<SpecValue> value =
        expr ? expr->evaluate(*this, diagnostics) : std::nullopt;
    if (!value)
      return std::nullopt;
    std::string text = value->asString() ? *value->asString() : value->print();
    key.replace(open, close - open + 1, text);
    open += text.size();
  }
  return key;
}

bool Bindings::evaluate(Binding &binding) {
  for (std::string &key : binding.keys) {
    std::optional<std::string> expanded = expand(key, binding.loc);
    if (!expanded)
      return false;
    key = *expanded;
    const nlohmann::json *json = find(key);
    if (!json)
      continue;
    bool ok = true;
    binding.value = SpecValue::fromJson(*json, ok);
    binding.source = fill(key);
    if (!ok) {
      diagnostics.error(locOf(key),
                        "key \"" + fill(key) +
                            "\" holds an object, or a number that is not "
                            "finite or has more than 64 bits");
      return false;
    }
    return choose(binding);
  }
  return evaluateDefault(binding);
}

bool Bindings::evaluateDefault(Binding &binding) {
  bool isMissing = llvm::none_of(binding.keys, [&](const std::string &key) {
    return findAlsoNull(key) != nullptr;
  });
  const std::optional<Expr> &expr =
      isMissing && binding.missing ? binding.missing : binding.otherwise;
  if (expr) {
    std::optional<SpecValue> value = expr->evaluate(*this, diagnostics);
    if (value)
      binding.value = std::move(*value);
    return value.has_value();
  }
  std::string message = "missing key ";
  for (auto [at, key] : llvm::enumerate(binding.keys))
    message += (at ? " or \"" : "\"") + fill(key) + "\"";
  if (binding.keys.empty())
    message = std::string("there is no ") + std::string(nameOf(formatKind)) +
              " key for \"" + binding.name + "\"";
  diagnostics.error({file}, message);
  diagnostics.note(binding.loc,
                   "\"" + binding.name + "\" is bound here, without a default");
  return false;
}

bool Bindings::choose(Binding &binding) {
  if (!binding.hasChoices)
    return true;
  std::string word = binding.value.asString() ? *binding.value.asString()
                                              : binding.value.print();
  std::vector<llvm::StringRef> words;
  for (const auto &[from, to] : binding.choices) {
    if (from == word) {
      std::string given = binding.value.print();
      binding.value = to;
      if (given != to.print())
        binding.given = std::move(given);
      return true;
    }
    words.push_back(from);
  }
  diagnostics.error(locOf(binding.source),
                    "key \"" + binding.source + "\" is \"" + word +
                        "\", which the spec does not know" +
                        didYouMean(word, words));
  std::string list;
  for (llvm::StringRef w : words)
    list += (list.empty() ? "\"" : ", \"") + w.str() + "\"";
  diagnostics.note(binding.loc, "it knows " + list);
  return false;
}

void Bindings::listNames(std::vector<llvm::StringRef> &names) const {
  names.insert(names.end(), {"format", "arch"});
  for (const Binding &binding : bindings)
    names.push_back(binding.name);
}

SpecLoc Bindings::locOf(llvm::StringRef key) const {
  TextPlace place = checkpoint.placeOf(fill(key));
  return {place.line ? llvm::StringRef(checkpoint.configFile()) : file,
          place.line, place.column};
}

void Bindings::sources(llvm::StringRef name, std::vector<Source> &found) const {
  auto it = llvm::find_if(bindings, [&](const Binding &binding) {
    return binding.name == name && binding.state == Binding::Done;
  });
  if (it == bindings.end())
    return;
  if (it->source.empty() && (it->otherwise || it->missing)) {
    std::vector<llvm::StringRef> names;
    for (const std::optional<Expr> *expr : {&it->otherwise, &it->missing})
      if (*expr)
        (*expr)->listNames(names);
    for (llvm::StringRef each : names)
      sources(each, found);
  } else if (!it->source.empty() &&
             llvm::none_of(found, [&](const Source &each) {
               return each.key == it->source;
             })) {
    bool set = it->source == "--set";
    found.push_back({set ? "--set " + it->name : it->source,
                     set ? SpecLoc() : locOf(it->source), shown(*it)});
  }
}

std::set<std::string>
Bindings::keysOf(const std::set<std::string> &names) const {
  std::set<std::string> keys, seen;
  std::vector<std::string> waiting(names.begin(), names.end());
  while (!waiting.empty()) {
    std::string name = std::move(waiting.back());
    waiting.pop_back();
    auto it = llvm::find_if(
        bindings, [&](const Binding &binding) { return binding.name == name; });
    if (it == bindings.end() || !seen.insert(name).second)
      continue;
    std::vector<llvm::StringRef> inner;
    for (const std::optional<Expr> *expr : {&it->otherwise, &it->missing})
      if (*expr)
        (*expr)->listNames(inner);
    for (std::string key : it->patterns) {
      for (size_t open = key.find('{'); open != std::string::npos;
           open = key.find('{', open)) {
        size_t close = std::min(key.find('}', open), key.size() - 1);
        Diagnostics quiet;
        if (std::optional<Expr> expr = Expr::parse(
                key.substr(open + 1, close - open - 1), {}, quiet)) {
          std::vector<llvm::StringRef> used;
          expr->listNames(used);
          for (llvm::StringRef each : used)
            waiting.push_back(each.str());
        }
        key.replace(open, close - open + 1, "*");
      }
      keys.insert(key);
    }
    for (llvm::StringRef each : inner)
      waiting.push_back(each.str());
  }
  return keys;
}

void Bindings::explain(llvm::StringRef name, Diagnostics &diagnostics) const {
  for (const Binding &binding : bindings)
    if (binding.name == name && binding.state == Binding::Done)
      diagnostics.note(
          binding.loc,
          "\"" + name + "\" is " + binding.value.print() +
              (binding.given.empty() ? "" : " for " + binding.given) +
              (binding.source.empty()
                   ? std::string(", bound here")
                   : ", bound to \"" + binding.source + "\" here"));
}

Scope::Found Bindings::call(llvm::StringRef function,
                            llvm::ArrayRef<SpecValue> arguments, SpecLoc use,
                            SpecValue &value) {
  if (function != "stored")
    return Found::No;
  if (arguments.size() != 1 || !arguments[0].asString()) {
    diagnostics.error(use, "\"stored\" takes the name of a weight rule, as a "
                           "string");
    return Found::Failed;
  }
  std::optional<bool> answer =
      isStored ? isStored(*arguments[0].asString()) : std::nullopt;
  if (!answer) {
    diagnostics.error(use, "no weight rule is called \"" +
                               *arguments[0].asString() + "\"");
    return Found::Failed;
  }
  value = *answer;
  return Found::Yes;
}
