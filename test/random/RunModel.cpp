//===- RunModel.cpp - A spec, compiled and interpreted --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/random/RunModel.h"

#include "codegen/cpu/Object.h"
#include "codegen/link/WeightsSection.h"
#include "dialect/IR/Sinter.h"
#include "formats/Quantize.h"
#include "passes/Pipelines.h"
#include "spec/Model.h"
#include "tools/sinter/InterpretModel.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace sinter;
using namespace sinter::random_models;

namespace {

//===----------------------------------------------------------------------===//
// Weights of a type
//===----------------------------------------------------------------------===//

Type elementOf(MLIRContext *context, const std::string &name) {
  if (name == "bf16")
    return BFloat16Type::get(context);
  if (name == "f16")
    return Float16Type::get(context);
  if (auto format = symbolizeBlockFormat(name))
    return BlockType::get(context, *format);
  return Float32Type::get(context);
}

ElementType storedType(Type element) {
  if (auto block = dyn_cast<BlockType>(element))
    return *elementTypeByName(stringifyBlockFormat(block.getFormat()).str());
  if (element.isBF16())
    return ElementType::BF16;
  return element.isF16() ? ElementType::F16 : ElementType::F32;
}

/// Gives the weights of linears and embeddings another type, as checkpoints
/// would.
void retype(ModuleOp module, const std::string &name) {
  Type element = elementOf(module.getContext(), name);
  llvm::StringMap<bool> matrices;
  module.walk([&](Operation *op) {
    if (isa<LinearOp, EmbedOp, MoeOp>(op))
      for (Value operand : op->getOperands())
        if (auto weight = operand.getDefiningOp<WeightOp>()) {
          auto type = cast<RankedTensorType>(weight.getType());
          bool fits =
              !isa<BlockType>(element) || type.getShape().back() % 32 == 0;
          bool isBias = isa<MoeOp>(op) && type.getRank() == 2;
          if (fits && type.getRank() > 1 && !isBias)
            matrices[weight.getParam()] = true;
        }
  });
  module.walk([&](Operation *op) {
    if (auto weight = dyn_cast<WeightOp>(op))
      if (matrices.contains(weight.getParam()))
        weight.getResult().setType(weight.getType().clone(element));
    if (auto param = dyn_cast<ParamOp>(op))
      if (matrices.contains(param.getSymName()))
        param.setType(cast<RankedTensorType>(param.getType()).clone(element));
  });
}

/// Weights of another source in the types that a module declares.
class Retyped : public WeightSource {
public:
  Retyped(ModuleOp module, std::shared_ptr<const WeightSource> source)
      : source(std::move(source)) {
    for (auto param : module.getOps<ParamOp>())
      types[param.getSymName()] =
          storedType(cast<RankedTensorType>(param.getType()).getElementType());
  }

  llvm::Expected<WeightData> read(StringRef symbol,
                                  int64_t layer) const override {
    llvm::Expected<WeightData> data = source->read(symbol, layer);
    ElementType type = types.lookup(symbol);
    if (!data || data->type == type)
      return data;
    std::span<const float> values(
        reinterpret_cast<const float *>(data->bytes().data()),
        data->bytes().size() / 4);
    std::vector<std::byte> stored(bytesFor(type, values.size()).value());
    if (!quantize(type, values, stored))
      return llvm::createStringError("cannot quantize " + symbol);
    return WeightData::owned(type, data->shape, std::move(stored));
  }

  bool has(StringRef symbol, int64_t layer) const override {
    return source->has(symbol, layer);
  }

private:
  std::shared_ptr<const WeightSource> source;
  llvm::StringMap<ElementType> types;
};

//===----------------------------------------------------------------------===//
// A model, twice
//===----------------------------------------------------------------------===//

struct Random {
  uint64_t state;
  uint32_t next() {
    state = state * 6364136223846793005 + 1442695040888963407;
    return uint32_t(state >> 33);
  }
};

class Comparison {
public:
  Comparison(const Choice &choice, const std::string &scratch)
      : choice(choice), scratch(scratch) {}
  Outcome run();

private:
  llvm::Error load();
  llvm::Error compile();
  llvm::Expected<std::vector<int64_t>> cuts();
  llvm::Error feed(Session &session, std::vector<float> &all);
  llvm::Error compare();
  Failure giveInputs(Session &session);
  Failure encode(Session &session);
  std::vector<int32_t> numbers(uint64_t seed, int64_t count, int64_t below);

