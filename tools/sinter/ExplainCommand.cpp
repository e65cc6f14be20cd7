//===- ExplainCommand.cpp - sinter explain --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"
#include "tools/sinter/Compiler.h"
#include "tools/sinter/ExplainKernels.h"
#include "tools/sinter/ModelFacts.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

namespace sinter {

using llvm::formatv;

// Tokens of a step, as programs take prompts.
static constexpr int64_t kChunk = 512;

namespace {

/// Facts as built and as compiled, and what the manifest says.
struct Explanation {
  std::string name;
  std::string kind;
  std::string spec;
  int64_t vocab = 0;
  int64_t context = 0;
  int64_t weightsBytes = 0;
  ModelFacts built;
  ModelFacts compiled;
  ScratchFacts scratch;
  std::string features;
  std::vector<Kernel> kernels;
  Report report;
  std::string roundedWeights; ///< a sentence, or empty

  int64_t planContext() const { return std::min<int64_t>(context, 8192); }
};

} // namespace

static std::string quantity(double value) {
  const char *units[] = {"", " thousand", " million", " billion"};
  size_t unit = 0;
  for (; value >= 1000 && unit < 3; ++unit)
    value /= 1000;
  return formatv("{0:f1}{1}", value, units[unit]).str();
}

static std::string size(double bytes) {
  const char *units[] = {"bytes", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit < 3; ++unit)
    bytes /= 1024;
  return formatv("{0:f1} {1}", bytes, units[unit]).str();
}

/// What is computed with less precision than the model has.
static std::vector<std::string> approximationsOf(const Explanation &e) {
  std::vector<std::string> all;
  if (!e.roundedWeights.empty())
    all.push_back(e.roundedWeights);
  for (const auto &[type, count] : e.compiled.roundedLinears)
    all.push_back(
        formatv("the inputs of {0} of {1} matrix products are rounded to {2} "
                "(--activations=float avoids it)",
                count, e.compiled.linears,
                type == "a8"    ? "8 bits in blocks of 32"
                : type != "a16" ? type
                : e.compiled.crest > 0
                    ? "8 bits in blocks of 32, 16 bits in blocks with outliers"
                    : "16 bits in blocks of 32"));
  if (e.compiled.cacheType != e.built.cacheType)
    all.push_back(formatv("keys and values are kept as {0} (--cache={1} avoids "
                          "it)",
                          e.compiled.cacheType, e.built.cacheType));
  if (all.empty())
    all.push_back("none");
  return all;
}

static void addParameters(const Explanation &e, std::vector<Fact> &facts) {
  facts.push_back({"parameters", {quantity(double(e.built.parameters()))}});
  for (const auto &[type, stored] : e.built.weights)
    facts.push_back(
        {"as " + type,
         {quantity(double(stored.count)) + ", " + size(double(stored.bytes))},
         true});
  size_t forms = e.built.forms.size();
  facts.push_back(
      {"layers",
       {formatv("{0}, {1}", e.built.layers(),
                forms == 1 ? "all of one form"
                           : formatv("of {0} forms", forms).str())}});
  if (forms > 1)
    for (const auto &[form, count] : e.built.forms)
      facts.push_back({form, {std::to_string(count)}, true});
}

static void addMemory(const Explanation &e, std::vector<Fact> &facts) {
  facts.push_back(
      {"memory",
       {"weights " + size(double(e.weightsBytes)) +
        " (mapped), keys and values " +
        size(double(e.compiled.cacheBytesPerToken)) + " a token, " +
        size(double(e.compiled.cacheBytes(e.planContext(), kChunk))) +
        " at a context of " + std::to_string(e.planContext())}});
  for (auto [ring, bytes] : e.compiled.cacheBytesOfRing)
    if (ring)
      facts.push_back(
          {"ring of " + std::to_string(ring),
           {formatv("{0} of these, which hold at most {1} tokens when steps "
                    "have {2}",
                    size(double(bytes)),
                    ModelFacts::cacheTokens(ring, INT64_MAX / 2, kChunk),
                    kChunk)},
           true});
  auto scratch = [&](int64_t tokens) {
    return size(double(e.scratch.bytes(1, tokens, 1)));
  };
  facts.push_back(
      {"scratch",
       {formatv("{0} for each token of a step, {1} for each position with "
                "logits, {2} beside: {3} for {4} tokens, {5} for one",
                size(double(e.scratch.perToken)),
                size(double(e.scratch.perOutput)),
                size(double(e.scratch.perSequence + e.scratch.fixed)),
                scratch(kChunk), kChunk, scratch(1))}});
}

static std::vector<Fact> describe(const Explanation &e) {
  std::vector<Fact> facts = {
      {"model", {e.name + " (" + e.kind + "), spec " + e.spec}},
      {"vocabulary", {formatv("{0} tokens, context {1}", e.vocab, e.context)}}};
  addParameters(e, facts);
  addMemory(e, facts);
  facts.push_back(
      {"a decoded token",
       {formatv("{0} FLOPs in matrices, {1} for each token before it, {2} of "
                "weights read",
                quantity(double(e.compiled.linearFlops)),
                quantity(double(e.compiled.attentionFlops)),
                size(double(e.compiled.tokenBytes)))}});
  double intensity = double(e.compiled.linearFlops) /
                     std::max<double>(1, double(e.compiled.tokenBytes));
  facts.push_back(
      {"intensity",
       {formatv("{0:f2} FLOPs a byte: decoding is limited by memory",
                intensity)}});
  facts.push_back({"CPU features", {e.features}});
  facts.push_back({"approximations", approximationsOf(e)});
  return facts;
}

/// Names in a column of 17.
static void printText(const std::vector<Fact> &facts) {
  for (const Fact &fact : facts) {
    std::string name = (fact.isPart ? "  " : "") + fact.name;
    for (const std::string &line : fact.lines) {
      llvm::outs() << llvm::left_justify(name, 16) << " " << printable(line)
                   << "\n";
      name.clear();
    }
  }
}

static void printJson(const Explanation &e) {
  llvm::json::Object weights, forms;
  for (const auto &[type, stored] : e.built.weights)
    weights[type] =
        llvm::json::Object{{"count", stored.count}, {"bytes", stored.bytes}};
  for (const auto &[form, count] : e.built.forms)
    forms[form] = count;
  llvm::json::Array rings;
  for (auto [ring, bytes] : e.compiled.cacheBytesOfRing)
    if (ring)
      rings.push_back(llvm::json::Object{
          {"tokens", ring},
          {"bytes_per_token", bytes},
          {"most_tokens",
           ModelFacts::cacheTokens(ring, INT64_MAX / 2, kChunk)}});
  llvm::json::Array approximations;
  if (!e.roundedWeights.empty())
    approximations.push_back(llvm::json::Object{{"what", e.roundedWeights}});
  for (const auto &[type, count] : e.compiled.roundedLinears)
    approximations.push_back(
        llvm::json::Object{{"what", "inputs of linears as " + type},
                           {"linears", count},
                           {"of", e.compiled.linears}});
  if (e.compiled.cacheType != e.built.cacheType)
    approximations.push_back(llvm::json::Object{
        {"what", "keys and values as " + e.compiled.cacheType}});
  // Ours to write, hence ours to read.
  llvm::json::Value roofline =
      llvm::cantFail(llvm::json::parse(e.report.json()));
  llvm::json::Object result{
      {"name", e.name},
      {"kind", e.kind},
      {"vocab", e.vocab},
      {"context", e.context},
      {"parameters", e.built.parameters()},
      {"weights", std::move(weights)},
      {"layers", e.built.layers()},
      {"forms", std::move(forms)},
      {"weights_bytes", e.weightsBytes},
      {"cache_bytes_per_token", e.compiled.cacheBytesPerToken},
      {"rings", std::move(rings)},
      {"scratch",
       llvm::json::Object{{"bytes_per_token", e.scratch.perToken},
                          {"bytes_per_output", e.scratch.perOutput},
                          {"bytes_per_sequence", e.scratch.perSequence},
                          {"bytes", e.scratch.fixed}}},
      {"flops_per_token", e.compiled.linearFlops},
      {"attention_flops_per_token_and_key", e.compiled.attentionFlops},
      {"bytes_per_token", e.compiled.tokenBytes},
      {"features", e.features},
      {"approximations", std::move(approximations)},
      {"roofline", std::move(roofline)}};
  llvm::outs()
      << printable(formatv("{0:2}", llvm::json::Value(std::move(result))).str())
      << "\n";
}

llvm::Expected<int> explainCommand(const Invocation &invocation) {
  if (invocation.has(OPT_json) && invocation.has(OPT_html))
    return usageError("--json and --html exclude each other");
  Compiler compiler(invocation);
  if (llvm::Error error = compiler.readOptions())
    return error;
  if (llvm::Error error = compiler.load())
    return error;
  Explanation e;
  e.spec = compiler.model().specFile;
  e.features = compiler.target().requiredFeatures();
  e.roundedWeights = compiler.roundedWeights();
  e.built = factsOf(compiler.module());
  if (auto manifest = compiler.module()->getAttrOfType<mlir::DictionaryAttr>(
          "sinter.manifest")) {
    auto text = [&](llvm::StringRef key) {
      auto value = manifest.getAs<mlir::StringAttr>(key);
      return value ? value.getValue().str() : std::string();
    };
    auto number = [&](llvm::StringRef key) {
      auto value = manifest.getAs<mlir::IntegerAttr>(key);
      return value ? value.getInt() : 0;
    };
    e.name = text("name");
    e.kind = text("kind");
    e.vocab = number("vocab");
    e.context = number("context");
  }
  if (llvm::Error error = compiler.runTensorStages())
    return error;
  e.compiled = factsOf(compiler.module());
  if (auto bytes = compiler.module()->getAttrOfType<mlir::IntegerAttr>(
          "sinter.weights_bytes"))
    e.weightsBytes = bytes.getInt();
  if (llvm::Error error = compiler.planMemory())
    return error;
  e.scratch = scratchOf(compiler.module());
  int64_t prompt = std::clamp<int64_t>(e.context - 1, 1, kChunk);
  e.report = reportOf(compiler.module(), prompt, e.kernels);
  llvm::Expected<Machine> machine = machineOf(invocation);
  if (!machine)
    return machine.takeError();
  e.report.machine = *machine;
  e.report.model = printable(e.name);
  if (invocation.has(OPT_json)) {
    printJson(e);
    return Success;
  }
  e.report.facts = describe(e);
  if (invocation.has(OPT_html)) {
    llvm::outs() << e.report.html();
    return Success;
  }
  printText(e.report.facts);
  llvm::outs() << printable(e.report.table());
  return Success;
}

} // namespace sinter
