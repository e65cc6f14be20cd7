//===- Planner.cpp - Evaluates the section `model` ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Planner.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace sinter;

namespace {

/// A stack's plan has an entry for each layer; no model comes near.
constexpr int64_t maxLayers = 4096;

} // namespace

//===----------------------------------------------------------------------===//
// LayerScope
//===----------------------------------------------------------------------===//

Scope::Found LayerScope::lookup(llvm::StringRef name, SpecLoc use,
                                SpecValue &value) {
  auto it = names.find(name);
  if (name != "i" && it == names.end())
    return outer.lookup(name, use, value);
  value = name == "i" ? SpecValue(layer) : it->second;
  return Found::Yes;
}

void LayerScope::listNames(std::vector<llvm::StringRef> &all) const {
  all.push_back("i");
  for (const auto &entry : names)
    all.push_back(entry.first());
  outer.listNames(all);
}

void LayerScope::explain(llvm::StringRef name, Diagnostics &diagnostics) const {
  outer.explain(name, diagnostics);
}

Scope::Found LayerScope::call(llvm::StringRef function,
                              llvm::ArrayRef<SpecValue> arguments, SpecLoc use,
                              SpecValue &value) {
  if (function == "stored" && arguments.size() == 1 &&
      arguments[0].asString()) {
    if (std::optional<bool> answer =
            rules.isStored(*arguments[0].asString(), layer, *this)) {
      value = *answer;
      return Found::Yes;
    }
  }
  if (function == "dot" && arguments.size() == 2 && arguments[0].asString() &&
      arguments[1].asString()) {
    std::optional<double> sum = rules.dot(
        *arguments[0].asString(), *arguments[1].asString(), layer, use, *this);
    value = sum.value_or(0);
    return sum ? Found::Yes : Found::Failed;
  }
  return outer.call(function, arguments, use, value);
}

AttentionPlan *LayerPlan::attention(llvm::StringRef part) {
  for (StepPlan &step : steps)
    for (PartPlan &candidate : step.parts)
      if (candidate.name == part)
        return std::get_if<AttentionPlan>(&candidate.what);
  return nullptr;
}

bool TowerPlan::usesPrefix() const {
  for (const LayerPlan &layer : layers)
    for (const StepPlan &step : layer.steps)
      for (const PartPlan &part : step.parts)
        if (auto *attention = std::get_if<AttentionPlan>(&part.what))
          if (attention->prefix)
            return true;
  return false;
}

//===----------------------------------------------------------------------===//
// The model around its layers
//===----------------------------------------------------------------------===//

ModelPlan Planner::plan(const YamlNode &model) {
  ModelPlan plan;
  Fields fields(model, "model", bindings, diagnostics);
  plan.kind = fields.word<std::string>(
      "kind",
      {{"causal", "causal"}, {"encoder", "encoder"}, {"seq2seq", "seq2seq"}});
  plan.context = context = fields.integer("context", 1);
  plan.start = fields.integer("start", 0, 0);
  if (const YamlNode *node = fields.get("blank")) {
    Fields blank(*node, "blank", bindings, diagnostics);
    BlankPlan read;
    read.begins = blank.integer("begins", 0, -1);
    for (double mark : blank.numbers("marks"))
      read.marks.push_back(int64_t(mark));
    blank.finish();
    if (read.begins >= 0)
      plan.blank = std::move(read);
  }
  if (plan.kind == "seq2seq") {
    plan.encoder = planTower(fields, "encoder", nullptr);
    if (!diagnostics.failed())
      plan.tower = planTower(fields, "decoder", &*plan.encoder);
    else
      fields.get("decoder"); // known, if not looked at
  } else {
    if (plan.kind == "encoder")
      plan.pool = fields.word<PoolKind>("pool",
                                        {{"first", PoolKind::First},
                                         {"last", PoolKind::Last},
                                         {"mean", PoolKind::Mean},
                                         {"max", PoolKind::Max}},
                                        PoolKind::Mean);
    plan.tower = planTower(fields, "", plan.kind == "causal", nullptr);
  }
  if (plan.start && plan.tower.prompt.tokens)
    fields.fail("start", "caches begin with zeros or with learned tokens, not "
                         "with both");
  if (plan.tower.prompt.counted && plan.tower.prompt.tokens >= plan.context)
    fields.fail("context", "leaves no room after the " +
                               llvm::Twine(plan.tower.prompt.tokens) +
                               " learned tokens");
  fields.finish();
  return plan;
}

