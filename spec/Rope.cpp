//===- Rope.cpp - Frequencies of rotary positions -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Rope.h"

#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace sinter;

namespace {

enum class Scaling { None, Linear, Bands, Yarn, Factors, Ntk, NtkPowerOfTwo };

/// theta^(2k/dims) for each pair, in the f32 steps of the usual code.
std::vector<float> powers(double theta, int64_t dims) {
  std::vector<float> out(dims / 2);
  for (int64_t k = 0; k < dims / 2; ++k) {
    float exponent = float(2 * k) / float(dims);
    out[k] = float(std::pow(double(float(theta)), double(exponent)));
  }
  return out;
}

/// Long waves are slowed by `factor`, short ones kept, those between blended.
void scaleBands(RopePlan &rope, Fields &fields) {
  double factor = fields.number("factor");
  double low = fields.number("low");
  double high = fields.number("high");
  double original = double(fields.integer("original", 1));
  if (!(high > low))
    return fields.fail("high", "high must be above low");
  for (float &f : rope.frequencies) {
    double wave = 2 * std::numbers::pi / double(f);
    double blend = (original / wave - low) / (high - low);
    if (wave > original / low)
      f = float(double(f) / factor);
    else if (wave >= original / high)
      f = float((1 - blend) * double(f) / factor + blend * double(f));
  }
}

double yarnScale(double factor, double weight) {
  return factor <= 1 ? 1 : 0.1 * weight * std::log(factor) + 1;
}

/// Interpolates slow pairs and keeps fast ones (Peng et al. 2023).
void scaleYarn(RopePlan &rope, Fields &fields, double theta) {
  double factor = fields.number("factor");
  double original = double(fields.integer("original", 1));
  double fast = fields.number("beta_fast", 32);
  double slow = fields.number("beta_slow", 1);
  bool truncate = fields.flag("truncate", true);
  double weight = fields.number("mscale", 0);
  double weightAll = fields.number("mscale_all", 0);
  double fallback =
      weight != 0 && weightAll != 0
          ? yarnScale(factor, weight) / yarnScale(factor, weightAll)
          : yarnScale(factor, 1);
  rope.scale = fields.number("attention_factor", fallback);
  auto pairOf = [&](double turns) {
    return double(rope.dims) *
           std::log(original / (turns * 2 * std::numbers::pi)) /
           (2 * std::log(theta));
  };
  double begin = truncate ? std::floor(pairOf(fast)) : pairOf(fast);
  double end = truncate ? std::ceil(pairOf(slow)) : pairOf(slow);
  begin = std::max(begin, 0.0);
  end = std::min(end, double(rope.dims - 1));
  if (begin == end)
    end += 0.001;
  std::vector<float> power = powers(theta, rope.dims);
  for (size_t k = 0; k < power.size(); ++k) {
    double ramp = std::clamp((double(k) - begin) / (end - begin), 0.0, 1.0);
    double slowed = double(float(1 / (factor * double(power[k]))));
    double kept = double(1.0f / power[k]);
    rope.frequencies[k] = float(slowed * ramp + kept * (1 - ramp));
  }
}

/// What a choice by length depends on.
void readLength(RopePlan &rope, Fields &fields) {
  rope.trained = fields.integer("original", 1);
  rope.ofPrompt = fields.word<bool>(
      "length", {{"growing", false}, {"prompt", true}}, false);
}

/// A list of factors, one for each pair, and another for long texts (LongRoPE).
/// Without a list the checkpoint has them, and they come in later.
void scaleFactors(RopePlan &rope, Fields &fields, double theta,
                  bool hasStoredLong) {
  rope.scale = fields.number("attention_factor", 1);
  std::vector<float> power = powers(theta, rope.dims);
  auto divide = [&](const char *key, const std::vector<double> &factors) {
    std::vector<float> out;
    if (factors.size() != power.size())
      fields.fail(key, "there must be " + llvm::Twine(power.size()) +
                           " factors, one for each pair");
    for (size_t k = 0; k < power.size() && k < factors.size(); ++k)
      out.push_back(1.0f / (float(factors[k]) * power[k]));
    out.resize(power.size());
    return out;
  };
  std::vector<double> ones(power.size(), 1.0);
  std::vector<double> given = fields.numbers("factors");
  rope.frequencies = divide("factors", hasStoredLong ? ones : given);
  std::vector<double> longer = fields.numbers("long");
  if (longer.empty() && !hasStoredLong)
    return;
  if (hasStoredLong)
    longer = ones;
  rope.longFrequencies = divide("long", longer);
  readLength(rope, fields);
}

void scaleDynamically(RopePlan &rope, Fields &fields, Scaling kind) {
  rope.ntk =
      kind == Scaling::Ntk ? RopePlan::Ntk::Linear : RopePlan::Ntk::PowerOfTwo;
  rope.factor = kind == Scaling::Ntk ? fields.number("factor") : 1;
  readLength(rope, fields);
  if (rope.dims < 4)
    fields.fail("kind", "this scaling needs at least 4 rotating features");
}

void readScaling(RopePlan &rope, const YamlNode &node, bool hasStoredLong,
                 Scope &scope, Diagnostics &diagnostics) {
  Fields fields(node, "scaling", scope, diagnostics);
  Scaling kind =
      fields.word<Scaling>("kind",
                           {{"plain", Scaling::None},
                            {"linear", Scaling::Linear},
                            {"bands", Scaling::Bands},
                            {"yarn", Scaling::Yarn},
                            {"factors", Scaling::Factors},
                            {"ntk", Scaling::Ntk},
                            {"ntk_power_of_two", Scaling::NtkPowerOfTwo}},
                           Scaling::None);
  switch (kind) {
  case Scaling::None:
    break;
  case Scaling::Linear: {
    double factor = fields.number("factor");
    for (float &f : rope.frequencies)
      f = float(double(f) / factor);
    break;
  }
  case Scaling::Bands:
    scaleBands(rope, fields);
    break;
  case Scaling::Yarn:
    scaleYarn(rope, fields, rope.theta);
    break;
  case Scaling::Factors:
    scaleFactors(rope, fields, rope.theta, hasStoredLong);
    break;
  case Scaling::Ntk:
  case Scaling::NtkPowerOfTwo:
    scaleDynamically(rope, fields, kind);
    break;
  }
  rope.scale *= fields.number("magnitude", 1);
  // What another kind would need may stand there unused.
  for (llvm::StringRef key : {"factor", "low", "high", "original", "beta_fast",
                              "beta_slow", "truncate", "mscale", "mscale_all",
                              "attention_factor", "factors", "long", "length"})
    fields.get(key);
  fields.finish();
}

} // namespace

