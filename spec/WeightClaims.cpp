//===- WeightClaims.cpp - No tensor is left over unnoticed ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/WeightRules.h"

#include "spec/Glob.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace sinter;

/// The rule that names a tensor, of those that no part asked for; braces stand
/// for any text.
const WeightRules::Rule *
WeightRules::unusedRuleOf(llvm::StringRef tensor) const {
  for (const Rule &rule : rules) {
    if (usedRules.count(rule.name))
      continue;
    std::vector<std::string> readings;
    for (const Source &source : rule.sources)
      for (const std::string &name : source.names)
        expandOptional(name, readings);
    for (std::string &name : readings) {
      for (size_t open = name.find('{'); open != std::string::npos;
           open = name.find('{', open + 1))
        if (size_t close = name.find('}', open); close != std::string::npos)
          name.replace(open, close - open + 1, "*");
      if (matchesGlob(name, tensor))
        return &rule;
    }
  }
  return nullptr;
}

/// Reads the section; what is not ignored now is left out.
std::vector<WeightRules::Ignored>
WeightRules::readIgnored(const YamlNode &section, Scope &scope) {
  std::vector<Ignored> ignored;
  auto add = [&](const YamlNode &item, const std::string &name,
                 const std::string &copyOf) {
    std::vector<std::string> readings;
    expandOptional(name, readings);
    for (std::string &reading : readings)
      ignored.push_back({std::move(reading), copyOf, item.loc});
  };
  if (!section.isList())
    diagnostics.error(section.loc, "expected a list of tensor names, found " +
                                       section.describe());
  for (const YamlNode &item : section.items) {
    if (item.isScalar()) {
      add(item, item.text, "");
      continue;
    }
    Fields fields(item, "an ignored tensor", scope, diagnostics);
    std::string name = fields.text("name");
    std::string copyOf = fields.text("copy_of", "");
    if (!copyOf.empty() && !findRule(copyOf))
      diagnostics.error(fields.locOf("copy_of"),
                        "no weight rule is called \"" + copyOf + "\"");
    if (fields.flag("when", true))
      add(item, name, copyOf);
    fields.finish();
  }
  return ignored;
}

/// An ignored copy must be one: otherwise it is not said which of both counts.
void WeightRules::checkCopy(const StoredTensor &copy, const Ignored &ignored,
                            Scope &scope) {
  const Rule *rule = findRule(ignored.copyOf);
  for (const Source &source : rule ? rule->sources : std::vector<Source>()) {
    for (const StoredTensor *original :
         findTensors(source, /*layer=*/-1, /*experts=*/0, scope)) {
      if (copy.type == original->type && copy.shape == original->shape &&
          std::ranges::equal(copy.data(), original->data()))
        return;
      diagnostics.error({copy.file->path()},
                        "tensors \"" + copy.name + "\" and \"" +
                            original->name +
                            "\" differ, but the configuration says that they "
                            "are one");
      diagnostics.note(ignored.loc, "the first counts as a copy of the second "
                                    "here");
      return;
    }
  }
}

/// Changes that the adapter has for tensors that nothing uses.
void WeightRules::checkChanges() {
  for (const auto &[name, change] : adapter->changes())
    if (!claimed.count(change.a.name))
      diagnostics.error({adapter->file()}, "\"" + change.a.name +
                                               "\" changes a tensor \"" + name +
                                               "\" that is not used");
}

void WeightRules::checkClaims(const YamlNode *section, Scope &scope) {
  std::vector<Ignored> ignored;
  if (section)
    ignored = readIgnored(*section, scope);
  if (!hasTensors())
    return;
  std::vector<std::string> outside;
  for (const std::string &pattern : ignoredOutside)
    expandOptional(pattern, outside);
  if (adapter)
    checkChanges();
  for (const StoredTensor &tensor : checkpoint.tensors()) {
    std::string name = checkpoint.nameOf(tensor);
    if (claimed.count(tensor.name))
      continue;
    auto copy = llvm::find_if(ignored, [&](const Ignored &each) {
      return !each.copyOf.empty() && matchesGlob(each.name, name);
    });
    if (copy != ignored.end()) {
      checkCopy(tensor, *copy, scope);
      continue;
    }
    if (llvm::any_of(ignored,
                     [&](const Ignored &each) {
                       return matchesGlob(each.name, name);
                     }) ||
        llvm::any_of(outside, [&](const std::string &pattern) {
          return matchesGlob(pattern, tensor.name);
        }))
      continue;
    diagnostics.error({tensor.file->path()},
                      "tensor \"" + tensor.name + "\" " +
                          printShape(tensor.shape) +
                          " is not used by the spec, nor listed in its "
                          "\"ignored\"");
    if (const Rule *rule = unusedRuleOf(name))
      diagnostics.note(rule->loc, "this rule names it, but no part has the "
                                  "weight \"" +
                                      rule->name + "\"");
  }
}
