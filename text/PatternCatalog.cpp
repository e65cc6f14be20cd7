//===- PatternCatalog.cpp - Reading models/tokenizers.yaml ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "text/PatternCatalog.h"
#include "text/PatternSyntax.h"

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

Failure CatalogReader::read() {
  auto document = stream.begin();
  Node *root = document == stream.end() ? nullptr : document->getRoot();
  eachEntry(root, [&](const std::string &key, Node *value) {
    if (key == "patterns") {
      eachEntry(value, [&](const std::string &name, Node *pattern) {
        readPattern(name, pattern);
      });
    } else if (key == "rules") {
      auto *sequence = llvm::dyn_cast_or_null<llvm::yaml::SequenceNode>(value);
      if (!sequence)
        return fail(value, "expected a sequence");
      for (Node &item : *sequence)
        if (!failed())
          readRule(&item);
    } else if (key == "stop_texts") {
      catalog.stops = texts(value);
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
