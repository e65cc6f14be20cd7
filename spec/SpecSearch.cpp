//===- SpecSearch.cpp - Finds the spec of a checkpoint --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/SpecSearch.h"

#include "spec/Fields.h"
#include "spec/KeyCheck.h"
#include "spec/Model.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

using namespace sinter;

namespace {

llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// A spec may be like one that is like one; more hides more than it saves.
constexpr unsigned maxLike = 4;

/// Sections that a spec adds to: names one by one, or lists of which a guard of
/// the base could not vanish unnoticed.
constexpr llvm::StringLiteral byName[] = {"assumes", "config", "instead",
                                          "parts", "weights"};
constexpr llvm::StringLiteral lists[] = {"complete", "harmless", "ignored",
                                         "require"};

/// What tells an item of such a list from others.
llvm::StringRef textOf(const YamlNode &item) {
  for (llvm::StringRef key : {"that", "name", "drop"})
    if (const YamlNode *node = item.find(key))
      return node->text;
  return item.text;
}

/// Whether the item takes back one of the base: { drop: TEXT }.
bool isDrop(const YamlNode &item) {
  return item.isMap() && item.entries.size() == 1 && item.find("drop");
}

/// A scalar reads as a list of one.
void makeList(YamlNode &node) {
  if (!node.isScalar())
    return;
  YamlNode item = node;
  node = YamlNode();
  node.kind = YamlNode::Kind::List;
  node.loc = item.loc;
  node.items.push_back(std::move(item));
}

/// Puts the base's items after those of `mine`.
void addItems(YamlNode &mine, YamlNode base, Diagnostics &diagnostics) {
  makeList(mine);
  makeList(base);
  if (!mine.isList() || !base.isList())
    return; // whoever reads the section says so
  std::vector<YamlNode> own = std::move(mine.items);
  mine.items.clear();
  for (YamlNode &item : own) {
    if (!isDrop(item)) {
      mine.items.push_back(std::move(item));
      continue;
    }
    size_t before = base.items.size();
    llvm::erase_if(base.items, [&](const YamlNode &inherited) {
      return textOf(inherited) == textOf(item);
    });
    if (base.items.size() == before)
      diagnostics.error(item.loc, "the spec that this one is like has no \"" +
                                      textOf(item) + "\" to take back");
  }
  llvm::append_range(mine.items, base.items);
}

/// A binding of `config` that names no key has those of the base's: it says
/// what it means that they are not there.
void inheritKeys(YamlNode &binding, const YamlNode &base) {
  if (!binding.isMap() || !base.isMap() || binding.find("hf") ||
      binding.find("gguf"))
    return;
  for (const YamlEntry &field : base.entries)
    if (!binding.find(field.key))
      binding.entries.push_back(field);
}

/// Adds what `base` has and `node` lacks, sections as a whole or, of those
/// above, what is in them.
void inherit(YamlNode &node, const YamlNode &base, Diagnostics &diagnostics) {
  for (const YamlEntry &entry : base.entries) {
    auto mine = llvm::find_if(
        node.entries, [&](const YamlEntry &e) { return e.key == entry.key; });
    if (mine == node.entries.end())
      node.entries.push_back(entry);
    else if (llvm::is_contained(lists, entry.key))
      addItems(mine->value, entry.value, diagnostics);
    else if (llvm::is_contained(byName, entry.key) && mine->value.isMap() &&
             entry.value.isMap())
      for (const YamlEntry &inner : entry.value.entries) {
        auto own =
            llvm::find_if(mine->value.entries, [&](const YamlEntry &each) {
              return each.key == inner.key;
            });
        if (own == mine->value.entries.end())
          mine->value.entries.push_back(inner);
        else if (entry.key == "config")
          inheritKeys(own->value, inner.value);
      }
  }
}

/// Puts the mappings of `parts` where their names stand in `model`.
class PartNames {
public:
  PartNames(const YamlNode &parts, Diagnostics &diagnostics)
      : parts(parts), diagnostics(diagnostics) {}

