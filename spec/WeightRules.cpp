//===- WeightRules.cpp - Which tensors a weight is made from --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/WeightRules.h"

#include "spec/Glob.h"

#include "formats/Mxfp4.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

#include <cmath>

using namespace sinter;

namespace {

std::string fillIn(std::string text, llvm::StringRef mark, int64_t number) {
  for (size_t at = text.find(mark.str()); at != std::string::npos;
       at = text.find(mark.str(), at))
    text.replace(at, mark.size(), std::to_string(number));
  return text;
}

/// Whether braces hold more than the number of a layer or expert.
bool hasExpression(llvm::StringRef name) {
  for (size_t open = name.find('{'); open != llvm::StringRef::npos;
       open = name.find('{', open + 1))
    if (!name.substr(open).starts_with("{i}") &&
        !name.substr(open).starts_with("{e}"))
      return true;
  return false;
}

} // namespace

WeightRules::WeightRules(const Checkpoint &checkpoint,
                         std::optional<uint64_t> seed, Diagnostics &diagnostics)
    : checkpoint(checkpoint), seed(seed), diagnostics(diagnostics),
      kind(checkpoint.hasWeights() && !seed ? checkpoint.weightsKind()
                                            : checkpoint.configKind()) {}

//===----------------------------------------------------------------------===//
// Finding tensors
//===----------------------------------------------------------------------===//

const WeightRules::Rule *WeightRules::findRule(llvm::StringRef name) const {
  auto it = ruleByName.find(name.str());
  return it == ruleByName.end() ? nullptr : &rules[it->second];
}

/// Numbers of layers and experts, and the values of expressions, take the
/// place of what is in braces. Empty after an error.
std::string WeightRules::fillName(llvm::StringRef pattern, SpecLoc loc,
                                  int64_t layer, int64_t expert,
                                  Scope &scope) const {
  std::string name = fillIn(
      fillIn(pattern.str(), "{i}", std::max<int64_t>(layer, 0)), "{e}", expert);
  size_t open = 0;
  while ((open = name.find('{', open)) != std::string::npos) {
    size_t close = name.find('}', open);
    if (close == std::string::npos) {
      diagnostics.error(loc, "the brace in \"" + pattern + "\" has no end");
      return "";
    }
    std::optional<Expr> expr =
        Expr::parse(name.substr(open + 1, close - open - 1), loc, diagnostics);
    std::optional<SpecValue> value;
    if (expr)
      value = expr->evaluate(scope, diagnostics);
    if (!value)
      return "";
    const std::string *word = value->asString();
    if (!word && !value->asInt()) {
      diagnostics.error(loc, "a name is filled in with ints and strings, not "
                             "with " +
                                 value->print());
      return "";
    }
    std::string text = word ? *word : value->print();
    name.replace(open, close - open + 1, text);
    open += text.size();
  }
  return name;
}

const StoredTensor *WeightRules::findTensor(llvm::StringRef pattern,
                                            SpecLoc loc, int64_t layer,
                                            int64_t expert,
                                            Scope &scope) const {
  std::vector<std::string> names;
  expandOptional(fillName(pattern, loc, layer, expert, scope), names);
  for (const std::string &name : names)
    if (const StoredTensor *tensor = checkpoint.find(name))
      return tensor;
  return nullptr;
}

/// The tensors of one source, or none unless it is there in whole.
std::vector<const StoredTensor *> WeightRules::findTensors(const Source &source,
                                                           int64_t layer,
                                                           int64_t experts,
                                                           Scope &scope) const {
  std::vector<const StoredTensor *> found;
  auto add = [&](llvm::StringRef pattern, int64_t expert) {
    if (const StoredTensor *tensor =
            findTensor(pattern, source.loc, layer, expert, scope))
      found.push_back(tensor);
  };
  switch (source.join) {
  case Recipe::Join::None:
    for (const std::string &name : source.names)
      if (found.empty())
        add(name, 0);
    break;
  case Recipe::Join::Rows:
  case Recipe::Join::Columns:
  case Recipe::Join::Sum:
  case Recipe::Join::Product:
    for (const std::string &name : source.names)
      add(name, 0);
    if (found.size() != source.names.size())
      found.clear();
    break;
  case Recipe::Join::Stack:
    for (const std::string &name : source.names) {
      found.clear();
      for (int64_t e = 0; e < experts; ++e)
        add(name, e);
      if (int64_t(found.size()) == experts)
        return found;
    }
    found.clear();
  }
  return found;
}

