//===- WeightReading.cpp - The section "weights" of a spec ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Reads rules as they stand in the file; WeightRules.cpp applies them to a
// checkpoint.
//
//===----------------------------------------------------------------------===//

#include "spec/WeightRules.h"

#include "llvm/ADT/STLExtras.h"

using namespace sinter;

/// What tensors a rule names, and how they become one.
static const std::pair<llvm::StringRef, Recipe::Join> tensorKeys[] = {
    {"name", Recipe::Join::None},      {"concat", Recipe::Join::Rows},
    {"beside", Recipe::Join::Columns}, {"stack", Recipe::Join::Stack},
    {"sum", Recipe::Join::Sum},        {"product", Recipe::Join::Product}};
static constexpr llvm::StringLiteral tensorName = "the name of a tensor";

bool sinter::namesTensors(llvm::StringRef key) {
  return key == "scales" || llvm::any_of(tensorKeys, [&](const auto &each) {
           return key == each.first;
         });
}

void WeightRules::read(const YamlNode &section) {
  if (!section.isMap())
    return diagnostics.error(section.loc, "expected a mapping of weights to "
                                          "tensor names, found " +
                                              section.describe());
  for (const YamlEntry &entry : section.entries)
    readRule(entry);
}

void WeightRules::readRule(const YamlEntry &entry) {
  Rule rule;
  rule.name = entry.key;
  rule.loc = entry.keyLoc;
  const YamlNode &value = entry.value;
  bool isSource = llvm::any_of(
      tensorKeys, [&](const auto &each) { return value.find(each.first); });
  if (!value.isMap() || isSource || value.find("fill")) {
    readSources(value, rule); // both formats alike
  } else {
    for (const YamlEntry &format : value.entries) {
      if (format.key != "hf" && format.key != "gguf")
        diagnostics.error(format.keyLoc,
                          "a weight is named for \"hf\" and \"gguf\", not "
                          "for \"" +
                              format.key + "\"" +
                              didYouMean(format.key, {"hf", "gguf"}));
      else if (format.key == nameOf(kind))
        readSources(format.value, rule);
    }
  }
  ruleByName[rule.name] = rules.size();
  rules.push_back(std::move(rule));
}

void WeightRules::readSources(const YamlNode &node, Rule &rule) {
  if (node.isList()) {
    for (const YamlNode &item : node.items)
      readSources(item, rule);
    return;
  }
  Source source;
  source.loc = node.loc;
  if (!node.isMap()) {
    readTexts(node, tensorName, source.names, diagnostics);
  } else {
    source.steps = &node;
    const YamlNode *fill = node.find("fill"), *names = nullptr;
    int count = fill != nullptr;
    for (const auto &[key, join] : tensorKeys)
      if (const YamlNode *found = node.find(key)) {
        names = found;
        source.join = join;
        ++count;
      }
    if (count != 1)
      return diagnostics.error(node.loc,
                               "expected one of \"name\", \"concat\", "
                               "\"beside\", \"stack\", \"sum\", "
                               "\"product\" and \"fill\"");
    if (fill) {
      source.fill = parseExpression(*fill, diagnostics);
      if (node.entries.size() > 1)
        diagnostics.error(node.loc, "\"fill\" stands alone: what it says is "
                                    "what all values are");
      rule.sources.push_back(std::move(source));
      return;
    }
    readTexts(*names, tensorName, source.names, diagnostics);
    if (const YamlNode *scales = node.find("scales")) {
      source.scales = scales->text;
      if (!node.find("name") || !scales->isScalar())
        diagnostics.error(scales->loc, "\"scales\" names a tensor beside that "
                                       "of \"name\"");
    }
  }
  rule.sources.push_back(std::move(source));
}

std::vector<RecipeStep> WeightRules::readSteps(const Source &source,
                                               Scope &scope) {
  using Kind = RecipeStep::Kind;
  std::vector<RecipeStep> steps;
  if (!source.steps)
    return steps;
  Fields fields(*source.steps, "a weight rule", scope, diagnostics);
  for (const auto &[key, join] : tensorKeys)
    fields.get(key);
  fields.get("scales");
  if (int64_t count = fields.integer("unstack", 0, 0)) {
    steps.push_back(RecipeStep(Kind::Unstack));
    steps.back().groups = count;
  }
  if (fields.flag("flatten", false))
    steps.push_back(RecipeStep(Kind::Flatten));
  if (fields.flag("transpose", false))
    steps.push_back(RecipeStep(Kind::Transpose));
  if (const YamlNode *split = fields.get("split"))
    readSplit(*split, scope, steps);
  if (const YamlNode *reorder = fields.get("reorder"))
    readReorder(*reorder, scope, steps);
  auto readRange = [&](const YamlNode &node, const char *key, Kind kind) {
    Fields range(node, key, scope, diagnostics);
    steps.push_back(RecipeStep(kind));
    steps.back().take = range.integer("from", 0, 0);
    steps.back().sizes = {range.integer("count", 1)};
    range.finish();
  };
  if (const YamlNode *rows = fields.get("rows"))
    readRange(*rows, "rows", Kind::Rows);
  if (const YamlNode *columns = fields.get("columns"))
    readRange(*columns, "columns", Kind::Columns);
  if (int64_t count = fields.integer("repeat", 1, 1); count > 1) {
    steps.push_back(RecipeStep(Kind::Repeat));
    steps.back().groups = count;
  }
  using Function = RecipeStep::Function;
  if (fields.has("apply")) {
    steps.push_back(RecipeStep(Kind::Apply));
    steps.back().function =
        fields.word<Function>("apply", {{"softplus", Function::Softplus},
                                        {"exp", Function::Exp},
                                        {"sigmoid", Function::Sigmoid},
                                        {"tanh", Function::Tanh},
                                        {"reciprocal", Function::Reciprocal}});
  }
  RecipeStep affine(Kind::Affine);
  affine.factor = fields.number("times", 1);
  affine.offset = fields.number("plus", 0);
  if (affine.factor != 1 || affine.offset != 0)
    steps.push_back(affine);
  if (fields.flag("reshape", false))
    steps.push_back(RecipeStep(Kind::Reshape));
  if (fields.flag("normalize_rows", false))
    steps.push_back(RecipeStep(Kind::Normalize));
  fields.finish();
  return steps;
}

void WeightRules::readSplit(const YamlNode &node, Scope &scope,
                            std::vector<RecipeStep> &steps) {
  Fields fields(node, "split", scope, diagnostics);
  RecipeStep step(RecipeStep::Kind::Split);
  for (double size : fields.numbers("sizes")) {
    if (size < 1 || size != std::floor(size) || size > 1 << 28)
      return fields.fail("sizes", "sizes are positive ints");
    step.sizes.push_back(int64_t(size));
  }
  step.take = fields.integer("take", 0);
  step.groups = fields.integer("groups", 1, 1);
  fields.finish();
  if (step.take >= int64_t(step.sizes.size()))
    return fields.fail("take", "there are " + llvm::Twine(step.sizes.size()) +
                                   " sizes, counted from 0");
  steps.push_back(std::move(step));
}

void WeightRules::readReorder(const YamlNode &node, Scope &scope,
                              std::vector<RecipeStep> &steps) {
  Fields fields(node, "reorder", scope, diagnostics);
  RecipeStep step(RecipeStep::Kind::Reorder);
  step.groups = fields.integer("groups", 1, 1);
  step.dims = fields.integer("dims", 0, 0);
  step.block = fields.integer("block", 1, 1);
  step.toHalves =
      fields.word<bool>("from", {{"neighbours", true}, {"halves", false}});
  fields.finish();
  steps.push_back(step);
}
