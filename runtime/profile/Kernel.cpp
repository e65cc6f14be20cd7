//===- Kernel.cpp - What a kernel has to do -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/Kernel.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace sinter {

using nlohmann::json;

Work &Work::operator+=(const Work &other) {
  flops += other.flops;
  memory += other.memory;
  near += other.near;
  return *this;
}

/// Rows by the name that memory plans give them.
static double rowsNamed(const std::string &name, const StepSizes &sizes) {
  if (name == "N")
    return double(sizes.batch * sizes.tokens);
  if (name == "L")
    return double(sizes.batch * sizes.last);
  if (name.starts_with("B"))
    return double(sizes.batch) * double(std::atoll(name.c_str() + 1));
  return double(std::atoll(name.c_str()));
}

/// Queries and keys that meet when `tokens` follow `past`.
static double causalPairs(double tokens, double past, double window) {
  if (window <= 0)
    return tokens * past + tokens * (tokens + 1) / 2;
  double growing = std::clamp(window - past, 0.0, tokens);
  return growing * past + growing * (growing + 1) / 2 +
         (tokens - growing) * window;
}

Work Kernel::work(const StepSizes &sizes,
                  std::span<const int32_t> before) const {
  double count = rowsNamed(rows, sizes);
  Work work{count * flops, memory + count * memoryRow, count * nearRow};
  if (experts > 0)
    work.memory += expertBytes * experts *
                   (1 - std::pow(1 - std::min(1.0, chosen / experts), count));
  if (pairFlops <= 0)
    return work;
  double tokens = double(sizes.tokens), layers = double(windows.size());
  for (int64_t b = 0; b < sizes.batch; ++b) {
    double first = size_t(b) < before.size() ? before[size_t(b)] : 0;
    double there = keys.empty() ? first + tokens : first;
    for (int64_t window : windows) {
      double reach = window > 0 ? (causal ? 1.0 : 2.0) * double(window) : there;
      double pairs = causal && keys.empty()
                         ? causalPairs(tokens, first, double(window))
                         : tokens * std::min(there, reach);
      work.flops += pairs * pairFlops / layers;
      work.memory += std::min(there, reach + tokens) * keyBytes / layers;
    }
  }
  return work;
}

static double number(const json &row, const char *key) {
  auto found = row.find(key);
  return found != row.end() && found->is_number() ? found->get<double>() : 0;
}

static std::string text(const json &row, const char *key) {
  auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>()
                                                  : std::string();
}

std::vector<Kernel> readKernels(const json &manifest) {
  std::vector<Kernel> kernels;
  auto table = manifest.is_object() ? manifest.find("kernels") : manifest.end();
  if (table == manifest.end() || !table->is_array())
    return kernels;
  for (const json &row : *table) {
    Kernel &kernel = kernels.emplace_back();
    if (!row.is_object())
      continue;
    kernel.name = text(row, "name");
    kernel.function = text(row, "function");
    kernel.kind = text(row, "kind");
    kernel.unit = text(row, "unit");
    kernel.rows = text(row, "rows");
    kernel.past = text(row, "past");
    kernel.keys = text(row, "keys");
    kernel.causal = text(row, "mask") == "causal";
    kernel.flops = number(row, "flops");
    kernel.memory = number(row, "memory");
    kernel.memoryRow = number(row, "memory_row");
    kernel.nearRow = number(row, "near_row");
    kernel.pairFlops = number(row, "pair_flops");
    kernel.keyBytes = number(row, "key_bytes");
    kernel.experts = number(row, "experts");
    kernel.chosen = number(row, "chosen");
    kernel.expertBytes = number(row, "expert_bytes");
    if (auto windows = row.find("windows"); windows != row.end())
      for (const json &window : *windows)
        kernel.windows.push_back(
            window.is_number_integer() ? window.get<int64_t>() : 0);
    if (kernel.windows.empty())
      kernel.windows.push_back(0);
  }
  return kernels;
}

} // namespace sinter