/// Whether what is done to a tensor differs by layer.
static bool dependsOnLayer(const YamlNode &node, const Scope &scope) {
  auto inside = [&](const YamlNode &each) {
    return dependsOnLayer(each, scope);
  };
  if (node.isList())
    return llvm::any_of(node.items, inside);
  if (node.isMap())
    return llvm::any_of(node.entries, [&](const YamlEntry &entry) {
      return !namesTensors(entry.key) && inside(entry.value);
    });
  // What is no expression is reported where it is read.
  Diagnostics ignored;
  std::optional<Expr> expr = Expr::parse(node.text, node.loc, ignored);
  std::vector<llvm::StringRef> names;
  if (expr)
    expr->listNames(names);
  return llvm::any_of(
      names, [&](llvm::StringRef name) { return scope.isOfLayer(name); });
}

bool WeightRules::isSharedByLayers(llvm::StringRef name,
                                   const Scope &scope) const {
  const Rule *rule = findRule(name);
  if (!rule || rule->sources.empty())
    return false;
  return llvm::none_of(rule->sources, [&](const Source &source) {
    return source.fill ||
           (source.steps && dependsOnLayer(*source.steps, scope)) ||
           llvm::any_of(source.names, [](llvm::StringRef pattern) {
             return pattern.contains("{i}") || hasExpression(pattern);
           });
  });
}

std::optional<bool> WeightRules::isStored(llvm::StringRef name, int64_t layer,
                                          Scope &scope) const {
  const Rule *rule = findRule(name);
  if (!rule)
    return std::nullopt;
  return llvm::any_of(rule->sources, [&](const Source &source) {
    if (source.fill || !hasTensors())
      return source.fill.has_value();
    return !findTensors(source, layer, 1, scope).empty();
  });
}

/// Weights of a model that has none on disk: each tensor by its own seed, so
/// that adding one changes no other.
Recipe WeightRules::withoutTensors(const WeightRequest &request) const {
  Recipe recipe;
  recipe.shape = request.shape;
  if (!seed)
    return recipe;
  std::string key = request.name + "/" + std::to_string(request.layer) + "/" +
                    std::to_string(*seed);
  recipe.seed = llvm::xxh3_64bits(key);
  switch (request.role) {
  case WeightRole::Matrix:
    // Keeps the variance of what it multiplies.
    recipe.spread = std::sqrt(3.0f / float(request.shape.back()));
    break;
  case WeightRole::Table:
    recipe.spread = 1;
    break;
  case WeightRole::Bias:
    recipe.spread = 0.1f;
    break;
  case WeightRole::Gain:
    recipe.mean = 1;
    recipe.spread = 0.25f;
    break;
  }
  return recipe;
}

/// A weight that is one number.
std::optional<Recipe> WeightRules::filled(const Source &source,
                                          const WeightRequest &request,
                                          Scope &scope) {
  std::optional<SpecValue> value = source.fill->evaluate(scope, diagnostics);
  if (!value)
    return std::nullopt;
  std::optional<double> number = value->asNumber();
  if (!number) {
    diagnostics.error(source.loc,
                      "a weight is filled with a number, not with " +
                          value->print());
    return std::nullopt;
  }
  Recipe recipe;
  recipe.shape = request.shape;
  recipe.fill = number;
  return recipe;
}

/// All values of a weight, as stored.
std::vector<float> WeightRules::readWhole(llvm::StringRef name, int64_t layer,
                                          SpecLoc use, Scope &scope) {
  const Rule *rule = findRule(name);
  std::vector<const StoredTensor *> found;
  if (!rule) {
    diagnostics.error(use, "no weight rule is called \"" + name + "\"");
    return {};
  }
  for (const Source &source : rule->sources)
    if (found.empty() && !source.steps && !source.fill)
      found = findTensors(source, layer, 1, scope);
  if (found.empty()) {
    diagnostics.error(rule->loc, "the checkpoint has no tensor that \"" + name +
                                     "\" names, without any change");
    diagnostics.note(use, "this expression needs it");
    return {};
  }
  claimed.insert(found[0]->name);
  Result<std::vector<float>> values = found[0]->readAsF32();
  if (!values) {
    diagnostics.error(use, values.message());
    return {};
  }
  return std::move(*values);
}

