//===- EmbeddingPlanner.cpp - What makes one vector of a text -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Planner.h"

using namespace sinter;

/// The kinds of pooling, after "none".
static const llvm::StringRef kPoolWords[] = {
    "none", "first", "last", "mean", "max", "root_mean", "weighted_mean"};
static const PoolKind kPoolKinds[] = {
    PoolKind::First, PoolKind::Last,     PoolKind::Mean,
    PoolKind::Max,   PoolKind::RootMean, PoolKind::WeightedMean};

/// One of the words, or a list of them.
std::vector<PoolKind> Planner::readPools(Fields &fields, llvm::StringRef key) {
  std::vector<int> chosen = fields.wordIndices(key, kPoolWords);
  std::vector<PoolKind> pools;
  for (int index : chosen)
    if (index > 0)
      pools.push_back(kPoolKinds[index - 1]);
  return pools;
}

/// One of the first words: what a head reads.
std::optional<PoolKind> Planner::readPool(Fields &fields, llvm::StringRef key) {
  int index = fields.wordIndex(key, llvm::ArrayRef(kPoolWords).take_front(5),
                               /*optional=*/true);
  return index > 0 ? std::optional(kPoolKinds[index - 1]) : std::nullopt;
}

/// What the checkpoint says goes before what the spec says of the family.
void Planner::planEmbeddingOfTexts(Fields &fields, ModelPlan &plan) {
  EmbeddingPlan result;
  if (!plan.encoder && fields.has("pool"))
    result.pools = readPools(fields, "pool");
  else if (plan.kind == "encoder")
    result.pools = {PoolKind::Mean};
  if (embedding && plan.encoder && !embedding->pools.empty())
    diagnostics.error({embedding->file},
                      "a model of an encoder and a decoder has no one stack to "
                      "embed texts with");
  if (embedding && !plan.encoder) {
    result.ofCheckpoint = true;
    result.pools = embedding->pools;
    result.steps = embedding->steps;
    planSteps(plan.tower, result);
  }
  if (plan.kind == "encoder" || (!plan.encoder && !result.pools.empty()))
    plan.embedding = std::move(result);
}

int64_t EmbeddingPlan::outputs(int64_t width) const {
  bool pooled = false;
  for (size_t at = 0; at <= steps.size(); ++at) {
    bool last = at == steps.size();
    if (!pooled && (last || !steps[at].ofTokens)) {
      width *= int64_t(pools.size());
      pooled = true;
    }
    if (!last && steps[at].kind != EmbeddingStep::Kind::Length)
      width = steps[at].out;
  }
  return width;
}

/// Weights of the steps, and whether each reads what the one before gives.
void Planner::planSteps(const TowerPlan &tower, EmbeddingPlan &plan) {
  int64_t width = tower.hidden;
  bool pooled = false;
  auto pool = [&] {
    if (embedding->width && embedding->width != width)
      diagnostics.error({embedding->file},
                        "vectors of tokens have " + llvm::Twine(width) +
                            " features, not " + llvm::Twine(embedding->width));
    width *= int64_t(plan.pools.size());
    pooled = true;
  };
  for (auto [at, step] : llvm::enumerate(plan.steps)) {
    if (!pooled && !step.ofTokens)
      pool();
    if (step.kind == EmbeddingStep::Kind::Length)
      continue;
    if (step.in != width)
      diagnostics.error({step.file}, "what it reads has " + llvm::Twine(width) +
                                         " features, not " +
                                         llvm::Twine(step.in));
    useOfStep(step, std::to_string(at), plan.uses);
    width = step.out;
  }
  if (!pooled)
    pool();
}

void Planner::useOfStep(const EmbeddingStep &step, const std::string &number,
                        Uses &uses) {
  auto use = [&](const std::string &name, llvm::StringRef stored,
                 std::vector<int64_t> shape, WeightRole role) {
    std::string symbol = "embedding." + name;
    std::optional<Recipe> recipe = rules.ofTensor(
        {symbol, -1, shape, role, {step.file}}, step.find(stored));
    if (!recipe)
      return;
    WeightUse &made = uses[name];
    made.shape = std::move(shape);
    made.type = recipe->type;
    made.symbol = table.add(symbol, -1, 0, std::move(*recipe));
  };
  bool isLinear = step.kind == EmbeddingStep::Kind::Linear;
  if (isLinear)
    use(number, "linear.weight", {step.out, step.in}, WeightRole::Matrix);
  else
    use(number, "norm.weight", {step.in}, WeightRole::Gain);
  if (step.bias)
    use(number + ".bias", isLinear ? "linear.bias" : "norm.bias", {step.out},
        WeightRole::Bias);
  if (step.residual && step.in != step.out)
    use(number + ".residual", "residual.weight", {step.out, step.in},
        WeightRole::Matrix);
}