/// One of the two towers of a seq2seq: a section of its own.
TowerPlan Planner::planTower(Fields &model, llvm::StringRef key,
                             const TowerPlan *encoder) {
  const YamlNode *node = model.need(key);
  if (!node)
    return {};
  Fields fields(*node, key, bindings, diagnostics);
  TowerPlan tower =
      planTower(fields, key.str() + ".", /*cached=*/encoder, encoder);
  fields.finish();
  return tower;
}

TowerPlan Planner::planTower(Fields &fields, const std::string &prefix,
                             bool cached, const TowerPlan *encoder) {
  TowerPlan tower;
  tower.prefix = prefix;
  tower.cached = cached;
  source = encoder;
  tower.hidden = fields.integer("hidden", 1);
  tower.vocab = fields.integer("vocab", 1);
  if (const YamlNode *node = fields.need("norm")) {
    Fields norm(*node, "norm", bindings, diagnostics);
    tower.norm = readNorm(norm, nullptr);
    norm.finish();
  }
  tower.embedLoc = fields.locOf("embed");
  tower.stackLoc = fields.locOf("stack");
  tower.normLoc = fields.locOf("final_norm");
  const YamlNode none;
  const YamlNode *embed = fields.get("embed");
  planEmbedding(embed ? *embed : none, tower, encoder);
  const YamlNode *prompt = cached && !encoder ? fields.get("prompt") : nullptr;
  if (prompt)
    planPrompt(*prompt, tower);
  if (const YamlNode *stack = fields.need("stack"))
    planStack(*stack, tower);
  if (prompt)
    checkPrompt(*prompt, tower);
  // A base that grows beyond the trained length alone is fixed within it.
  for (RopePlan &rope : tower.ropes)
    if (context <= rope.trained) {
      rope.ntk = RopePlan::Ntk::None;
      rope.longFrequencies.clear();
    }
  tower.finalNorm = readOptionalNorm(fields, "final_norm", tower.norm);
  Owner owner{prefix, -1, bindings, nullptr, &tower.uses, tower.normLoc};
  if (tower.finalNorm)
    useNorm(*tower.finalNorm, "norm", tower.hidden, owner);
  // An encoder may end with its features.
  const YamlNode *head = cached ? fields.need("head") : fields.get("head");
  if (head)
    planHead(*head, tower);
  return tower;
}

void Planner::planEmbedding(const YamlNode &node, TowerPlan &tower,
                            const TowerPlan *encoder) {
  Fields fields(node, "embed", bindings, diagnostics);
  Owner owner{tower.prefix, -1, bindings, nullptr, &tower.uses, tower.embedLoc};
  tower.embedScale = fields.number("scale", 1);
  tower.embedWidth = fields.integer("width", 1, tower.hidden);
  if (fields.flag("shared", false)) {
    if (!encoder || encoder->vocab != tower.vocab ||
        encoder->embedWidth != tower.embedWidth)
      fields.fail("shared", "there is no encoder whose embedding has the same "
                            "rows and features");
    else
      tower.uses["embed"] = encoder->uses.at("embed");
  } else {
    use(owner, "embed", {tower.vocab, tower.embedWidth}, WeightRole::Table);
  }
  planProjection(fields, tower, owner);
  int64_t width = tower.positionsWidth();
  if (const YamlNode *positions = fields.get("positions"))
    planEmbeddedPositions(*positions, tower, owner);
  if (int64_t types = fields.integer("types", 0, 0)) {
    tower.tokenTypes = true;
    use(owner, "types", {types, width}, WeightRole::Table);
  }
  tower.embedNorm = readOptionalNorm(fields, "norm", tower.norm);
  tower.normsTokens =
      fields.word<bool>("norm_of", {{"sum", false}, {"tokens", true}}, false);
  if (tower.embedNorm)
    useNorm(*tower.embedNorm, "embed_norm",
            tower.project == TowerPlan::Project::Sum && !tower.normsTokens
                ? tower.hidden
                : width,
            owner);
  fields.finish();
}

