//===- Planner.cpp - Evaluates the section `model` ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Planner.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace sinter;

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
    plan.tower = planTower(fields, "", plan.kind == "causal", nullptr);
  }
  planEmbeddingOfTexts(fields, plan);
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
  if (rules.learnedPrompt())
    planLearnedPrompt(tower, cached && !encoder);
  if (const YamlNode *stack = fields.need("stack"))
    planStack(*stack, tower);
  checkPrompt(prompt ? prompt->loc : fields.loc(), tower);
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
    place = fields.word<Project>("of",
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
  usePrompt(tower, node.loc);
  fields.finish();
}

void Planner::usePrompt(TowerPlan &tower, SpecLoc loc) {
  Owner owner{tower.prefix, -1, bindings, nullptr, &tower.uses, loc};
  if (tower.prompt.tokens && !tower.prompt.states)
    use(owner, "prompt", {tower.prompt.tokens, tower.hidden},
        WeightRole::Table);
}

/// The learned tokens of an adapter.
void Planner::planLearnedPrompt(TowerPlan &tower, bool isCausal) {
  const LearnedPrompt &learned = *rules.learnedPrompt();
  if (!isCausal || tower.prompt.tokens)
    return rules.refuseAdapter(isCausal
                                   ? "the model has learned tokens already"
                                   : "learned tokens are for causal models");
  tower.prompt = {learned.tokens, learned.states, /*counted=*/true};
  usePrompt(tower, rules.adapterLoc());
}

/// What does not go with learned tokens, once the layers are known.
void Planner::checkPrompt(SpecLoc loc, const TowerPlan &tower) {
  const PromptPlan &plan = tower.prompt;
  if (!plan.tokens || plan.states)
    return;
  bool placed = llvm::any_of(
      tower.ropes, [](const RopePlan &rope) { return !rope.input.empty(); });
  if (placed || tower.usesPrefix() || !plan.counted || tower.readsIds ||
      tower.positionsWidth() != tower.hidden)
    diagnostics.error(loc,
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
  head.pool = readPool(fields, "pool");
  if (head.pool && tower.cached)
    fields.fail("pool", "only an encoder sees all tokens at once and can "
                        "pool them");
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
  // Checkpoints that are for embeddings alone have no logits.
  bool isLeftOut = embedding && rules.hasTensors() && head.linear &&
                   !head.tied && rules.isStored("head", -1, bindings) == false;
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
  else if (head.linear && !isLeftOut)
    use(owner, "head", {head.outputs, width}, WeightRole::Matrix);
  if (head.linear && !isLeftOut)
    use(owner, "head.bias", {head.outputs}, WeightRole::Bias,
        readPresence(fields, "bias"));
  head.inputScale = fields.number("input_scale", 1);
  head.scale = fields.number("scale", 1);
  head.softCap = readBound(fields, "soft_cap");
  head.logSoftmax = fields.flag("log_softmax", false);
  fields.finish();
  if (!isLeftOut)
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
