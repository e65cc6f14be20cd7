//===- PatternCatalog.cpp - Reading models/tokenizers.yaml ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/PatternCatalog.h"
#include "text/PatternSyntax.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <functional>

namespace sinter::text {

/// The file is ours and small; a larger one is a mistake.
static constexpr size_t maxBytes = 1 << 20;

/// Walks the YAML tree; the first thing wrong ends the walk.
class CatalogReader {
public:
  CatalogReader(PatternCatalog &catalog, std::string_view yaml)
      : catalog(catalog),
        stream(llvm::StringRef(yaml.data(), yaml.size()), sources) {
    sources.setDiagHandler(
        [](const llvm::SMDiagnostic &what, void *self) {
          static_cast<CatalogReader *>(self)->note(what);
        },
        this);
  }

  Failure read();

private:
  using Node = llvm::yaml::Node;
  using Visit = std::function<void(const std::string &key, Node *value)>;

  void note(const llvm::SMDiagnostic &what) {
    if (message.empty())
      message = catalog.source + ":" + std::to_string(what.getLineNo()) + ":" +
                std::to_string(what.getColumnNo() + 1) +
                ": error: " + what.getMessage().str();
  }
  void fail(Node *at, const std::string &what) {
    if (at && message.empty())
      stream.printError(at, what);
    if (message.empty())
      message = catalog.source + ": error: " + what;
  }
  bool failed() const { return !message.empty(); }

  void eachEntry(Node *node, const Visit &visit);
  std::string text(Node *node);
  bool boolean(Node *node);
  std::vector<std::string> texts(Node *node);
  void readPattern(const std::string &name, Node *value);
  void readRule(Node *node);
  void readModel(const std::string &name, Node *value);
  void readRankFile(Node *node);
  void readDefaultIds(const std::string &model, Node *node);
  void readStrip(Node *node);
  void eachItem(Node *node, const std::function<void(Node *)> &visit);
  void expand(const std::string &text, std::vector<std::string> &to);

