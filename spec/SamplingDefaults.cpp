//===- SamplingDefaults.cpp - How authors want tokens chosen --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/SamplingDefaults.h"

#include "formats/Json.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>

using namespace sinter;
using Json = nlohmann::json;

namespace {

constexpr double kMost = 1e9;

/// A number of a checkpoint's settings, the manifest's name of it, and from
/// where to where it makes sense.
struct Row {
  const char *hf;
  const char *gguf;
  const char *name;
  double least, most;
  bool integer;
};

constexpr Row kRows[] = {
    {"temperature", "temp", "temperature", 0, kMost, false},
    {"top_k", "top_k", "top_k", -1, kMost, true},
    {"top_p", "top_p", "top_p", 0, 1, false},
    {"min_p", "min_p", "min_p", 0, 1, false},
    {"repetition_penalty", "penalty_repeat", "repetition_penalty", 1e-6, kMost,
     false},
    {nullptr, "penalty_last_n", "penalty_tokens", -1, kMost, true},
    {"max_new_tokens", nullptr, "max_new_tokens", 1, kMost, true},
};

/// What else changes which tokens are chosen, and the value that changes none.
struct Unfulfilled {
  const char *name;
  double neutral;
};

constexpr Unfulfilled kUnfulfilled[] = {
    {"num_beams", 1},
    {"no_repeat_ngram_size", 0},
    {"encoder_no_repeat_ngram_size", 0},
    {"encoder_repetition_penalty", 1},
    {"typical_p", 1},
    {"epsilon_cutoff", 0},
    {"eta_cutoff", 0},
    {"penalty_alpha", 0},
    {"min_length", 0},
    {"min_new_tokens", 0},
    {"bad_words_ids", 0},
    {"suppress_tokens", 0},
    {"begin_suppress_tokens", 0},
    {"forced_bos_token_id", -1},
    {"forced_eos_token_id", -1},
    {"sequence_bias", 0},
    {"xtc_probability", 0},
    {"mirostat", 0},
};

class Reader {
public:
  Reader(const Json &settings, std::string prefix, std::string file,
         Diagnostics &diagnostics)
      : settings(settings), prefix(std::move(prefix)), file(std::move(file)),
        diagnostics(diagnostics) {}

  /// All rows that the settings have.
  Json read(const char *Row::*key) const;

  /// Says what programs do not do.
  void warnOfUnfulfilled() const;

private:
  const Json *find(const std::string &key) const {
    auto found = settings.find(prefix + key);
    return found == settings.end() || found->is_null() ? nullptr : &*found;
  }

  const Json &settings;
  std::string prefix, file;
  Diagnostics &diagnostics;
};

} // namespace

/// 0, 1 or 0.5 rather than 0.00, 1.00 or 0.50.
static std::string shortest(double number) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", number);
  return text;
}

Json Reader::read(const char *Row::*key) const {
  Json read = Json::object();
  for (const Row &row : kRows) {
    const Json *value = row.*key ? find(row.*key) : nullptr;
    if (!value)
      continue;
    double number = value->is_number() ? value->get<double>() : NAN;
    bool fits = number >= row.least && number <= row.most &&
                (!row.integer || number == std::floor(number));
    if (fits && row.integer)
      read[row.name] = int64_t(number);
    else if (fits)
      read[row.name] = number;
    else
      diagnostics.warning(file + ": " + prefix + row.*key + " is " +
                          value->dump() + ", expected " +
                          (row.integer ? "an integer" : "a number") + " from " +
                          shortest(row.least) + " to " + shortest(row.most) +
                          "; it does not count");
  }
  return read;
}

void Reader::warnOfUnfulfilled() const {
  std::vector<llvm::StringRef> names;
  for (const Unfulfilled &wish : kUnfulfilled) {
    const Json *value = find(wish.name);
    bool asks = value && (value->is_number()
                              ? value->get<double>() != wish.neutral
                              : value->is_structured() && !value->empty());
    if (asks)
      names.push_back(wish.name);
  }
  if (!names.empty())
    diagnostics.warning(file + ": programs choose tokens without " +
                        listed(names));
}

/// Whether generation_config.json wants more than the likeliest token. Where it
/// does not say, values other than those that it would have anyway do.
static bool wantsChance(const Json &settings, const Json &read) {
  auto says = settings.find("do_sample");
  if (says != settings.end() && says->is_boolean())
    return says->get<bool>();
  return read.value("temperature", 1.0) != 1 || read.value("top_k", 50) != 50 ||
         read.value("top_p", 1.0) != 1 || read.value("min_p", 0.0) != 0;
}

static void dropChance(Json &sampling) {
  for (const char *name : {"temperature", "top_k", "top_p", "min_p"})
    sampling.erase(name);
}

/// transformers' defaults for what is not said, and its penalty: of all tokens.
static Json ofHuggingFace(const Json &settings, const std::string &file,
                          Diagnostics &diagnostics) {
  Reader reader(settings, "", file, diagnostics);
  Json sampling = reader.read(&Row::hf);
  reader.warnOfUnfulfilled();
  if (wantsChance(settings, sampling)) {
    sampling.emplace("temperature", 1.0);
    sampling.emplace("top_k", 50);
  } else {
    dropChance(sampling);
  }
  if (sampling.contains("repetition_penalty"))
    sampling["penalty_tokens"] = 0;
  return sampling;
}

/// As readers of GGUF files take them: a penalty of the last 64 tokens, where 0
/// tokens are none and -1 all.
static Json ofGguf(const Json &settings, const std::string &file,
                   Diagnostics &diagnostics) {
  Reader reader(settings, "general.sampling.", file, diagnostics);
  Json sampling = reader.read(&Row::gguf);
  reader.warnOfUnfulfilled();
  if (sampling.contains("top_k") || sampling.contains("top_p") ||
      sampling.contains("min_p"))
    sampling.emplace("temperature", 0.8);
  int64_t tokens = sampling.value("penalty_tokens", int64_t(64));
  if (tokens == 0)
    sampling.erase("repetition_penalty");
  if (!sampling.contains("repetition_penalty"))
    sampling.erase("penalty_tokens");
  else
    sampling["penalty_tokens"] = std::max<int64_t>(tokens, 0);
  return sampling;
}

Json sinter::readSamplingDefaults(const Checkpoint &checkpoint,
                                  Diagnostics &diagnostics) {
  Json sampling;
  if (checkpoint.configKind() == CheckpointKind::Gguf) {
    sampling =
        ofGguf(checkpoint.config(), checkpoint.configFile(), diagnostics);
  } else {
    const char *file = "generation_config.json";
    auto side = checkpoint.sideFile(file);
    if (!side || !*side)
      return Json::object();
    Result<Json> settings = parseJson(**side, file);
    if (!settings || !settings->is_object()) {
      diagnostics.warning(settings ? std::string(file) + ": expected an object"
                                   : settings.message());
      return Json::object();
    }
    sampling = ofHuggingFace(*settings, file, diagnostics);
  }
  // -1 is what some say for "all".
  if (sampling.value("top_k", int64_t(0)) < 0)
    sampling["top_k"] = 0;
  return sampling;
}