/// The linear from an embedding's own features to those of tokens.
void Planner::planProjection(Fields &embed, TowerPlan &tower, Owner &owner) {
  using Project = TowerPlan::Project;
  Project place = Project::All;
  Presence bias = Presence::No;
  if (const YamlNode *node = embed.get("project")) {
    Fields fields(*node, "project", bindings, diagnostics);
    place = fields.word<Project>(
        "of",
        {{"tokens", Project::Tokens},
         {"sum", Project::Sum},
         {"all", Project::All}},
        Project::All);
    bias = readPresence(fields, "bias");
    fields.finish();
  }
  if (tower.embedWidth == tower.hidden)
    return;
  tower.project = place;
  use(owner, "embed.project", {tower.hidden, tower.embedWidth},
      WeightRole::Matrix);
  use(owner, "embed.project.bias", {tower.hidden}, WeightRole::Bias, bias);
}

void Planner::planEmbeddedPositions(const YamlNode &node, TowerPlan &tower,
                                    Owner &owner) {
  using Kind = PositionsPlan::Kind;
  PositionsPlan &plan = tower.positions;
  Fields fields(node, "positions", bindings, diagnostics);
  plan.kind = fields.word<Kind>("kind",
                                {{"none", Kind::None},
                                 {"learned", Kind::Learned},
                                 {"sinusoids", Kind::Sinusoids}},
                                Kind::Learned);
  plan.offset = fields.integer("offset", 0, 0);
  // Where tokens come in pieces, no padding is among those before.
  plan.skipsPadding = fields.flag("skip_padding", false) && !tower.cached;
  int64_t width = tower.positionsWidth();
  if (plan.kind == Kind::Learned) {
    int64_t rows = fields.integer("rows", 1);
    use(owner, "positions", {rows + plan.offset, width}, WeightRole::Table);
  }
  double theta = fields.number("theta", 10000);
  double steps = fields.number("steps", double(width) / 2);
  plan.neighbours = fields.word<bool>(
      "pairs", {{"halves", false}, {"neighbours", true}}, false);
  fields.get("rows");
  if (plan.kind == Kind::Sinusoids && !(theta > 0 && steps > 0))
    fields.fail("kind", "theta and steps must be positive");
  for (int64_t k = 0; k < (width + 1) / 2; ++k)
    plan.frequencies.push_back(float(std::pow(theta, -double(k) / steps)));
  fields.finish();
}

void Planner::planPrompt(const YamlNode &node, TowerPlan &tower) {
  Fields fields(node, "prompt", bindings, diagnostics);
  PromptPlan &plan = tower.prompt;
  plan.tokens = fields.integer("tokens", 0);
  plan.states = fields.word<bool>(
      "kind", {{"embeddings", false}, {"keys_and_values", true}}, false);
  plan.counted = fields.flag("counted", true);
  Owner owner{tower.prefix, -1, bindings, nullptr, &tower.uses, node.loc};
  if (plan.tokens && !plan.states)
    use(owner, "prompt", {plan.tokens, tower.hidden}, WeightRole::Table);
  fields.finish();
}

/// What does not go with learned tokens, once the layers are known.
void Planner::checkPrompt(const YamlNode &node, const TowerPlan &tower) {
  const PromptPlan &plan = tower.prompt;
  if (!plan.tokens || plan.states)
    return;
  bool placed = llvm::any_of(
      tower.ropes, [](const RopePlan &rope) { return !rope.input.empty(); });
  if (placed || tower.usesPrefix() || !plan.counted || tower.readsIds ||
      tower.positionsWidth() != tower.hidden)
    diagnostics.error(node.loc,
                      "learned embeddings are tokens like others: they need "
                      "positions that are counted, no prefix that sees what "
                      "follows, and no features by id; or give "
                      "keys_and_values");
}

