//===- KeyCheck.cpp - No key of a configuration goes unnoticed ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/KeyCheck.h"

#include "spec/Fields.h"
#include "spec/Glob.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace sinter;

//===----------------------------------------------------------------------===//
// Names that a spec needs
//===----------------------------------------------------------------------===//

static void addInBraces(llvm::StringRef text, std::set<std::string> &names);

static void addNames(llvm::StringRef text, std::set<std::string> &names) {
  Diagnostics quiet;
  std::vector<llvm::StringRef> found;
  if (std::optional<Expr> expr = Expr::parse(text, {}, quiet)) {
    expr->listNames(found);
    for (llvm::StringRef name : found)
      names.insert(name.str());
    return;
  }
  addInBraces(text, names);
}

/// Of the name of a tensor or key, with expressions in braces.
static void addInBraces(llvm::StringRef text, std::set<std::string> &names) {
  while (text.contains('{')) {
    auto [inside, rest] = text.split('{').second.split('}');
    addNames(inside, names);
    text = rest;
  }
}

static void listInBraces(const YamlNode &keys, std::set<std::string> &names) {
  addInBraces(keys.text, names);
  for (const YamlNode &item : keys.items)
    listInBraces(item, names);
}

void sinter::listNames(const YamlNode &section, std::set<std::string> &names) {
  if (section.isScalar())
    addNames(section.text, names);
  for (const YamlEntry &entry : section.entries)
    if (entry.value.isNull())
      addNames(entry.key, names);
    else if (entry.key != "message")
      listNames(entry.value, names);
  for (const YamlNode &item : section.items)
    listNames(item, names);
}