  const Choice &choice;
  const std::string &scratch;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  Model model;
  OwningOpRef<ModuleOp> reference;
  std::shared_ptr<const WeightSource> weights;
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
  std::string spec = scratch + ".yaml", config = scratch + ".json";
  std::ofstream(spec) << specOf(choice);
  std::ofstream(config) << "{\"model_type\": \"random\"}\n";
  LoadOptions options;
  options.specPath = spec;
  options.configPath = config;
  options.randomSeed = 1;
  options.cacheType =
      choice.is("kind", "encoder") ? "f32" : choice.word("cache");
  llvm::Expected<Model> loaded = loadModel(context, options);
  if (!loaded) {
    outcome.verdict = Verdict::Refused;
    return loaded.takeError();
  }
  model = std::move(*loaded);
  retype(*model.module, choice.word("weights"));
  weights = std::make_shared<Retyped>(*model.module, model.weights);
  reference = model.module->clone();
  return llvm::Error::success();
}

llvm::Error Comparison::compile() {
  Result<Target> target = parseTarget("native");
  if (!target)
    return llvm::createStringError(target.message());
  StageOptions stages;
  stages.floatActivations = true;
  stages.panelRows = target->panelRows();
  stages.tokenTile = target->tileTokens;
  stages.biasedQ8 = target->biasedQ8();
  registerLlvmTranslations(context);
  PassManager tensors(&context);
  buildTensorStages(tensors, stages);
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
  PassManager code(&context);
  buildCodeStages(code, "native");
  if (failed(code.run(*model.module)))
    return llvm::createStringError("lowering failed");
  auto made = CompiledModel::create(*model.module, *target, sinter_barrier);
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
      if (name == "position_ids" || name == "block_position_ids") {
        std::vector<int32_t> all;
        for (int64_t b = 0; b < shape.batch; ++b)
          for (int64_t t = 0; t < tokens; ++t)
            all.push_back(int32_t(name[0] == 'p' ? t : t / 3));
        failure = session.give(name, all);
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

Failure Comparison::encode(Session &session) {
  if (!manifest.entry("encode"))
    return Failure::none();
  std::vector<int32_t> ids = numbers(7, shape.batch * kSource, 37);
  // The second sequence is shorter.
  std::vector<int64_t> counts(size_t(shape.batch), kSource);
  counts.back() = shape.batch > 1 ? kSource - 3 : kSource;
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
  int64_t done = 0;
  for (int64_t count : *pieces) {
    Failure failure =
        session.feed({ids.data() + done, stride, count, nullptr}, count);
    if (failure)
      return fail(failure);
    std::span<const float> logits = session.logits();
    all.insert(all.end(), logits.begin(), logits.end());
    done += count;
  }
  return llvm::Error::success();
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
  shape.outputs = shape.chunk = 96;
  shape.source = kSource;
  shape = Session::bounded(shape);
  width = 0;
  llvm::Expected<std::vector<int64_t>> pieces = cuts();
  if (!pieces)
    return pieces.takeError();
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
    if (threads == 1)
      first = std::move(got);
    else if (memcmp(first.data(), got.data(), got.size() * 4))
      return outcome.verdict = Verdict::Differs,
             fail("two threads give other bits");
  }
  outcome.verdict = Verdict::Differs;
  if (first.size() != want.size())
    return fail(
        llvm::formatv("{0} numbers, expected {1}", first.size(), want.size()));
  double most = 0, worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < want.size(); ++i)
    most = std::max(most, std::fabs(double(want[i])));
  for (size_t i = 0; i < want.size(); ++i)
    if (double d = std::fabs(double(first[i]) - want[i]); !(d <= worst)) {
      // Both may overflow; then both do.
      if (first[i] == want[i] || (std::isnan(first[i]) && std::isnan(want[i])))
        continue;
      worst = std::isnan(d) ? INFINITY : d;
      at = i;
    }
  double bound = choice.is("cache", "f32") ? 3e-4 : 3e-2;
  if (worst > bound * (1 + most))
    return fail(llvm::formatv("largest difference {0:e2} of numbers up to "
                              "{1:e2}, at {2} of {3}: {4}, expected {5}",
                              worst, most, at, want.size(), first[at],
                              want[at]));
  outcome.verdict = Verdict::Equal;
  outcome.message = llvm::formatv("{0:e2} of {1:e2}", worst, most);
  return llvm::Error::success();
}

Outcome Comparison::run() {
  std::string said;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    llvm::raw_string_ostream(said) << diagnostic << "; ";
    return success();
  });
  llvm::Error error = load();
  if (!error)
    error = compile();
  if (!error)
    error = compare();
  if (error)
    outcome.message = said + llvm::toString(std::move(error));
  return outcome;
}

} // namespace

Outcome sinter::random_models::runModel(const Choice &choice,
                                        const std::string &scratch) {
  int ends[2];
  if (pipe(ends))
    return {Verdict::Broken, "no pipe"};
  fflush(nullptr);
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    // Of the processor's time: the machine may be busy.
    rlimit limit{60, 60};
    setrlimit(RLIMIT_CPU, &limit);
    Outcome outcome = Comparison(choice, scratch).run();
    std::string text = char('0' + int(outcome.verdict)) + outcome.message;
    size_t done = 0;
    while (done < text.size()) {
      ssize_t count = write(ends[1], text.data() + done, text.size() - done);
      if (count <= 0)
        break;
      done += size_t(count);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, size_t(count));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    return {Verdict::Broken,
            std::string("ended by signal ") + strsignal(WTERMSIG(status))};
  if (text.empty())
    return {Verdict::Broken, "said nothing"};
  return {Verdict(text[0] - '0'), text.substr(1)};
}