/// A list of heads has one for each way to read the model: the first whose
/// `when` is true; features if there is none.
void Planner::planHead(const YamlNode &node, TowerPlan &tower) {
  if (node.isList()) {
    for (const YamlNode &each : node.items) {
      Fields fields(each, "head", bindings, diagnostics);
      if (fields.flag("when", true))
        return planHead(each, tower);
    }
    if (tower.cached)
      diagnostics.error(node.loc, "no head is for this checkpoint");
    return;
  }
  Fields fields(node, "head", bindings, diagnostics);
  fields.get("when");
  HeadPlan head;
  head.loc = node.loc;
  Owner owner{tower.prefix, -1, bindings, nullptr, &head.uses, node.loc};
  enum class Pool { None, First, Last, Mean, Max };
  Pool pool = fields.word<Pool>("pool",
                                {{"none", Pool::None},
                                 {"first", Pool::First},
                                 {"last", Pool::Last},
                                 {"mean", Pool::Mean},
                                 {"max", Pool::Max}},
                                Pool::None);
  if (pool != Pool::None) {
    if (tower.cached)
      fields.fail("pool", "only an encoder sees all tokens at once and can "
                          "pool them");
    const PoolKind kinds[] = {PoolKind::First, PoolKind::Last, PoolKind::Mean,
                              PoolKind::Max};
    head.pool = kinds[size_t(pool) - 1];
  }
  head.tied = fields.flag("tied", false);
  int64_t width =
      fields.integer("width", 1, head.tied ? tower.embedWidth : tower.hidden);
  if (const YamlNode *transform = fields.get("transform")) {
    planTransform(*transform, head, width, owner, tower);
  } else if (width != tower.hidden) {
    head.project = true;
    use(owner, "head.project", {width, tower.hidden}, WeightRole::Matrix);
  }
  head.linear = fields.flag("linear", true);
  head.normalize = fields.flag("normalize", false);
  head.outputs =
      fields.integer("outputs", 1, head.linear ? tower.vocab : width);
  if (head.tied && (head.outputs != tower.vocab || width != tower.embedWidth))
    fields.fail("tied", "a tied head has the rows and features of the "
                        "embedding: " +
                            llvm::Twine(tower.vocab) + " and " +
                            llvm::Twine(tower.embedWidth));
  else if (head.linear && head.tied)
    head.uses["head"] = tower.uses["embed"];
  else if (head.linear)
    use(owner, "head", {head.outputs, width}, WeightRole::Matrix);
  if (head.linear)
    use(owner, "head.bias", {head.outputs}, WeightRole::Bias,
        readPresence(fields, "bias"));
  head.inputScale = fields.number("input_scale", 1);
  head.scale = fields.number("scale", 1);
  head.softCap = readBound(fields, "soft_cap");
  head.logSoftmax = fields.flag("log_softmax", false);
  fields.finish();
  tower.head = std::move(head);
}

/// A linear to `width` features, an activation and, unless there is none, a
/// norm.
void Planner::planTransform(const YamlNode &node, HeadPlan &head, int64_t width,
                            Owner &owner, const TowerPlan &tower) {
  Fields fields(node, "transform", bindings, diagnostics);
  HeadTransform plan;
  plan.activation = readActivation(fields);
  bool normed = fields.flag("norm", true);
  NormPlan norm = readNorm(fields, &tower.norm);
  use(owner, "head.dense", {width, tower.hidden}, WeightRole::Matrix);
  use(owner, "head.dense.bias", {width}, WeightRole::Bias,
      readPresence(fields, "bias"));
  if (normed) {
    plan.norm = norm;
    useNorm(norm, "head.norm", width, owner);
  }
  fields.finish();
  head.transform = plan;
}

void Planner::planStack(const YamlNode &node, TowerPlan &tower) {
  Fields fields(node, "stack", bindings, diagnostics);
  layers = fields.integer("repeat", 1);
  const YamlNode *steps = fields.need("layer");
  const YamlNode *let = fields.get("let");
  fields.finish();
  if (layers > maxLayers)
    return fields.fail("repeat", "a stack has at most " +
                                     llvm::Twine(maxLayers) + " layers");
  if (!steps)
    return;
  if (!steps->isList())
    return diagnostics.error(steps->loc, "a layer is a list of steps, found " +
                                             steps->describe());
  std::vector<std::string> logs;
  for (int64_t layer = 0; layer < layers && !diagnostics.failed(); ++layer)
    tower.layers.push_back(
        planLayer(*steps, let, tower, layer, logs.emplace_back()));
  if (diagnostics.failed())
    return;
  planCaches(tower, logs);
  std::map<std::string, size_t> formByLog;
  for (auto [layer, log] : llvm::enumerate(logs)) {
    auto [it, isNew] = formByLog.try_emplace(log, tower.forms.size());
    if (isNew) {
      std::string symbol = tower.prefix + "layer";
      if (!tower.forms.empty())
        symbol += "_" + std::to_string(tower.forms.size());
      tower.forms.push_back({symbol, {}});
    }
    tower.layers[layer].form = it->second;
    tower.forms[it->second].layers.push_back(int64_t(layer));
  }
}