void sinter::listReached(const YamlNode &config, std::set<std::string> &names) {
  std::vector<std::string> waiting(names.begin(), names.end());
  while (!waiting.empty()) {
    std::string name = std::move(waiting.back());
    waiting.pop_back();
    const YamlNode *binding = config.find(name);
    std::set<std::string> inner;
    if (!binding)
      continue;
    if (!binding->isMap())
      listNames(*binding, inner);
    for (const YamlEntry &field : binding->entries)
      if (field.key == "default" || field.key == "missing")
        listNames(field.value, inner);
      else if (field.key != "choices")
        listInBraces(field.value, inner);
    for (const std::string &each : inner)
      if (names.insert(each).second)
        waiting.push_back(each);
  }
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// A scalar as JSON has it, or else as text.
static nlohmann::json valueOf(const YamlNode &node) {
  nlohmann::json value = nlohmann::json::parse(node.text, nullptr,
                                               /*allow_exceptions=*/false);
  return node.quoted || value.is_discarded() ? nlohmann::json(node.text)
                                             : value;
}

void KeyCheck::readAssumptions(const YamlNode &section) {
  if (!section.isMap())
    return diagnostics.error(section.loc,
                             "expected a mapping of the "
                             "checkpoint's keys to values, found " +
                                 section.describe());
  for (const YamlEntry &entry : section.entries) {
    Assumption assumption{entry.key, entry.keyLoc, {}};
    if (!entry.value.isScalar() && !entry.value.isList())
      diagnostics.error(entry.value.loc, "expected a value or a list of them, "
                                         "found " +
                                             entry.value.describe());
    if (entry.value.isScalar())
      assumption.values.push_back(valueOf(entry.value));
    for (const YamlNode &item : entry.value.items)
      assumption.values.push_back(valueOf(item));
    assumptions.push_back(std::move(assumption));
  }
}

void KeyCheck::readHarmless(const YamlNode &section) {
  readTexts(section, "a key of the checkpoint", harmless, diagnostics);
}

llvm::Error KeyCheck::readShared(const std::vector<std::string> &folders) {
  for (const std::string &folder : folders) {
    sharedFile = folder + "/" + harmlessKeysFile.str();
    Result<std::string> text = readFile(sharedFile, YamlLimits().maxBytes + 1);
    if (!text)
      continue;
    Diagnostics problems;
    YamlNode root = parseYaml(*text, sharedFile, problems);
    Fields fields(root, "a list of harmless keys", bindings, problems);
    fields.text("about", "");
    bool hf = bindings.kind() == CheckpointKind::HuggingFace;
    const YamlNode *lists[] = {fields.get("hf"), fields.get("gguf")};
    if (const YamlNode *list = lists[hf ? 0 : 1])
      readTexts(*list, "a key of the checkpoint", harmless, problems);
    if (const YamlNode *list = fields.get("elsewhere"))
      readTexts(*list, "a key of the checkpoint", elsewhere, problems);
    const YamlNode *ofGguf = fields.get("gguf_assumes");
    if (ofGguf && !hf)
      readAssumptions(*ofGguf);
    if (const YamlNode *assumes = fields.get("assumes"))
      readAssumptions(*assumes);
    fields.finish();
    return problems.failed() ? problems.take() : llvm::Error::success();
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Checking
//===----------------------------------------------------------------------===//

bool KeyCheck::isRead(llvm::StringRef key) const {
  return llvm::any_of(read, [&](llvm::StringRef pattern) {
    pattern.consume_back(".length");
    return matchesGlob(pattern, key);
  });
}

/// Whether a key within the object is read.
bool KeyCheck::isOpen(llvm::StringRef key) const {
  size_t dots = key.count('.');
  return llvm::any_of(read, [&](llvm::StringRef pattern) {
    llvm::SmallVector<llvm::StringRef> parts;
    pattern.split(parts, '.');
    return parts.size() > dots + 1 &&
           matchesGlob(
               llvm::join(llvm::ArrayRef(parts).take_front(dots + 1), "."),
               key);
  });
}

/// By its whole name, or by the last part: an object may be a configuration
/// with all that those have.
bool KeyCheck::isHarmless(llvm::StringRef key) const {
  llvm::StringRef last = key.rsplit('.').second;
  auto fits = [&](const std::string &pattern) {
    return matchesGlob(ofArchitecture(pattern), key) ||
           (!last.empty() && matchesGlob(pattern, last));
  };
  return llvm::any_of(harmless, fits) || llvm::any_of(elsewhere, fits);
}

/// Lists and objects without elements, and null, say nothing.
static bool isEmpty(const nlohmann::json &value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

void KeyCheck::checkAssumption(const Assumption &assumption,
                               const std::string &key,
                               const nlohmann::json &value) {
  // Of a list, each element.
  auto isWrong = [&](const nlohmann::json &each) {
    return !llvm::is_contained(assumption.values, each);
  };
  if (!isWrong(value) || (value.is_array() && llvm::none_of(value, isWrong)))
    return;
  std::string list;
  for (const nlohmann::json &each : assumption.values)
    list += (list.empty() ? "" : " or ") + each.dump();
  diagnostics.error(bindings.locOf(key),
                    "\"" + key + "\" is " + value.dump() +
                        "; models of this family are described for " + list +
                        " alone");
  diagnostics.note(assumption.loc, "it is assumed here");
}

/// A pattern with the architecture's name in it.
std::string KeyCheck::ofArchitecture(std::string pattern) const {
  if (size_t at = pattern.find("{arch}"); at != std::string::npos)
    pattern.replace(at, 6, bindings.architecture());
  return pattern;
}

/// Whether a key is assumed, and as it should be, or harmless.
bool KeyCheck::isKnown(const std::string &key, const nlohmann::json &value) {
  auto assumed = llvm::find_if(assumptions, [&](const Assumption &each) {
    return matchesGlob(ofArchitecture(each.key), key);
  });
  if (assumed == assumptions.end())
    return isHarmless(key);
  checkAssumption(*assumed, key, value);
  return true;
}

void KeyCheck::walk(const nlohmann::json &object, const std::string &prefix) {
  for (const auto &[name, value] : object.items()) {
    std::string key = prefix + name;
    if (isEmpty(value) || isRead(key) || isKnown(key, value))
      continue;
    if (value.is_object() && isOpen(key))
      walk(value, key + ".");
    else if (value.is_object() && !prefix.empty())
      diagnostics.error(bindings.locOf(key),
                        "\"" + key +
                            "\" could change the model's meaning, and the "
                            "spec reads nothing of it");
    else
      unread.push_back(key);
  }
}

void KeyCheck::checkGguf(const GgufFile &file) {
  std::string own = bindings.architecture() + ".";
  for (const GgufEntry &entry : file.entries()) {
    const std::string &key = entry.key;
    // Of a long array there is its length; what --set took away is not there.
    const nlohmann::json *value = bindings.find(key);
    bool isLong = !value && (value = bindings.find(key + ".length"));
    if (!llvm::StringRef(key).starts_with(own) || !value || isRead(key) ||
        isKnown(key, *value))
      continue;
    diagnostics.error(
        bindings.locOf(key),
        "\"" + key + "\" is " +
            (isLong ? "a list of " + value->dump() : value->dump()) +
            ", which may change what is computed, and the spec neither reads "
            "it nor calls it harmless; --set " +
            key + "=null compiles as if it were not there");
  }
}

void KeyCheck::checkSet(const YamlNode &config, std::set<std::string> used,
                        const std::vector<std::string> &keys) {
  listReached(config, used);
  for (const std::string &key : keys)
    if (!used.count(key) && !isRead(ofArchitecture(key)) && bindings.find(key))
      diagnostics.error({}, "--set " + key +
                                ": nothing that this model is made of reads "
                                "it");
    else if (config.find(key) && !used.count(key))
      diagnostics.error({}, "--set " + key +
                                ": nothing that this model is made of needs "
                                "this name");
}

void KeyCheck::check(const Checkpoint &checkpoint,
                     const std::set<std::string> &used) {
  read = bindings.keysOf(used);
  unread.clear();
  if (const GgufFile *file = checkpoint.gguf())
    return checkGguf(*file);
  walk(checkpoint.config(), "");
  std::string list;
  for (const std::string &key : unread)
    list += (list.empty() ? "\"" : ", \"") + key + "\"";
  if (!list.empty())
    diagnostics.warning(bindings.configName() + ": nothing reads " + list +
                        (unread.size() > 1 ? "; they are" : "; it is") +
                        " taken to change nothing");
}

void KeyCheck::print(const std::set<std::string> &used,
                     llvm::raw_ostream &os) const {
  for (const std::string &key : bindings.keysOf(used))
    os << "read " << key << '\n';
  for (const Assumption &each : assumptions) {
    os << "assumes " << each.key;
    for (const nlohmann::json &value : each.values)
      os << ' ' << value.dump();
    os << '\n';
  }
  for (const std::string &key : harmless)
    os << "harmless " << key << '\n';
}