  /// Of `node`, which is the value of `key`; without a value it takes the name
  /// that the key is.
  void resolve(YamlNode &node, llvm::StringRef key) {
    bool name = node.isScalar() && !node.quoted;
    const YamlNode *part = node.isNull() ? parts.find(key)
                           : name        ? parts.find(node.text)
                                         : nullptr;
    if (part) {
      take(node, *part);
      return;
    }
    for (YamlEntry &entry : node.entries)
      resolve(entry.value, entry.key);
    for (YamlNode &item : node.items)
      resolve(item, "");
  }

private:
  void take(YamlNode &node, const YamlNode &part) {
    nodes += countNodes(part);
    if (nodes <= YamlLimits().maxNodes)
      node = part;
    else if (!std::exchange(full, true))
      diagnostics.error(node.loc,
                        "with all its parts the model has more than " +
                            llvm::Twine(YamlLimits().maxNodes) + " nodes");
  }
  static unsigned countNodes(const YamlNode &node) {
    unsigned count = 1;
    for (const YamlEntry &entry : node.entries)
      count += countNodes(entry.value);
    for (const YamlNode &item : node.items)
      count += countNodes(item);
    return count;
  }

  const YamlNode &parts;
  Diagnostics &diagnostics;
  unsigned nodes = 0;
  bool full = false;
};

/// Checks `parts` and puts them in their places.
void resolveParts(YamlNode &root, Diagnostics &diagnostics) {
  const YamlNode *parts = root.find("parts");
  if (!parts)
    return;
  if (!parts->isMap()) {
    diagnostics.error(parts->loc, "expected mappings with names, found " +
                                      parts->describe());
    return;
  }
  const YamlNode *config = root.find("config");
  for (const YamlEntry &part : parts->entries) {
    if (!part.value.isMap())
      diagnostics.error(part.value.loc,
                        "a part is a mapping, found " + part.value.describe());
    if (!isName(part.key) || (config && config->find(part.key)))
      diagnostics.error(part.keyLoc,
                        "\"" + part.key +
                            "\" is not a new name: names are letters, digits "
                            "and _, and stand once in config and parts");
  }
  for (YamlEntry &section : root.entries)
    if (section.key == "model" && !diagnostics.failed())
      PartNames(*parts, diagnostics).resolve(section.value, "");
}

/// Takes over what the spec named `like` has, in the same folder or else in the
/// first of `folders` that has it.
llvm::Error inheritFrom(SpecFile &spec, const std::string &like,
                        const std::vector<std::string> &folders,
                        unsigned depth);

llvm::Expected<SpecFile> readSpec(const std::string &path,
                                  const std::vector<std::string> &folders,
                                  unsigned depth = 0) {
  // One byte more than a spec may have, so that the parser says so.
  Result<std::string> text = readFile(path, YamlLimits().maxBytes + 1);
  if (!text)
    return fail("error: " + text.message());
  SpecFile spec;
  spec.path = path;
  spec.names.push_back(std::make_shared<const std::string>(path));
  Diagnostics diagnostics;
  spec.root = parseYaml(*text, *spec.names[0], diagnostics);
  const YamlNode *like = spec.root.find("like");
  if (like && !like->isScalar())
    diagnostics.error(like->loc, "expected the file name of a spec, found " +
                                     like->describe());
  else if (like && depth == maxLike)
    diagnostics.error(like->loc, "specs are like others over more than " +
                                     llvm::Twine(maxLike) + " files");
  if (diagnostics.failed())
    return diagnostics.take();
  if (like) {
    if (llvm::Error error =
            inheritFrom(spec, std::string(like->text), folders, depth))
      return error;
  }
  if (depth == 0)
    resolveParts(spec.root, diagnostics);
  if (diagnostics.failed())
    return diagnostics.take();
  return spec;
}

llvm::Error inheritFrom(SpecFile &spec, const std::string &like,
                        const std::vector<std::string> &folders,
                        unsigned depth) {
  std::vector<std::string> places = {
      std::filesystem::path(spec.path).parent_path().string()};
  places.insert(places.end(), folders.begin(), folders.end());
  auto place = llvm::find_if(places, [&](const std::string &folder) {
    std::error_code error;
    return std::filesystem::exists(std::filesystem::path(folder) / like, error);
  });
  std::string folder = place == places.end() ? places.front() : *place;
  std::string path = (std::filesystem::path(folder) / like).string();
  llvm::Expected<SpecFile> base = readSpec(path, folders, depth + 1);
  if (!base)
    return base.takeError();
  Diagnostics diagnostics;
  inherit(spec.root, base->root, diagnostics);
  llvm::append_range(spec.names, base->names);
  return diagnostics.failed() ? diagnostics.take() : llvm::Error::success();
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

/// Whether a value is the word, or a list that has it.
bool isOrHas(const nlohmann::json &value, llvm::StringRef word) {
  if (value.is_array())
    return llvm::any_of(value, [&](const nlohmann::json &element) {
      return element.is_primitive() && isOrHas(element, word);
    });
  return value.is_string() ? value.get_ref<const std::string &>() == word
                           : value.dump() == word;
}

/// Whether the configuration has all keys of `with` and none of `without`;
/// KEY=VALUE asks for the value too.
bool keysFit(const YamlNode &root, const nlohmann::json &config) {
  auto present = [&](llvm::StringRef condition) {
    auto [key, value] = condition.split('=');
    auto found = config.find(key.str());
    return found != config.end() && !found->is_null() &&
           (value.empty() || isOrHas(*found, value));
  };
  return llvm::all_of(wordsOf(root, "with"), present) &&
         llvm::none_of(wordsOf(root, "without"), present);
}

std::string stringAt(const nlohmann::json &config, const char *key) {
  auto it = config.find(key);
  return it != config.end() && it->is_string() ? it->get<std::string>() : "";
}

/// Objects of the configuration that are models of known kinds.
std::string describeParts(const nlohmann::json &config,
                          const std::vector<std::string> &known) {
  std::string out;
  for (const auto &[key, value] : config.items())
    if (std::string word =
            value.is_object() ? stringAt(value, "model_type") : "";
        llvm::is_contained(known, word))
      out += "; its \"" + key + "\" is a \"" + word +
             "\", for which there is one: a spec with \"within\" says where it "
             "is";
  return out;
}

/// A folder that is not there has none; one that cannot be read is an error.
llvm::Expected<std::vector<std::string>> specFiles(const std::string &folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end;
       !error && it != end; it.increment(error))
    if (it->path().extension() == ".yaml" &&
        it->path().filename() != "tokenizers.yaml" &&
        it->path().filename() != harmlessKeysFile.str())
      files.push_back(it->path().string());
  if (error && error != std::errc::no_such_file_or_directory)
    return fail("error: " + folder +
                ": cannot look for specs: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

} // namespace

llvm::Expected<SpecFile>
sinter::findSpec(const Checkpoint &checkpoint, const std::string &path,
                 const std::vector<std::string> &folders) {
  if (!path.empty())
    return readSpec(path, folders);
  bool gguf = checkpoint.configKind() == CheckpointKind::Gguf;
  const char *key = gguf ? "gguf.architecture" : "model_type";
  std::string word = stringAt(checkpoint.config(),
                              gguf ? "general.architecture" : "model_type");
  if (word.empty())
    return fail("error: " + checkpoint.configName() + ": there is no \"" +
                (gguf ? "general.architecture" : "model_type") +
                "\" to find a spec by; name one with --spec");
  std::vector<std::string> known;
  std::string broken;
  for (const std::string &folder : folders) {
    std::vector<SpecFile> found;
    llvm::Expected<std::vector<std::string>> files = specFiles(folder);
    if (!files)
      return files.takeError();
    for (const std::string &file : *files) {
      llvm::Expected<SpecFile> spec = readSpec(file, folders);
      if (!spec) {
        // It may be for another model; it is named if none is found.
        broken += "\n" + llvm::toString(spec.takeError());
        continue;
      }
      std::vector<std::string> words = wordsOf(spec->root, key);
      if (llvm::is_contained(words, word) &&
          keysFit(spec->root, checkpoint.config()))
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
  return fail("error: " + checkpoint.configName() + ": no spec in " +
              (where.empty() ? "any folder" : where) + " is for \"" + word +
              "\"" + didYouMean(word, names) +
              describeParts(checkpoint.config(), known) +
              " (docs/adding-a-model.md says how to write one)" + broken);
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