/// Each name may be used by those after it.
void Planner::bindNames(const YamlNode &let, LayerScope &scope) {
  if (!let.isMap())
    return diagnostics.error(let.loc, "let is a mapping of names to "
                                      "expressions, found " +
                                          let.describe());
  std::vector<llvm::StringRef> taken;
  scope.listNames(taken);
  for (const YamlEntry &entry : let.entries) {
    if (llvm::is_contained(taken, entry.key) || !isName(entry.key))
      return diagnostics.error(entry.keyLoc,
                               "\"" + entry.key +
                                   "\" is not a new name: names are letters, "
                                   "digits and _, and stand once in config and "
                                   "let");
    std::optional<Expr> expr = parseExpression(entry.value, diagnostics);
    if (!expr)
      return;
    if (std::optional<SpecValue> value = expr->evaluate(scope, diagnostics))
      scope.bind(entry.key, *value);
    else
      return;
  }
}

/// The parts of `beside` become branches of `step`.
void Planner::putBeside(StepPlan &step, StepPlan &beside) {
  if (beside.normBranch || beside.normAfter || !beside.residual ||
      beside.residualOfNormed || beside.residualWeight != 1 ||
      beside.branchWeight != 1 || beside.branchGain || beside.carryGain ||
      beside.outputGain)
    diagnostics.error(beside.loc, "a parallel step has its own norm before at "
                                  "most; the other norms and the residual are "
                                  "those of the step that it stands beside");
  for (PartPlan &part : beside.parts)
    step.parts.push_back(std::move(part));
}

/// What the step gives is added after the layer's last step.
void Planner::putLate(StepPlan &step, Fields &fields) {
  if (!fields.word<bool>("joins", {{"here", false}, {"end", true}}, false))
    return;
  step.late = true;
  if (step.normAfter || !step.residual || step.residualOfNormed ||
      step.residualWeight != 1 || step.carryGain || step.outputGain)
    fields.fail("joins", "what joins at the end leaves x as it is until then: "
                         "there is no sum to norm or to weigh");
}

LayerPlan Planner::planLayer(const YamlNode &steps, const YamlNode *let,
                             TowerPlan &tower, int64_t layer,
                             std::string &log) {
  LayerPlan plan;
  LayerScope scope(bindings, rules, layer);
  if (let)
    bindNames(*let, scope);
  for (const YamlNode &node : steps.items) {
    Fields condition(node, "a step", scope, diagnostics, &log);
    if (node.find("when") && !condition.flag("when", true))
      continue;
    bool beside = node.find("parallel") && condition.flag("parallel", false);
    if (beside && plan.steps.empty())
      condition.fail("parallel", "there is no step before this one");
    if (diagnostics.failed())
      break;
    StepPlan step = planStep(node, beside, tower, layer, scope, log);
    if (beside && !step.late) {
      putBeside(*llvm::find_if(llvm::reverse(plan.steps),
                               [](const StepPlan &s) { return !s.beside; }),
                step);
    } else {
      step.beside = beside;
      plan.steps.push_back(std::move(step));
    }
    if (diagnostics.failed())
      break;
  }
  llvm::StringMap<bool> names;
  for (const StepPlan &step : plan.steps)
    for (const PartPlan &part : step.parts)
      if (!names.try_emplace(part.name, true).second)
        diagnostics.error(part.loc, "two parts of a layer are called \"" +
                                        part.name + "\"; give one a \"name\"");
  return plan;
}