std::optional<double> WeightRules::dot(llvm::StringRef a, llvm::StringRef b,
                                       int64_t layer, SpecLoc use,
                                       Scope &scope) {
  if (!hasTensors())
    return 0.0;
  std::vector<float> x = readWhole(a, layer, use, scope);
  std::vector<float> y = readWhole(b, layer, use, scope);
  if (diagnostics.failed())
    return std::nullopt;
  if (x.size() != y.size()) {
    diagnostics.error(use, "\"" + a + "\" has " + llvm::Twine(x.size()) +
                               " values, \"" + b + "\" " +
                               llvm::Twine(y.size()));
    return std::nullopt;
  }
  double sum = 0;
  for (auto [p, q] : llvm::zip_equal(x, y))
    sum += double(p) * double(q);
  return sum;
}

/// A weight of the adapter's learned tokens: their rows, or a layer's part of
/// them.
std::optional<Recipe> WeightRules::ofPrompt(const WeightRequest &request) {
  const LearnedPrompt &prompt = *learnedPrompt();
  int64_t width = request.shape[1], from = 0, parts = 1;
  if (prompt.states) {
    bool isValue = llvm::StringRef(request.name).ends_with("_v");
    parts = 2 * prompt.layers;
    from = (2 * request.layer + isValue) * width;
  }
  if (prompt.states && request.layer >= prompt.layers) {
    diagnostics.error(adapterLoc(), "the learned tokens have keys and values "
                                    "of " +
                                        llvm::Twine(prompt.layers) +
                                        " layers, the model has more");
    return std::nullopt;
  }
  if (prompt.width != parts * width) {
    diagnostics.error(adapterLoc(), "the rows of the learned tokens have " +
                                        llvm::Twine(prompt.width) +
                                        " numbers, but \"" + request.name +
                                        "\" needs " + llvm::Twine(parts) +
                                        " times " + llvm::Twine(width));
    diagnostics.note(request.user, "the shape follows from this part");
    return std::nullopt;
  }
  Recipe recipe;
  recipe.shape = request.shape;
  for (int64_t token = 0; token < prompt.tokens; ++token) {
    auto row = prompt.rows.begin() + token * prompt.width + from;
    recipe.values.insert(recipe.values.end(), row, row + width);
  }
  return recipe;
}

/// What an adapter adds to the tensor that was found last.
bool WeightRules::addChange(const StoredTensor &tensor, const Source &source,
                            Recipe &recipe) {
  if (!adapter)
    return true;
  Result<const LowRank *> change = adapter->find(tensor);
  if (!change) {
    diagnostics.error(source.loc, change.message());
    return false;
  }
  if (*change) {
    claimed.insert((*change)->a.name);
    recipe.added.emplace_back(recipe.sources.size() - 1, **change);
  }
  return true;
}

/// Makes one tensor of 4-bit values and their exponents.
bool WeightRules::addScales(const Source &source, Recipe &recipe, int64_t layer,
                            Scope &scope) {
  if (source.scales.empty())
    return true;
  StoredTensor &values = recipe.sources[0];
  const StoredTensor *scales =
      findTensor(source.scales, source.loc, layer, 0, scope);
  if (!scales) {
    diagnostics.error({values.file->path()},
                      "tensor \"" + values.name + "\" has no scales \"" +
                          fillName(source.scales, source.loc, layer, 0, scope) +
                          "\"");
    return false;
  }
  claimed.insert(scales->name);
  Result<StoredTensor> whole = describeMxfp4(values, *scales);
  if (!whole) {
    diagnostics.error(source.loc, whole.message());
    return false;
  }
  recipe.apart.emplace(values, *scales);
  values = std::move(*whole);
  return true;
}

