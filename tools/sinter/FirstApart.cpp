//===- FirstApart.cpp - Where two runs of a model part --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/FirstApart.h"
#include "tools/sinter/Driver.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

namespace sinter {

std::string Apart::where() const {
  return llvm::formatv("{0}, sequence {1}, token {2}, feature {3}", name,
                       sequence, token, feature);
}

std::string Apart::describe() const {
  std::string shape;
  for (int64_t size : features)
    shape += (shape.empty() ? " of " : " x ") + std::to_string(size);
  std::string text = name;
  if (!place.empty())
    text += " (" + place + ")";
  text +=
      llvm::formatv(", sequence {0}, token {1}, feature {2}{3}: {4}, "
                    "expected {5}",
                    sequence, token, feature, shape,
                    llvm::format("%.7g", found), llvm::format("%.7g", expected))
          .str();
  if (!agreed.empty())
    text += "; " + agreed + " before it agrees";
  return text;
}

llvm::json::Object Apart::json() const {
  return llvm::json::Object{{"name", name},
                            {"place", place},
                            {"sequence", sequence},
                            {"token", token},
                            {"feature", feature},
                            {"features", llvm::json::Array(features)},
                            {"found", jsonNumber(found)},
                            {"expected", jsonNumber(expected)},
                            {"agreed", agreed}};
}

double toleranceFor(const std::vector<float> &expected, double atol) {
  double largest = 1;
  for (float value : expected)
    if (std::isfinite(value))
      largest = std::max(largest, std::abs(double(value)));
  return atol * largest;
}

bool isApart(float found, float expected, double tolerance) {
  if (found == expected || (std::isnan(found) && std::isnan(expected)))
    return false;
  return !(std::abs(double(found) - double(expected)) <= tolerance);
}

Apart apartAt(const Recording &run, const Intermediate &found, size_t at,
              float expected, const std::string &agreed) {
  Apart apart;
  apart.name = found.name;
  apart.place = found.place;
  apart.agreed = agreed;
  apart.features.assign(found.shape.begin() + 2, found.shape.end());
  int64_t features = reference::Array<float>::count(apart.features);
  const Recording::Step &step = run.steps[found.step];
  int64_t row = int64_t(at) / features, tokens = found.shape[1];
  apart.sequence = row / tokens;
  // Fewer rows than tokens are of the last tokens.
  apart.token =
      step.begin + std::max<int64_t>(step.tokens - tokens, 0) + row % tokens;
  apart.feature = int64_t(at) % features;
  apart.found = found.values[at];
  apart.expected = expected;
  return apart;
}

std::optional<Apart> firstApart(const Recording &found,
                                const Recording &expected, double atol) {
  std::map<std::pair<size_t, std::string>, const Intermediate *> others;
  for (const Intermediate &value : expected.values)
    others[{value.step, value.key}] = &value;
  std::string agreed;
  for (const Intermediate &value : found.values) {
    auto other = others.find({value.step, value.key});
    if (other == others.end() ||
        other->second->values.size() != value.values.size())
      continue;
    const std::vector<float> &wanted = other->second->values;
    double most = toleranceFor(wanted, atol);
    for (size_t i = 0; i < wanted.size(); ++i)
      if (isApart(value.values[i], wanted[i], most))
        return apartAt(found, value, i, wanted[i], agreed);
    agreed = value.name;
  }
  return std::nullopt;
}

} // namespace sinter
