//===- ModelPart.cpp - A model within another -----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/ModelPart.h"

#include "spec/Bindings.h"
#include "spec/Fields.h"

using namespace sinter;

bool sinter::isOfPart(const SpecFile &spec) { return spec.root.find("within"); }

namespace {

/// Reads one section `within`.
class PartReader {
public:
  PartReader(const Checkpoint &whole, Diagnostics &diagnostics)
      : whole(whole), diagnostics(diagnostics), bindings(whole, diagnostics) {}

  std::optional<ModelPart> read(const YamlNode &root);

private:
  nlohmann::json findConfig(Fields &fields, std::string &where);
  void addDefaults(const YamlNode &node, nlohmann::json &config);
  std::vector<std::pair<std::string, std::string>>
  readPrefixes(const YamlNode *node);

  const Checkpoint &whole;
  Diagnostics &diagnostics;
  Bindings bindings;
};

/// The first of the objects that the configuration has; "." is the whole.
nlohmann::json PartReader::findConfig(Fields &fields, std::string &where) {
  std::string otherwise = fields.text("model_type", "");
  std::vector<std::string> paths, taken;
  if (const YamlNode *node = fields.need("config"))
    readTexts(*node, "a key of the checkpoint", paths, diagnostics);
  if (const YamlNode *node = fields.get("takes"))
    readTexts(*node, "a key of the checkpoint", taken, diagnostics);
  const YamlNode *defaults = fields.get("defaults");
  for (const std::string &path : paths) {
    bool isWhole = path == ".";
    const nlohmann::json *inner =
        isWhole ? &whole.config() : bindings.find(path);
    if (!inner || !inner->is_object())
      continue;
    nlohmann::json config = *inner;
    where = path;
    auto setIfMissing = [&](const std::string &key, nlohmann::json value) {
      if (!config.contains(key) || config[key].is_null())
        config[key] = std::move(value);
    };
    for (const std::string &key : taken)
      if (const nlohmann::json *value = bindings.find(key))
        setIfMissing(key, *value);
    if (!otherwise.empty() && isWhole)
      config["model_type"] = otherwise;
    else if (!otherwise.empty())
      setIfMissing("model_type", otherwise);
    if (defaults)
      addDefaults(*defaults, config);
    return config;
  }
  fields.fail("config", "the checkpoint has no object of this name");
  return {};
}

/// What a configuration of this "model_type" means where it says nothing.
void PartReader::addDefaults(const YamlNode &node, nlohmann::json &config) {
  if (!node.isMap())
    diagnostics.error(node.loc, "expected a mapping of names of models to "
                                "mappings of keys to values, found " +
                                    node.describe());
  auto type = config.find("model_type");
  if (type == config.end() || !type->is_string())
    return;
  const YamlNode *mine = node.find(type->get_ref<const std::string &>());
  for (const YamlEntry &entry :
       mine ? mine->entries : std::vector<YamlEntry>()) {
    nlohmann::json value = nlohmann::json::parse(entry.value.text, nullptr,
                                                 /*allow_exceptions=*/false);
    if (!entry.value.isScalar() || value.is_structured())
      diagnostics.error(entry.value.loc, "a default is a word or a number");
    else if (!config.contains(entry.key) || config[entry.key].is_null())
      config[entry.key] =
          value.is_discarded() ? nlohmann::json(entry.value.text) : value;
  }
}

std::vector<std::pair<std::string, std::string>>
PartReader::readPrefixes(const YamlNode *node) {
  std::vector<std::pair<std::string, std::string>> prefixes;
  if (node && !node->isMap())
    diagnostics.error(node->loc, "expected a mapping of what names begin with "
                                 "to what they are to begin with, found " +
                                     node->describe());
  for (const YamlEntry &entry :
       node ? node->entries : std::vector<YamlEntry>()) {
    if (!entry.value.isScalar() && !entry.value.isNull())
      diagnostics.error(entry.value.loc,
                        "expected a text, found " + entry.value.describe());
    prefixes.emplace_back(entry.key, entry.value.text);
  }
  return prefixes;
}

std::optional<ModelPart> PartReader::read(const YamlNode &root) {
  Fields spec(root, "a spec of a part", bindings, diagnostics);
  for (llvm::StringRef known : {"about", "like", "matches"})
    spec.get(known);
  const YamlNode *node = spec.need("within");
  std::vector<std::string> ignored;
  if (const YamlNode *list = spec.get("ignored"))
    readTexts(*list, "the name of a tensor", ignored, diagnostics);
  spec.finish();
  Fields fields(*node, "within", bindings, diagnostics);
  std::string where;
  nlohmann::json config = findConfig(fields, where);
  auto prefixes = readPrefixes(fields.get("tensors"));
  fields.finish();
  if (whole.configKind() != CheckpointKind::HuggingFace)
    diagnostics.error(node->loc, "parts are found in Hugging Face folders "
                                 "alone");
  if (diagnostics.failed())
    return std::nullopt;
  return ModelPart{whole.part(std::move(config), where, std::move(prefixes)),
                   std::move(ignored)};
}

} // namespace

llvm::Expected<ModelPart> sinter::findPart(const SpecFile &spec,
                                           const Checkpoint &whole) {
  Diagnostics diagnostics;
  std::optional<ModelPart> part =
      PartReader(whole, diagnostics).read(spec.root);
  if (!part)
    return diagnostics.take();
  return std::move(*part);
}