StepPlan Planner::planStep(const YamlNode &node, bool beside, TowerPlan &tower,
                           int64_t layer, Scope &scope, std::string &log) {
  StepPlan step;
  step.loc = node.loc;
  Fields fields(node, "a step", scope, diagnostics, &log);
  fields.get("when");
  fields.get("parallel");
  std::string name = fields.text("name", "");
  std::string stack = tower.prefix + "layer.";
  auto ownerOf = [&](const std::string &part, Uses &uses, SpecLoc loc) {
    return Owner{stack + part + ".", layer, scope, &log, &uses, loc};
  };
  auto addPart = [&](const char *kind, auto read) {
    const YamlNode *part = fields.get(kind);
    if (!part)
      return;
    PartPlan plan;
    plan.name = name.empty() ? kind : name;
    plan.loc = part->loc;
    read(*part, plan, ownerOf(plan.name, plan.uses, part->loc));
    step.parts.push_back(std::move(plan));
  };
  addPart("attention", [&](const YamlNode &n, PartPlan &part, Owner owner) {
    planAttention(n, part.what.emplace<AttentionPlan>(), owner, tower);
  });
  addPart("cross_attention",
          [&](const YamlNode &n, PartPlan &part, Owner owner) {
            auto &plan = part.what.emplace<AttentionPlan>();
            plan.cross = true;
            if (source)
              planAttention(n, plan, owner, tower);
            else
              diagnostics.error(n.loc, "there is no encoder to attend to");
          });
  addPart("ffn", [&](const YamlNode &n, PartPlan &part, Owner owner) {
    part.what = planFfn(n, owner, tower);
  });
  addPart("moe", [&](const YamlNode &n, PartPlan &part, Owner owner) {
    planMoe(n, part.what.emplace<MoePlan>(), owner, tower);
  });
  if (step.parts.empty()) {
    diagnostics.error(node.loc,
                      "a step needs one of attention, cross_attention, "
                      "ffn and moe");
    return step;
  }
  step.name = step.parts[0].name;

  step.norm = tower.norm;
  const YamlNode *norm = fields.get("norm");
  std::optional<Fields> normFields;
  if (norm && norm->isMap()) {
    normFields.emplace(*norm, "norm", scope, diagnostics, &log);
    step.norm = readNorm(*normFields, &tower.norm);
  }
  enum Place { None, Pre, Post, Sandwich, Branch };
  for (int place :
       (normFields ? *normFields : fields)
           .wordIndices(normFields ? "place" : "norm",
                        {"none", "pre", "post", "sandwich", "branch"})) {
    step.normBefore |= place == Pre || place == Sandwich;
    step.normBranch |= place == Sandwich || place == Branch;
    step.normAfter |= place == Post;
  }
  if (normFields)
    normFields->finish();
  bool own = fields.flag("own_norms", false) || beside;
  Owner owner = ownerOf(step.name, step.uses, step.loc);
  if (step.normBefore && !own)
    useNorm(step.norm, "norm", tower.hidden, owner);
  for (PartPlan &part : step.parts)
    if (step.normBefore && own) {
      Owner mine = ownerOf(part.name, part.uses, part.loc);
      useNorm(step.norm, "norm", tower.hidden, mine);
      part.ownNorm = true;
      part.norm = step.norm;
    }
  if (step.normBranch)
    useNorm(step.norm, "branch_norm", tower.hidden, owner);
  if (step.normAfter)
    useNorm(step.norm, "output_norm", tower.hidden, owner);
  if (const YamlNode *residual = fields.get("residual"))
    planResidual(*residual, step, tower.hidden, owner);
  putLate(step, fields);
  fields.finish();
  return step;
}

void Planner::planResidual(const YamlNode &node, StepPlan &step, int64_t hidden,
                           Owner &owner) {
  if (node.isScalar() && node.text == "none") {
    step.residual = false;
    return;
  }
  Fields fields(node, "residual", owner.scope, diagnostics, owner.log);
  step.residualWeight = fields.number("weight", 1);
  step.branchWeight = fields.number("branch", 1);
  step.branchGain = fields.flag("gain", false);
  step.carryGain = fields.flag("carry_gain", false);
  step.outputGain = fields.flag("output_gain", false);
  if (step.carryGain)
    use(owner, "carry_gain", {hidden}, WeightRole::Gain);
  if (step.outputGain)
    use(owner, "output_gain", {hidden}, WeightRole::Gain);
  if (step.branchGain)
    use(owner, "branch_gain", {hidden}, WeightRole::Gain);
  step.residualOfNormed =
      fields.word<bool>("of", {{"input", false}, {"normed", true}}, false);
  if (step.residualOfNormed && !step.normBefore)
    fields.fail("of", "there is no normed input without a norm before");
  fields.finish();
}