  PatternCatalog &catalog;
  llvm::SourceMgr sources;
  llvm::yaml::Stream stream;
  std::map<std::string, std::string> patterns;
  std::string message;
};

/// Calls `visit` for each entry of a mapping.
void CatalogReader::eachEntry(Node *node, const Visit &visit) {
  auto *mapping = llvm::dyn_cast_or_null<llvm::yaml::MappingNode>(node);
  if (!mapping)
    return fail(node, "expected a mapping");
  for (llvm::yaml::KeyValueNode &entry : *mapping) {
    if (failed())
      return;
    std::string key = text(entry.getKey());
    Node *value = entry.getValue();
    if (!failed())
      visit(key, value);
  }
}

std::string CatalogReader::text(Node *node) {
  llvm::SmallString<64> storage;
  if (auto *scalar = llvm::dyn_cast_or_null<llvm::yaml::ScalarNode>(node))
    return scalar->getValue(storage).str();
  fail(node, "expected a text");
  return {};
}

bool CatalogReader::boolean(Node *node) {
  std::string value = text(node);
  if (value != "true" && value != "false")
    fail(node, "expected true or false, found '" + value + "'");
  return value == "true";
}

std::vector<std::string> CatalogReader::texts(Node *node) {
  std::vector<std::string> all;
  auto *sequence = llvm::dyn_cast_or_null<llvm::yaml::SequenceNode>(node);
  if (!sequence) {
    fail(node, "expected a sequence");
    return all;
  }
  for (Node &item : *sequence)
    if (!failed())
      all.push_back(text(&item));
  return all;
}

void CatalogReader::readPattern(const std::string &name, Node *value) {
  std::string pattern = text(value);
  if (failed())
    return;
  if (auto tree = parsePattern(pattern, {}); !tree)
    return fail(value, tree.message());
  if (!patterns.emplace(name, pattern).second)
    fail(value, "pattern '" + name + "' is given twice");
}

void CatalogReader::readRule(Node *node) {
  SplitRule rule;
  std::vector<std::string> names;
  eachEntry(node, [&](const std::string &key, Node *value) {
    if (key == "names") {
      names = texts(value);
    } else if (key == "normalize") {
      rule.normalize = text(value);
      if (rule.normalize != "nfc" && rule.normalize != "nfd" &&
          rule.normalize != "nfkc" && rule.normalize != "nfkd")
        fail(value,
             "expected nfc, nfd, nfkc or nfkd, found '" + rule.normalize + "'");
    } else if (key == "split") {
      for (const std::string &name : texts(value)) {
        auto pattern = patterns.find(name);
        if (pattern == patterns.end())
          return fail(value, "no pattern named '" + name + "' above");
        rule.patterns.push_back(pattern->second);
      }
    } else if (key == "ignore_merges") {
      rule.ignoreMerges = boolean(value);
    } else if (key == "add_begin") {
      rule.addBegin = boolean(value);
    } else {
      fail(value, "unknown key '" + key + "'");
    }
  });
  for (const std::string &name : names)
    if (!failed() && !catalog.byName.emplace(name, catalog.rules.size()).second)
      fail(node, "name '" + name + "' has two rules");
  catalog.rules.push_back(std::move(rule));
}

void CatalogReader::readModel(const std::string &name, Node *value) {
  std::string kind = text(value);
  for (auto [known, model] :
       {std::pair("byte_pairs", ModelKind::MergeBytes),
        std::pair("scored_pairs", ModelKind::MergeByScore),
        std::pair("unigram", ModelKind::Unigram),
        std::pair("word_pieces", ModelKind::WordPiece)})
    if (kind == known) {
      catalog.models[name] = model;
      return;
    }
  fail(value, "expected byte_pairs, scored_pairs, unigram or word_pieces, "
              "found '" +
                  kind + "'");
}

/// "<{0-2}>" stands for "<0>", "<1>", "<2>".
void CatalogReader::expand(const std::string &text,
                           std::vector<std::string> &to) {
  llvm::StringRef all = text;
  auto [before, rest] = all.split('{');
  auto [range, after] = rest.split('}');
  auto [first, last] = range.split('-');
  unsigned begin, end;
  if (first.getAsInteger(10, begin) || last.getAsInteger(10, end) ||
      end < begin || end - begin >= maxBytes) {
    to.push_back(text);
    return;
  }
  for (unsigned i = begin; i <= end; ++i)
    to.push_back((before + llvm::Twine(i) + after).str());
}

void CatalogReader::readRankFile(Node *node) {
  RankFile entry;
  std::vector<std::string> files;
  eachEntry(node, [&](const std::string &key, Node *value) {
    if (key == "files") {
      files = texts(value);
    } else if (key == "rule") {
      entry.rule = text(value);
      if (!failed() && !catalog.find(entry.rule))
        fail(value, "no rule named '" + entry.rule + "' above");
    } else if (key == "special") {
      for (const std::string &token : texts(value))
        expand(token, entry.special);
    } else {
      fail(value, "unknown key '" + key + "'");
    }
  });
  for (const std::string &file : files) {
    entry.file = file;
    catalog.ranks.push_back(entry);
  }
}

void CatalogReader::readDefaultIds(const std::string &model, Node *node) {
  DefaultIds &ids = catalog.defaults[model];
  eachEntry(node, [&](const std::string &key, Node *value) {
    for (auto [known, place] :
         {std::pair("begin", &ids.begin), std::pair("end", &ids.end),
          std::pair("unknown", &ids.unknown), std::pair("pad", &ids.pad),
          std::pair("separator", &ids.separator)}) {
      if (key != known)
        continue;
      uint32_t id = 0;
      if (llvm::StringRef(text(value)).getAsInteger(10, id))
        fail(value, "expected a token's id");
      *place = id;
      return;
    }
    fail(value, "unknown key '" + key + "'");
  });
}

void CatalogReader::readStrip(Node *node) {
  StripRule rule;
  eachEntry(node, [&](const std::string &key, Node *value) {
    if (key == "key") {
      rule.key = text(value);
    } else if (key == "contains") {
      rule.contains = texts(value);
    } else if (key == "side") {
      std::string side = text(value);
      rule.left = side == "left";
      if (!rule.left && side != "right")
        fail(value, "expected left or right, found '" + side + "'");
    } else if (key == "tokens") {
      rule.tokens = texts(value);
    } else if (key == "except") {
      rule.except = texts(value);
    } else {
      fail(value, "unknown key '" + key + "'");
    }
  });
  catalog.strips.push_back(std::move(rule));
}

void CatalogReader::eachItem(Node *node,
                             const std::function<void(Node *)> &visit) {
  auto *sequence = llvm::dyn_cast_or_null<llvm::yaml::SequenceNode>(node);
  if (!sequence)
    return fail(node, "expected a sequence");
  for (Node &item : *sequence)
    if (!failed())
      visit(&item);
}

Failure CatalogReader::read() {
  auto document = stream.begin();
  Node *root = document == stream.end() ? nullptr : document->getRoot();
  eachEntry(root, [&](const std::string &key, Node *value) {
    if (key == "patterns") {
      eachEntry(value, [&](const std::string &name, Node *pattern) {
        readPattern(name, pattern);
      });
    } else if (key == "rules") {
      eachItem(value, [&](Node *item) { readRule(item); });
    } else if (key == "models") {
      eachEntry(value, [&](const std::string &name, Node *kind) {
        readModel(name, kind);
      });
    } else if (key == "rank_files") {
      eachItem(value, [&](Node *item) { readRankFile(item); });
    } else if (key == "stop_texts") {
      catalog.stops = texts(value);
    } else if (key == "default_ids") {
      eachEntry(value, [&](const std::string &model, Node *ids) {
        readDefaultIds(model, ids);
      });
    } else if (key == "strips") {
      eachItem(value, [&](Node *item) { readStrip(item); });
    } else if (key == "framed_classes") {
      catalog.framedClasses = texts(value);
    } else if (key == "merges_classes") {
      catalog.mergesClasses = texts(value);
    } else {
      fail(value, "unknown key '" + key + "'");
    }
  });
  if (!failed() && stream.failed())
    fail(nullptr, "not YAML");
  return failed() ? Failure(message) : Failure::none();
}

Result<PatternCatalog> PatternCatalog::parse(std::string_view yaml,
                                             const std::string &file) {
  PatternCatalog catalog;
  catalog.source = file;
  if (yaml.size() > maxBytes)
    return Failure(file + ": error: larger than " + std::to_string(maxBytes) +
                   " bytes");
  CatalogReader reader(catalog, yaml);
  if (Failure failure = reader.read())
    return failure;
  return catalog;
}

Result<PatternCatalog> PatternCatalog::read(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return Failure(path +
                   ": error: cannot be read: " + buffer.getError().message());
  llvm::StringRef content = (*buffer)->getBuffer();
  return parse({content.data(), content.size()}, path);
}

const SplitRule *PatternCatalog::find(std::string_view name) const {
  auto found = byName.find(name);
  return found == byName.end() ? nullptr : &rules[found->second];
}

std::optional<ModelKind> PatternCatalog::model(std::string_view name) const {
  auto found = models.find(name);
  if (found == models.end())
    return std::nullopt;
  return found->second;
}

DefaultIds PatternCatalog::defaultIds(const std::string &model) const {
  auto found = defaults.find(model);
  return found == defaults.end() ? DefaultIds() : found->second;
}

/// Two classes, with and without "Fast", differ in speed alone.
static bool names(const std::vector<std::string> &classes,
                  std::string_view tokenizerClass) {
  llvm::StringRef name(tokenizerClass.data(), tokenizerClass.size());
  name.consume_back("Fast");
  return llvm::is_contained(classes, name);
}

bool PatternCatalog::readsFrame(std::string_view tokenizerClass) const {
  return names(framedClasses, tokenizerClass);
}

bool PatternCatalog::readsMerges(std::string_view tokenizerClass) const {
  return names(mergesClasses, tokenizerClass);
}

std::string PatternCatalog::modelNames() const {
  std::string names;
  for (const auto &[name, kind] : models)
    names += (names.empty() ? "" : ", ") + name;
  return names;
}

std::string PatternCatalog::nearest(std::string_view name) const {
  llvm::StringRef wanted(name.data(), name.size());
  std::string best;
  unsigned least = ~0u;
  for (const auto &[known, rule] : byName)
    if (unsigned distance = wanted.edit_distance(known); distance < least) {
      least = distance;
      best = known;
    }
  return best;
}

} // namespace sinter::text
