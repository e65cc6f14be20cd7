//===- PlannerCaches.cpp - Where layers keep keys and values --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Layers with keys and values of one shape share a pair of caches, in which
// each has a slot. Those that look back a bounded number of tokens have rings,
// which hold no more of a text than that, however long it gets.
//
//===----------------------------------------------------------------------===//

#include "spec/Planner.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

using namespace sinter;

/// Lengths of rings for one shape of keys and values. A form of layer has one,
/// so that more of them mean more code.
static constexpr size_t kMostRings = 4;

using Shape = std::tuple<bool, int64_t, int64_t, int64_t, int64_t>;
static Shape shapeOf(const AttentionPlan &plan) {
  return {plan.cross, plan.kvHeads, plan.valueHeads, plan.dim, plan.valueDim};
}

/// The linears that make keys, for those of positions: where keys are another
/// layer's, so are the linears.
void Planner::borrowKeys(AttentionPlan &plan, Owner &owner,
                         const TowerPlan &tower) {
  plan.keysLayer = owner.layer;
  plan.keysLatent = plan.latent;
  llvm::StringRef name(owner.path);
  name.consume_front(tower.prefix + "layer.");
  name.consume_back(".");
  for (std::optional<int64_t> root = plan.keysOf; root;) {
    if (*root >= int64_t(tower.layers.size()))
      return; // reported with the key
    const PartPlan *part = nullptr;
    for (const StepPlan &step : tower.layers[size_t(*root)].steps)
      for (const PartPlan &candidate : step.parts)
        if (candidate.name == name)
          part = &candidate;
    auto *other = part ? std::get_if<AttentionPlan>(&part->what) : nullptr;
    if (!other)
      return;
    plan.keysLayer = *root;
    plan.keysLatent = other->latent;
    root = other->keysOf;
    if (root)
      continue;
    for (const char *linear : {"k", "v", "kv_down", "k_shared"})
      for (const char *suffix : {"", ".bias"})
        if (auto it = part->uses.find(linear + std::string(suffix));
            it != part->uses.end()) {
          owner.uses->insert(*it);
          *owner.log += "borrowed " + it->second.symbol + ";";
        }
    for (const char *norm : {"kv_down_norm", "kv_down_norm.bias"})
      if (auto it = part->uses.find(norm); it != part->uses.end())
        owner.uses->insert(*it);
    if (plan.keysLatent)
      *owner.log += "latent " + std::to_string(plan.keysLatent->keys) + " " +
                    std::to_string(plan.keysLatent->shared) + " " +
                    std::to_string(plan.keysLatent->normed) + ";";
  }
}

/// Layers that read another's keys and values name one before them whose
/// attention of the same name has them in the same shape.
void Planner::checkKeysOf(Fields &fields, const AttentionPlan &plan,
                          const Owner &owner, const TowerPlan &tower) {
  const AttentionPlan *other = nullptr;
  llvm::StringRef part(owner.path);
  if (tower.cached && *plan.keysOf < owner.layer &&
      part.consume_front(tower.prefix + "layer.") && part.consume_back("."))
    other = tower.layers[size_t(*plan.keysOf)].attention(part);
  if (!other || shapeOf(*other) != shapeOf(plan))
    fields.fail("keys_of", "layer " + llvm::Twine(*plan.keysOf) +
                               " is not a layer before this one whose "
                               "attention of the same name caches "
                               "keys and values of this shape");
}

/// Tokens that a query sees at most of those up to its own, which counts; 0:
/// any number, or as many as there are.
static int64_t reachOf(const AttentionPlan &plan, int64_t context) {
  if (plan.cross || plan.mask != Mask::Causal || plan.prefix)
    return 0;
  int64_t reach = context;
  for (int64_t bound :
       {plan.window, plan.chunk, plan.memory ? plan.memory + 1 : 0})
    if (bound)
      reach = std::min(reach, bound);
  return reach < context ? reach : 0;
}

namespace {
/// An attention, and the one in whose slot its keys and values are.
struct CacheReader {
  AttentionPlan *plan;
  AttentionPlan *root;
  size_t layer;
};
} // namespace

/// In the order of layers, so that a root comes before its readers.
static std::vector<CacheReader> readersOf(TowerPlan &tower) {
  std::vector<CacheReader> readers;
  for (auto [layer, plan] : llvm::enumerate(tower.layers))
    for (StepPlan &step : plan.steps)
      for (PartPlan &part : step.parts) {
        auto *attention = std::get_if<AttentionPlan>(&part.what);
        if (!attention || (!attention->cross && !tower.cached))
          continue;
        AttentionPlan *root = attention;
        while (root->keysOf)
          root = tower.layers[size_t(*root->keysOf)].attention(part.name);
        readers.push_back({attention, root, layer});
      }
  return readers;
}

/// The ring of each root: as long as the furthest of its readers looks back.
static std::map<AttentionPlan *, int64_t>
ringsOf(llvm::ArrayRef<CacheReader> readers, int64_t context) {
  std::map<AttentionPlan *, int64_t> rings;
  for (const CacheReader &reader : readers) {
    int64_t reach = reachOf(*reader.plan, context);
    auto [it, isNew] = rings.try_emplace(reader.root, reach);
    if (!isNew)
      it->second = it->second && reach ? std::max(it->second, reach) : 0;
  }
  std::map<Shape, std::set<int64_t>> lengths;
  for (auto [root, ring] : rings)
    if (ring)
      lengths[shapeOf(*root)].insert(ring);
  for (auto &[root, ring] : rings)
    if (const std::set<int64_t> &all = lengths[shapeOf(*root)];
        ring && all.size() > kMostRings)
      ring = *all.rbegin();
  return rings;
}

void Planner::planCaches(TowerPlan &tower, std::vector<std::string> &logs) {
  std::vector<CacheReader> readers = readersOf(tower);
  std::map<AttentionPlan *, int64_t> rings = ringsOf(readers, context);
  for (const CacheReader &reader : readers) {
    AttentionPlan &plan = *reader.plan;
    int64_t ring = rings.at(reader.root);
    if (ring)
      logs[reader.layer] += "ring " + std::to_string(ring) + ";";
    if (reader.root != reader.plan) {
      plan.cache = reader.root->cache;
      plan.slot = reader.root->slot;
      continue;
    }
    auto &caches = plan.cross ? tower.crossCaches : tower.caches;
    auto it = llvm::find_if(caches, [&](const CachePlan &cache) {
      return cache.kvHeads == plan.kvHeads &&
             cache.valueHeads == plan.valueHeads && cache.dim == plan.dim &&
             cache.valueDim == plan.valueDim && cache.ring == ring;
    });
    plan.cache = size_t(it - caches.begin());
    if (it == caches.end())
      it = caches.insert(it, CachePlan{plan.kvHeads, plan.valueHeads, plan.dim,
                                       plan.valueDim, 0, ring});
    plan.slot = it->slots++;
  }
}
