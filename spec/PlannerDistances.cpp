//===- PlannerDistances.cpp - What attention has for distances ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Features and biases of the distance between query and key: which row of a
// table each distance has, and who makes the rows.
//
//===----------------------------------------------------------------------===//

#include "spec/Planner.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace sinter;

//===----------------------------------------------------------------------===//
// Relative positions
//===----------------------------------------------------------------------===//

/// Distances in logarithmic steps beyond half a span (He, Gao and Chen 2021):
/// f32 steps, rounded up.
static int64_t logStep(int64_t distance, int64_t span, int64_t furthest) {
  int64_t middle = span / 2, away = std::abs(distance);
  if (away <= middle)
    return distance;
  float step = std::ceil(std::log(float(away) / float(middle)) /
                         std::log(float(furthest - 1) / float(middle)) *
                         float(middle - 1));
  int64_t bucket = int64_t(step) + middle;
  return distance < 0 ? -bucket : bucket;
}

namespace {
enum class TableRows { Clipped, Around, Logarithmic, Sinusoids };
} // namespace

/// Rows of distances -D .. D (key minus query) for tables with the query's own
/// token in row `span`, where one side has its rows before that one, and the
/// other its rows after it.
static std::vector<int32_t> rowsAround(const RelativePlan &table,
                                       TableRows kind, int64_t span,
                                       int64_t furthest, bool fromBefore) {
  std::vector<int32_t> rows;
  for (int64_t distance = -furthest; distance <= furthest; ++distance) {
    int64_t away = fromBefore ? distance : -distance;
    if (kind == TableRows::Logarithmic)
      away = logStep(away, span, furthest);
    rows.push_back(
        int32_t(std::clamp<int64_t>(away + span, 0, table.rows - 1)));
  }
  return rows;
}

/// Which row each distance has, and the table that has them.
RelativePlan Planner::planRows(Fields &fields, AttentionPlan &plan,
                               int64_t hidden) {
  TableRows kind =
      fields.word<TableRows>("rows", {{"clipped", TableRows::Clipped},
                                      {"around", TableRows::Around},
                                      {"logarithmic", TableRows::Logarithmic},
                                      {"sinusoids", TableRows::Sinusoids}});
  int64_t furthest = fields.integer("furthest", 2);
  RelativePlan table;
  bool fromBefore =
      fields.word<bool>("first", {{"after", false}, {"before", true}}, false);
  if (kind == TableRows::Sinusoids) {
    // From the furthest key after to the furthest before; there may be none
    // after.
    table.first = plan.mask == Mask::Full ? -furthest : 0;
    table.rows = furthest + 1 - table.first;
    for (int64_t d = -furthest; d <= furthest; ++d)
      plan.rows.push_back(int32_t(std::max(-d, table.first) - table.first));
    for (int64_t k = 0; k < (hidden + 1) / 2; ++k)
      table.frequencies.push_back(
          float(std::pow(10000.0, -2 * double(k) / double(hidden))));
  } else {
    int64_t span = fields.integer("span", 2, furthest);
    table.rows = 2 * span + (kind == TableRows::Around);
    plan.rows = rowsAround(table, kind, span, furthest, fromBefore);
  }
  fields.get("span");
  return table;
}

/// The one table out of which layers make what distances have.
void Planner::useRelativeTable(Fields &fields, const RelativePlan &table,
                               TowerPlan &tower) {
  if (!tower.relative) {
    Owner outer{tower.prefix, -1, bindings, nullptr, &tower.uses, fields.loc()};
    if (table.frequencies.empty())
      use(outer, "relative", {table.rows, tower.hidden}, WeightRole::Table);
    if (table.norm)
      useNorm(tower.norm, "relative_norm", tower.hidden, outer);
    tower.relative = table;
  } else if (tower.relative->rows != table.rows ||
             tower.relative->norm != table.norm ||
             tower.relative->frequencies != table.frequencies) {
    fields.fail("rows", "all layers read one table of relative positions");
  }
}

