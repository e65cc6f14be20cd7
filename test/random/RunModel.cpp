//===- RunModel.cpp - A spec, compiled and interpreted --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/random/RunModel.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/Object.h"
#include "codegen/cpu/passes/Pipelines.h"
#include "codegen/link/WeightsSection.h"
#include "dialect/IR/Sinter.h"
#include "runtime/core/CpuFeatures.h"
#include "spec/Model.h"
#include "test/random/RetypeWeights.h"
#include "tools/sinter/InterpretModel.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <fstream>

using namespace mlir;
using namespace sinter;
using namespace sinter::random_models;

namespace {

struct Random {
  uint64_t state;
  uint32_t next() {
    state = state * 6364136223846793005 + 1442695040888963407;
    return uint32_t(state >> 33);
  }
};

class Comparison {
public:
  Comparison(const Choice &choice, const RunOptions &options)
      : choice(choice), options(options) {}
  Outcome run();
  Outcome readOnly();

private:
  template <typename Steps> Outcome runSteps(Steps steps);
  llvm::Error load();
  llvm::Error prepare();
  llvm::Error compile();
  llvm::Expected<std::vector<int64_t>> cuts();
  llvm::Error feed(Session &session, std::vector<float> &all);
  llvm::Error feedAgain(Session &session, const std::vector<float> &before);
  llvm::Error compare();
  Failure giveInputs(Session &session);
  Failure encode(Session &session);
  std::vector<int64_t> countsOf(int64_t tokens) const;
  std::vector<int32_t> mask(int64_t tokens) const;
  llvm::Error judge(const std::vector<float> &got,
                    const std::vector<float> &want);
  std::vector<int32_t> numbers(uint64_t seed, int64_t count, int64_t below);