/// One number is a factor for all features.
static void spreadNumber(Recipe &recipe) {
  bool isNumber = recipe.sources.size() == 1 && recipe.sources[0].count == 1;
  bool spread = llvm::any_of(recipe.steps, [](const RecipeStep &step) {
    return step.kind == RecipeStep::Kind::Repeat;
  });
  int64_t count = int64_t(countOf(recipe.shape).value_or(1));
  if (!isNumber || spread || count == 1)
    return;
  RecipeStep repeat(RecipeStep::Kind::Repeat);
  repeat.groups = count;
  recipe.steps.push_back(repeat);
  if (recipe.shape.size() > 1)
    recipe.steps.push_back(RecipeStep(RecipeStep::Kind::Reshape));
}

std::optional<Recipe> WeightRules::resolve(const WeightRequest &request,
                                           Scope &scope) {
  llvm::StringRef name(request.name);
  if (learnedPrompt() && (name == "prompt" || name.ends_with(".prompt_k") ||
                          name.ends_with(".prompt_v")))
    return ofPrompt(request);
  const Rule *rule = findRule(request.name);
  if (!rule) {
    std::vector<llvm::StringRef> names;
    for (const Rule &other : rules)
      names.push_back(other.name);
    diagnostics.error(request.user, "this needs the weight \"" + request.name +
                                        "\", for which there is no rule" +
                                        didYouMean(request.name, names));
    return std::nullopt;
  }
  usedRules.insert(rule->name);
  for (const Source &source : rule->sources) {
    if (source.fill)
      return filled(source, request, scope);
    if (!hasTensors())
      return withoutTensors(request);
    std::vector<const StoredTensor *> found =
        findTensors(source, request.layer, request.shape.front(), scope);
    if (found.empty())
      continue;
    Recipe recipe;
    recipe.shape = request.shape;
    recipe.join = source.join;
    recipe.rule = request.name;
    recipe.isVector =
        request.role == WeightRole::Bias || request.role == WeightRole::Gain;
    for (const StoredTensor *tensor : found) {
      recipe.sources.push_back(*tensor);
      claimed.insert(tensor->name);
      if (!addChange(*tensor, source, recipe))
        return std::nullopt;
    }
    if (!addScales(source, recipe, request.layer, scope))
      return std::nullopt;
    recipe.steps = readSteps(source, scope);
    if (diagnostics.failed())
      return std::nullopt;
    if (request.role == WeightRole::Gain)
      spreadNumber(recipe);
    std::string problem = inferRecipe(recipe);
    if (problem.empty())
      return recipe;
    diagnostics.error({found[0]->file->path()},
                      "tensor \"" + found[0]->name + "\" " +
                          printShape(found[0]->shape) + " " + problem);
    diagnostics.note(source.loc, "it is \"" + request.name + "\" by this rule");
    diagnostics.note(request.user, "the shape follows from this part");
    return std::nullopt;
  }
  if (!hasTensors())
    return withoutTensors(request);
  if (!diagnostics.failed())
    reportMissing(*rule, request, scope);
  return std::nullopt;
}

void WeightRules::reportMissing(const Rule &rule, const WeightRequest &request,
                                Scope &scope) {
  std::string names;
  std::string first;
  for (const Source &source : rule.sources)
    for (const std::string &pattern : source.names) {
      std::string name = fillName(pattern, source.loc, request.layer, 0, scope);
      names += (names.empty() ? "\"" : " or \"") + name + "\"";
      if (first.empty()) {
        std::vector<std::string> readings;
        expandOptional(name, readings);
        first = readings[0];
      }
    }
  std::vector<llvm::StringRef> stored;
  for (const StoredTensor &tensor : checkpoint.tensors())
    if (!claimed.count(tensor.name))
      stored.push_back(tensor.name);
  if (names.empty())
    diagnostics.error(rule.loc, "\"" + rule.name + "\" has no name in " +
                                    std::string(nameOf(kind)) +
                                    " checkpoints, and this model needs it");
  else
    diagnostics.error(rule.loc, "the checkpoint has no tensor " + names +
                                    didYouMean(first, stored));
  diagnostics.note(request.user, "this part needs it");
}