/// Queries grow and keys shrink with their position, so that scores fall with
/// the distance: pair k of P by zeta^(position / per), where zeta is
/// (k / P + floor) / (1 + floor) (xPos, Sun et al. 2022).
static void readDecay(RopePlan &rope, const YamlNode &node, Scope &scope,
                      Diagnostics &diagnostics) {
  Fields fields(node, "decay", scope, diagnostics);
  bool when = fields.flag("when", true);
  double per = fields.number("per", 512), floor = fields.number("floor", 0.4);
  fields.finish();
  if (!(per > 0 && floor > 0))
    return fields.fail("per", "per and floor must be positive");
  int64_t pairs = rope.dims / 2;
  for (int64_t k = 0; when && k < pairs; ++k)
    rope.growth.push_back(float(
        std::log((double(k) / double(pairs) + floor) / (1 + floor)) / per));
}

RopePlan sinter::readRope(const YamlNode &node, int64_t headDim,
                          const std::vector<float> &storedFactors,
                          const std::vector<float> &storedLong, Scope &scope,
                          Diagnostics &diagnostics) {
  RopePlan rope;
  Fields fields(node, "rope", scope, diagnostics);
  rope.theta = fields.number("theta");
  rope.offset = fields.integer("offset", 0, 0);
  rope.dims = fields.integer("dims", 2, headDim - rope.offset);
  rope.neighbours = fields.word<bool>(
      "pairs", {{"halves", false}, {"neighbours", true}}, false);
  // Partial rotation in some models turns only the first `rotating` of the
  // pairs; the others have frequency 0.
  int64_t rotating = fields.integer("rotating", 0, rope.dims);
  const YamlNode *scaling = fields.get("scaling");
  fields.get("when"); // the caller has asked
  rope.input = fields.text("positions", "");
  rope.advance = fields.integer("advance", 0, 1);
  if (!rope.input.empty() && rope.input != "position_ids" &&
      rope.input != "block_position_ids")
    fields.fail("positions", "positions come from the input position_ids or "
                             "block_position_ids, not \"" +
                                 rope.input + "\"");
  if (rope.dims % 2 || rope.offset + rope.dims > headDim) {
    fields.fail("dims", "dims (" + llvm::Twine(rope.dims) +
                            ") must be even and fit the head's " +
                            llvm::Twine(headDim) + " features");
    rope.dims = 2;
  }
  if (!(rope.theta > 0)) {
    fields.fail("theta", "theta must be positive");
    rope.theta = 1;
  }
  if (const YamlNode *decay = fields.get("decay"))
    readDecay(rope, *decay, scope, diagnostics);
  fields.finish();
  for (float power : powers(rope.theta, rope.dims))
    rope.frequencies.push_back(1.0f / power);
  if (scaling && !scaling->isNull())
    readScaling(rope, *scaling, !storedLong.empty(), scope, diagnostics);
  for (size_t k = 0; k < rope.frequencies.size(); ++k) {
    bool turns = int64_t(2 * k) < rotating;
    auto finish = [&](std::vector<float> &frequencies,
                      const std::vector<float> &factors) {
      if (k < factors.size())
        frequencies[k] /= factors[k];
      if (!turns)
        frequencies[k] = 0;
    };
    finish(rope.frequencies, storedFactors);
    if (!rope.longFrequencies.empty())
      finish(rope.longFrequencies,
             storedLong.empty() ? storedFactors : storedLong);
  }
  return rope;
}