  const Choice &choice;
  const RunOptions &options;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  Model model;
  OwningOpRef<ModuleOp> reference;
  std::shared_ptr<const WeightSource> weights;
  std::string features;
  Target target;
  StageOptions stages;
  std::optional<CompiledModel> compiled;
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> packed;
  size_t packedBytes = 0;
  Manifest manifest;
  SessionShape shape;
  int64_t width = 0;
  Outcome outcome;
};

constexpr int64_t kSource = 11; ///< tokens of an encoder

std::vector<int32_t> Comparison::numbers(uint64_t seed, int64_t count,
                                         int64_t below) {
  Random random{seed * 0x9e3779b97f4a7c15 + 1};
  std::vector<int32_t> all;
  for (int64_t i = 0; i < count; ++i)
    all.push_back(int32_t(random.next() % below));
  return all;
}

llvm::Error Comparison::load() {
  std::string spec = options.scratch + ".yaml";
  std::string config = options.scratch + ".json";
  std::ofstream(spec) << specOf(choice);
  std::ofstream(config) << "{\"model_type\": \"random\"}\n";
  LoadOptions load;
  load.specPath = spec;
  load.configPath = config;
  load.randomSeed = 1;
  load.cacheType = choice.word("cache");
  llvm::Expected<Model> loaded = loadModel(context, load);
  if (!loaded) {
    outcome.verdict = Verdict::Refused;
    return loaded.takeError();
  }
  model = std::move(*loaded);
  return llvm::Error::success();
}

/// What stands for a bug where a test plants one: sinks are forgotten.
static void plantBug(ModuleOp module) {
  module.walk(
      [](AttentionOp attention) { attention.getSinksMutable().clear(); });
}

/// The module in the types that are wanted; the interpreter is to read what
/// native code does, with activations rounded alike.
llvm::Error Comparison::prepare() {
  retype(*model.module, choice.word("weights"));
  weights = retypedWeights(*model.module, model.weights);
  features = choice.word("target");
  if (requireCpuFeatures(parseTarget(features)->requiredFeatures()))
    features = "native";
  target = *parseTarget(features);
  if (Failure missing = requireCpuFeatures(target.requiredFeatures()))
    return llvm::createStringError(missing.message());
  attachTarget(*model.module, target);
  stages.floatActivations = choice.is("activations", "float");
  stages.int16Activations = choice.is("activations", "int16");
  reference = model.module->clone();
  if (options.plantBug)
    plantBug(*model.module);
  PassManager rounding(&context);
  buildCanonicalizeStage(rounding);
  buildQuantizeStage(rounding, stages);
  if (failed(rounding.run(*reference)))
    return llvm::createStringError("rounding activations failed");
  return llvm::Error::success();
}

llvm::Error Comparison::compile() {
  registerLlvmTranslations(context);
  PassManager tensors(&context);
  buildCanonicalizeStage(tensors);
  if (choice.is("decode", "specialized"))
    buildSpecializeStage(tensors);
  buildQuantizeStage(tensors, stages);
  buildPackStage(tensors);
  buildFuseStage(tensors);
  if (failed(tensors.run(*model.module)))
    return llvm::createStringError("stages on tensors failed");
  llvm::Expected<ProgramSection> section =
      weightsSection(*model.module, weights);
  if (!section)
    return section.takeError();
  packed.resize(section->bytes / sizeof(Line) + 1);
  packedBytes = section->bytes;
  llvm::Error wrong = section->write(
      [&](uint64_t offset, llvm::ArrayRef<char> bytes) -> llvm::Error {
        memcpy(packed[0].bytes + offset, bytes.data(), bytes.size());
        return llvm::Error::success();
      });
  if (wrong)
    return wrong;
  PassManager lower(&context);
  buildPlanStage(lower);
  buildLowerStage(lower);
  if (failed(lower.run(*model.module)))
    return llvm::createStringError("lowering failed");
  // What is left is done by passes that are not ours, fast.
  PassManager code(&context);
  code.enableVerifier(false);
  buildToLlvmStage(code);
  if (failed(code.run(*model.module)))
    return llvm::createStringError("no code");
  auto made = CompiledModel::create(*model.module, target, sinter_barrier,
                                    llvm::CodeGenOptLevel::None);
  if (!made)
    return made.takeError();
  compiled.emplace(std::move(*made));
  return llvm::Error::success();
}

/// What models ask for besides tokens.
Failure Comparison::giveInputs(Session &session) {
  for (const EntryDescription &entry : manifest.entries)
    for (const EntryTensor &tensor : entry.inputs) {
      const std::string &name = tensor.name;
      int64_t tokens = entry.name == "encode" ? kSource : width;
      Failure failure = Failure::none();
      // Of a blank in the tokens follow all that it is about.
      bool follows = choice.has("blank") && (name == "prefix_length" ||
                                             name.ends_with("position_ids"));
      if (follows)
        continue;
      if (name == "position_ids" || name == "block_position_ids") {
        std::vector<int32_t> all;
        for (int64_t b = 0; b < shape.batch; ++b)
          for (int64_t t = 0; t < tokens; ++t)
            all.push_back(int32_t(name[0] == 'p' ? t : t / 3));
        failure = session.give(name, all);
      } else if (name == "attention_mask" && tensor.isOfTokens() &&
                 choice.is("ragged", "left")) {
        failure = session.give(name, mask(tokens));
      } else if (name == "token_type_ids") {
        failure = session.give(name, numbers(5, shape.batch * tokens, 2));
      } else if (name == "prefix_length") {
        failure = session.give(name, numbers(6, shape.batch, 4));
      } else if (name == "prompt_length") {
        failure = session.give(
            name, std::vector<int32_t>(size_t(shape.batch), int32_t(width)));
      }
      if (failure)
        return failure;
    }
  return Failure::none();
}

/// How many of `tokens` are real: padding on the right.
std::vector<int64_t> Comparison::countsOf(int64_t tokens) const {
  std::vector<int64_t> counts(size_t(shape.batch), tokens);
  if (choice.is("ragged", "right"))
    counts.back() = std::max<int64_t>(1, tokens - 3);
  return counts;
}

/// The first tokens of the second sequence are padding.
std::vector<int32_t> Comparison::mask(int64_t tokens) const {
  std::vector<int32_t> all(size_t(shape.batch * tokens), 1);
  std::fill_n(all.begin() + tokens, std::min<int64_t>(3, tokens - 1), 0);
  return all;
}

Failure Comparison::encode(Session &session) {
  if (!manifest.entry("encode"))
    return Failure::none();
  std::vector<int32_t> ids = numbers(7, shape.batch * kSource, 37);
  std::vector<int64_t> counts = countsOf(kSource);
  return session.encode({ids.data(), kSource, kSource, counts.data()});
}

/// Results of all cuts, and of three tokens more one by one.
llvm::Error Comparison::feed(Session &session, std::vector<float> &all) {
  auto fail = [](const Failure &failure) {
    return llvm::createStringError(failure.message());
  };
  if (Failure failure = giveInputs(session))
    return fail(failure);
  if (Failure failure = encode(session))
    return fail(failure);
  if (manifest.entry("encode")) {
    std::span<const float> encoded =
        session.output("encoder_last_hidden_state");
    all.insert(all.end(), encoded.begin(), encoded.end());
  }
  llvm::Expected<std::vector<int64_t>> pieces = cuts();
  if (!pieces)
    return pieces.takeError();
  int64_t stride = width + 3;
  std::vector<int32_t> ids = numbers(8, shape.batch * stride, 37);
  // A mark and where its filling begins, or both in one if there is no room.
  std::vector<int64_t> begun = countsOf(pieces->front());
  for (int64_t b = 0; choice.has("blank") && b < shape.batch; ++b) {
    ids[b * stride] = 5;
    ids[b * stride + begun[b] / 2] = 3;
  }
  int64_t done = 0;
  for (int64_t count : *pieces) {
    std::vector<int64_t> real = countsOf(count);
    Failure failure =
        session.feed({ids.data() + done, stride, count, real.data()}, count);
    if (failure)
      return fail(failure);
    std::span<const float> logits = session.logits();
    all.insert(all.end(), logits.begin(), logits.end());
    if (shape.embed) {
      std::span<const float> pooled = session.output("embedding");
      all.insert(all.end(), pooled.begin(), pooled.end());
    }
    done += count;
  }
  return llvm::Error::success();
}

/// Nothing of an earlier text is left in the session.
llvm::Error Comparison::feedAgain(Session &session,
                                  const std::vector<float> &before) {
  session.reset();
  std::vector<float> again;
  if (llvm::Error error = feed(session, again))
    return error;
  if (again.size() == before.size() &&
      !memcmp(again.data(), before.data(), again.size() * 4))
    return llvm::Error::success();
  outcome.verdict = Verdict::Differs;
  return llvm::createStringError("begun again, other numbers come out");
}

llvm::Expected<std::vector<int64_t>> Comparison::cuts() {
  std::vector<int64_t> pieces;
  int64_t total = 0;
  for (const char *at = choice.word("cuts").c_str(); *at;) {
    char *end;
    pieces.push_back(strtol(at, &end, 10));
    total += pieces.back();
    at = *end == ',' ? end + 1 : end;
  }
  if (choice.is("kind", "encoder"))
    return std::vector<int64_t>{total};
  if (manifest.readsWhole() || manifest.dependsOnPrompt())
    pieces = {total};
  pieces.insert(pieces.end(), 3, 1);
  return pieces;
}

llvm::Error Comparison::compare() {
  auto fail = [](const std::string &message) {
    return llvm::createStringError(message);
  };
  llvm::Expected<Manifest> read = manifestOf(*reference);
  if (!read)
    return read.takeError();
  manifest = std::move(*read);
  shape.batch = choice.number("batch");
  shape.context = 96;
  shape.source = kSource;
  shape.embed = choice.has("embedding");
  width = 0;
  llvm::Expected<std::vector<int64_t>> pieces = cuts();
  if (!pieces)
    return pieces.takeError();
  // Rings of the interpreter have no more than they must, and go round.
  shape.outputs = shape.chunk = *llvm::max_element(*pieces);
  shape = Session::bounded(shape);
  for (int64_t count : *pieces)
    width += count;
  if (!choice.is("kind", "encoder"))
    width -= 3;
  auto interpreted = Session::create(
      manifest,
      makeInterpreter(*reference, weights, reference::Precision::F64,
                      shape.batch, Session::roomFor(manifest, shape)),
      shape);
  if (!interpreted)
    return fail(interpreted.message());
  std::vector<float> want;
  if (llvm::Error error = feed(*interpreted, want))
    return llvm::joinErrors(fail("the interpreter"), std::move(error));
  if (manifest.ring)
    if (llvm::Error error = feedAgain(*interpreted, want))
      return llvm::joinErrors(fail("the interpreter"), std::move(error));
  Result<Manifest> own = Manifest::read(compiled->model());
  if (!own)
    return fail(own.message());
  std::vector<float> first;
  for (int64_t threads : {1, 2}) {
    Result<std::unique_ptr<Team>> team = Team::create(threads);
    if (!team)
      return fail(team.message());
    auto session = Session::create(
        compiled->model(), *own, {packed[0].bytes, packedBytes}, **team, shape);
    if (!session)
      return fail(session.message());
    std::vector<float> got;
    if (llvm::Error error = feed(*session, got))
      return llvm::joinErrors(fail("native code"), std::move(error));
    if (llvm::Error error = feedAgain(*session, got))
      return llvm::joinErrors(fail("native code"), std::move(error));
    if (threads == 1)
      first = std::move(got);
    else if (memcmp(first.data(), got.data(), got.size() * 4))
      return outcome.verdict = Verdict::Differs,
             fail("two threads give other bits");
  }
  return judge(first, want);
}

llvm::Error Comparison::judge(const std::vector<float> &got,
                              const std::vector<float> &want) {
  outcome.verdict = Verdict::Differs;
  if (got.size() != want.size())
    return llvm::createStringError(
        llvm::formatv("{0} numbers, expected {1}", got.size(), want.size()));
  double most = 0, worst = 0;
  size_t at = 0;
  for (float value : want)
    most = std::max(most, std::fabs(double(value)));
  for (size_t i = 0; i < want.size(); ++i)
    if (double d = std::fabs(double(got[i]) - want[i]); !(d <= worst)) {
      // Both may overflow; then both do.
      if (got[i] == want[i] || (std::isnan(got[i]) && std::isnan(want[i])))
        continue;
      worst = std::isnan(d) ? INFINITY : d;
      at = i;
    }
  bool exact = choice.is("cache", "f32") && choice.is("activations", "float");
  if (worst > (exact ? 3e-4 : 3e-2) * (1 + most))
    return llvm::createStringError(
        llvm::formatv("largest difference {0:e2} of numbers up to {1:e2}, at "
                      "{2} of {3}: {4}, expected {5}",
                      worst, most, at, want.size(), got[at], want[at]));
  outcome.verdict = Verdict::Equal;
  outcome.message = llvm::formatv("{0:e2} of {1:e2}", worst, most);
  return llvm::Error::success();
}

template <typename Steps> Outcome Comparison::runSteps(Steps steps) {
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    llvm::raw_string_ostream(said) << diagnostic << "; ";
    return success();
  });
  if (llvm::Error error = steps())
    outcome.message = said + llvm::toString(std::move(error));
  return outcome;
}

Outcome Comparison::run() {
  return runSteps([&]() -> llvm::Error {
    llvm::Error error = load();
    if (!error)
      error = prepare();
    if (!error)
      error = compile();
    if (!error)
      error = compare();
    return error;
  });
}

Outcome Comparison::readOnly() {
  return runSteps([&]() -> llvm::Error {
    llvm::Error error = load();
    if (!error)
      outcome.verdict = Verdict::Equal;
    return error;
  });
}

} // namespace

Outcome sinter::random_models::runHere(const Choice &choice,
                                       const RunOptions &options) {
  Comparison comparison(choice, options);
  return options.readOnly ? comparison.readOnly() : comparison.run();
}