void Planner::planRelative(const YamlNode &node, AttentionPlan &plan,
                           Owner owner, TowerPlan &tower) {
  Fields fields(node, "relative", owner.scope, diagnostics, owner.log);
  fields.get("when"); // the caller has asked
  plan.relativeOwn = fields.flag("own", false);
  RelativePlan table = planRows(fields, plan, tower.hidden);
  table.norm = fields.flag("norm", false);
  plan.relativeKeys = fields.flag("keys", true);
  plan.relativeQueries = fields.flag("queries", false);
  plan.relativeValues = fields.flag("values", false);
  plan.relativeShared = fields.flag("shared", false);
  plan.relativeGroups = fields.integer("groups", 1, 1);
  if (plan.rows.empty() ||
      (!plan.relativeKeys && !plan.relativeQueries && !plan.relativeValues))
    fields.fail("keys", "at least one of keys, queries and values must be "
                        "true");
  if (plan.heads % plan.relativeGroups)
    fields.fail("groups", "groups (" + llvm::Twine(plan.relativeGroups) +
                              ") must divide heads (" +
                              llvm::Twine(plan.heads) + ")");
  if (plan.relativeShared && (plan.relativeKeys || plan.relativeValues))
    borrowKeys(plan, owner, tower);
  if (!plan.relativeOwn)
    useRelativeTable(fields, table, tower);
  std::map<std::string, Presence> bias = readBias(fields, {"k", "q", "v"});
  bool biased = llvm::any_of(
      bias, [](const auto &each) { return each.second != Presence::No; });
  if (plan.relativeOwn && (!table.frequencies.empty() || table.norm ||
                           plan.relativeShared || biased))
    fields.fail("own", "a layer's own rows are keys, queries and values as "
                       "they are: no sinusoids, norm, linears or biases make "
                       "them");
  auto features = [&](const char *kind, bool wanted, int64_t dim) {
    if (!wanted || plan.relativeShared)
      return;
    std::string name = std::string("relative_") + kind;
    if (plan.relativeOwn) {
      use(owner, name, {table.rows, plan.relativeGroups * dim},
          WeightRole::Table);
      return;
    }
    use(owner, name, {plan.heads * dim, tower.hidden}, WeightRole::Matrix);
    use(owner, name + ".bias", {plan.heads * dim}, WeightRole::Bias,
        bias[kind]);
  };
  features("k", plan.relativeKeys, plan.dim);
  features("q", plan.relativeQueries, plan.dim);
  features("v", plan.relativeValues, plan.valueDim);
  if (fields.flag("query_biases", false)) {
    use(owner, "content_bias", {plan.heads * plan.dim}, WeightRole::Bias);
    use(owner, "relative_bias", {plan.heads * plan.dim}, WeightRole::Bias);
  }
  fields.finish();
}

//===----------------------------------------------------------------------===//
// Biases by buckets of distances
//===----------------------------------------------------------------------===//

/// The bucket of each distance (key minus query) from -D to D: near ones have
/// their own, further ones share in logarithmic steps (Raffel et al. 2020). The
/// steps are rounded to f32 as the original does.
static std::vector<int32_t> bucketsOf(int64_t count, int64_t furthest,
                                      bool bothSides) {
  std::vector<int32_t> out;
  int64_t side = bothSides ? count / 2 : count;
  int64_t exact = side / 2;
  float span = std::log(float(furthest) / float(exact));
  for (int64_t distance = -furthest; distance <= furthest; ++distance) {
    int64_t away =
        bothSides ? std::abs(distance) : std::max<int64_t>(-distance, 0);
    int64_t bucket = away;
    if (away >= exact) {
      float step =
          std::log(float(away) / float(exact)) / span * float(side - exact);
      bucket = std::min(exact + int64_t(step), side - 1);
    }
    out.push_back(int32_t(bucket + (bothSides && distance > 0 ? side : 0)));
  }
  return out;
}

/// A row for each distance, those furthest before first; beyond the rows that
/// there are, distances have the outermost.
static std::vector<int32_t> clippedBuckets(int64_t count, int64_t furthest,
                                           bool bothSides) {
  std::vector<int32_t> out;
  int64_t own = bothSides ? count / 2 : count - 1;
  for (int64_t distance = -furthest; distance <= furthest; ++distance)
    out.push_back(int32_t(std::clamp<int64_t>(distance + own, 0, count - 1)));
  return out;
}

void Planner::planBuckets(const YamlNode &node, AttentionPlan &plan,
                          Owner owner, const TowerPlan &tower) {
  Fields fields(node, "buckets", owner.scope, diagnostics, owner.log);
  fields.get("when"); // the caller has asked
  int64_t count = fields.integer("count", 4);
  bool clipped = fields.word<bool>(
      "rows", {{"logarithmic", false}, {"clipped", true}}, false);
  int64_t furthest = fields.integer(
      "furthest", 1, clipped ? std::optional<int64_t>(count) : std::nullopt);
  bool bothSides = fields.flag("both_sides", !tower.cached);
  bool shared = fields.flag("shared", false);
  fields.finish();
  if (count > 1 << 16 || furthest > 1 << 16 || furthest <= count / 2)
    return fields.fail("furthest", "furthest must be above half of count, and "
                                   "both at most 65536");
  plan.buckets = clipped ? clippedBuckets(count, furthest, bothSides)
                         : bucketsOf(count, furthest, bothSides);
  if (shared) // one table for all layers
    owner.layer = -1;
  use(owner, "buckets", {count, plan.heads}, WeightRole::Bias);
}
