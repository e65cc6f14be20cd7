//===- AttentionTest.cpp - Random attentions against the interpreter ------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//   sinter-attention-test FIRST COUNT [FEATURES]
//
// Computes the attentions of seeds FIRST, FIRST + 1, ... natively by 1, 2 and 3
// threads, which must agree bit by bit, and by the interpreter. Prints the
// module of the first that differs; with VERBOSE in the environment, what each
// has.
//
//===----------------------------------------------------------------------===//

#include "dialect/Interpreter/Interpreter.h"
#include "test/codegen/native/AttentionCase.h"
#include "test/codegen/native/NativeModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

using namespace mlir;
using namespace sinter;

namespace {

constexpr double kTolerance = 4e-6;
constexpr int64_t kVocab = 61;

/// One call of an entry: its tokens and how many came before.
struct Step {
  const char *entry;
  int64_t tokens, past;
  std::vector<int64_t> ids; ///< (batch, tokens)
};

class Trial {
public:
  Trial(ModuleOp module, const AttentionCase &test, uint64_t seed);
  /// Results (batch, tokens, features) of all steps of @forward.
  std::vector<double> interpret();
  std::vector<float> runNative(NativeModel &native, int64_t threads);
  NativeModel compile(const std::string &features) {
    NativeOptions options;
    options.features = features;
    return NativeModel(module, params, options);
  }
  const RandomParams &weights() const { return params; }

private:
  FunctionType typeOf(const char *entry) {
    return SymbolTable(module).lookup<func::FuncOp>(entry).getFunctionType();
  }
  std::vector<std::string> namesOf(const char *entry);
  const std::vector<int64_t> *numbers(const std::string &name);

  ModuleOp module;
  const AttentionCase &test;
  RandomParams params;
  std::vector<Step> steps;
  std::map<std::string, FunctionType> types; ///< before compilation
  std::map<std::string, std::vector<std::string>> names;
};

} // namespace

Trial::Trial(ModuleOp module, const AttentionCase &test, uint64_t seed)
    : module(module), test(test), params(module) {
  Random random;
  random.state += seed;
  auto add = [&](const char *entry, int64_t tokens, int64_t past) {
    steps.push_back({entry, tokens, past, {}});
    for (int64_t i = 0; i < test.batch * tokens; ++i)
      steps.back().ids.push_back(random.bits() % kVocab);
  };
  if (test.kind == AttentionCase::Cross)
    add("encode", test.encoded, 0);
  int64_t past = 0;
  for (int64_t cut : test.cuts) {
    add("forward", cut, past);
    past += cut;
  }
  for (const Step &step : steps) {
    types.try_emplace(step.entry, typeOf(step.entry));
    names.try_emplace(step.entry, namesOf(step.entry));
  }
}

std::vector<std::string> Trial::namesOf(const char *entry) {
  auto function = SymbolTable(module).lookup<func::FuncOp>(entry);
  std::vector<std::string> found;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    found.push_back(
        function.getArgAttrOfType<StringAttr>(i, "sinter.name").str());
  return found;
}

const std::vector<int64_t> *Trial::numbers(const std::string &name) {
  return name == "keys"     ? &test.keyCounts
         : name == "first"  ? &test.first
         : name == "prefix" ? &test.prefix
                            : nullptr;
}

std::vector<double> Trial::interpret() {
  using namespace sinter::reference;
  Interpreter interpreter = params.interpreter(module);
  std::map<std::string, reference::Value> caches;
  std::vector<double> all;
  for (const Step &step : steps) {
    FunctionType type = types.at(step.entry);
    llvm::SmallVector<reference::Value> arguments;
    for (auto [name, input] : llvm::zip(names.at(step.entry), type.getInputs()))
      if (name == "input_ids") {
        arguments.push_back(
            makeValue(Ints({test.batch, step.tokens}, step.ids)));
      } else if (name == "past") {
        arguments.push_back(makeValue(
            Ints({test.batch}, std::vector<int64_t>(test.batch, step.past))));
      } else if (name == "key_mask") {
        arguments.push_back(
            makeValue(Ints({test.batch, test.keys()}, test.mask)));
      } else if (auto cache = dyn_cast<CacheType>(input)) {
        if (!caches.count(name))
          caches[name] = Interpreter::makeCache(
              cache, test.batch, std::max(test.keys(), test.tokens()));
        arguments.push_back(std::exchange(caches[name], std::monostate()));
      } else {
        arguments.push_back(makeValue(Ints({test.batch}, *numbers(name))));
      }
    llvm::SmallVector<reference::Value> kept = arguments;
    auto results = interpreter.call(step.entry, arguments);
    if (!results) {
      printf("FAILED: the interpreter: %s\n",
             llvm::toString(results.takeError()).c_str());
      exit(1);
    }
    bool carries = type.getNumResults() > 1;
    unsigned at = 1;
    for (auto [index, name] : llvm::enumerate(names.at(step.entry)))
      if (isa<CacheType>(type.getInput(index)))
        caches[name] = carries ? (*results)[at++] : kept[index];
    if (!strcmp(step.entry, "forward"))
      llvm::append_range(
          all, std::get<std::shared_ptr<Array<double>>>((*results)[0])->data);
  }
  return all;
}

std::vector<float> Trial::runNative(NativeModel &native, int64_t threads) {
  int64_t capacity = (std::max(test.keys(), test.tokens()) + 63) / 64 * 64;
  int64_t chunk = 0;
  for (const Step &step : steps)
    chunk = std::max(chunk, step.tokens);
  auto bytes = [&](SinterBytes formula) {
    return size_t(formula(test.batch, chunk, chunk, capacity));
  };
  // NaN: never to be read.
  Bytes caches(bytes(native.model().cacheBytes));
  memset(caches.as<char>(), 0xff, caches.size);
  std::vector<float> all;
  for (const Step &step : steps) {
    Bytes scratch(bytes(native.entry(step.entry).scratchBytes));
    memset(scratch.as<char>(), 0xff, scratch.size);
    FunctionType type = types.at(step.entry);
    std::vector<std::vector<int32_t>> held;
    std::vector<const void *> inputs;
    for (const std::string &name : names.at(step.entry)) {
      std::vector<int32_t> values;
      if (name == "input_ids") {
        values.assign(step.ids.begin(), step.ids.end());
      } else if (name == "past") {
        values.assign(test.batch, int32_t(step.past));
      } else if (name == "key_mask") {
        int64_t stride =
            test.kind == AttentionCase::Whole ? test.keys() : capacity;
        values.assign(test.batch * stride, 1);
        for (int64_t b = 0; b < test.batch; ++b)
          std::copy_n(test.mask.begin() + b * test.keys(), test.keys(),
                      values.begin() + b * stride);
      } else if (auto *given = numbers(name)) {
        values.assign(given->begin(), given->end());
      }
      held.push_back(std::move(values));
      inputs.push_back(held.back().data());
    }
    auto first = cast<RankedTensorType>(type.getResult(0));
    int64_t features = first.getShape().back();
    Bytes result(test.batch * step.tokens * features * 4);
    std::vector<void *> outputs(type.getNumResults(), nullptr);
    outputs[0] = result.as<void>();
    SinterCall call{};
    call.scratch = scratch.as<std::byte>();
    call.caches = caches.as<std::byte>();
    call.batch = test.batch;
    call.tokens = call.last = step.tokens;
    call.capacity = capacity;
    call.chunk = chunk;
    call.inputs = inputs.data();
    call.outputs = outputs.data();
    bool one =
        test.batch == 1 && step.tokens == 1 && native.entry(step.entry).stepOne;
    native.run(step.entry, call, threads, one);
    if (!strcmp(step.entry, "forward"))
      all.insert(all.end(), result.as<float>(),
                 result.as<float>() + test.batch * step.tokens * features);
  }
  return all;
}

/// The largest difference, or NaN.
static double difference(const std::vector<float> &got,
                         const std::vector<double> &want) {
  double worst = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    double distance = std::fabs(got[i] - want[i]);
    if (!(distance <= worst))
      worst = distance;
    if (std::isnan(distance))
      break;
  }
  return worst;
}

static bool run(uint64_t seed, const std::string &features) {
  AttentionCase test(seed);
  MLIRContext context;
  context.loadDialect<SinterDialect, func::FuncDialect, arith::ArithDialect>();
  registerLlvmTranslations(context);
  std::string text = test.module();
  if (getenv("VERBOSE"))
    fprintf(stderr, "seed %lu: %s\n", (unsigned long)seed,
            test.describe().c_str());
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module) {
    printf("FAILED: seed %lu does not parse\n%s", (unsigned long)seed,
           text.c_str());
    return false;
  }
  Trial trial(*module, test, seed);
  std::vector<double> want = trial.interpret();
  NativeModel native = trial.compile(features);
  std::vector<float> got = trial.runNative(native, 1);
  double worst = difference(got, want);
  // Slopes times distances are large numbers, of which f32 rounds the last
  // bits.
  bool good = worst <= kTolerance * (test.slopes ? 2 : 1);
  for (int64_t threads : {2, 3}) {
    std::vector<float> again = trial.runNative(native, threads);
    if (memcmp(again.data(), got.data(), got.size() * 4)) {
      printf("%ld threads give other bits than one\n", long(threads));
      good = false;
    }
  }
  if (!good)
    printf("FAILED: seed %lu: difference %.3g: %s\n%s", (unsigned long)seed,
           worst, test.describe().c_str(), text.c_str());
  return good;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: sinter-attention-test FIRST COUNT [FEATURES]\n");
    return 2;
  }
  uint64_t first = strtoull(argv[1], nullptr, 10);
  uint64_t count = strtoull(argv[2], nullptr, 10);
  for (uint64_t seed = first; seed < first + count; ++seed)
    if (!run(seed, argc > 3 ? argv[3] : "native"))
      return 1;
  printf("ok: %lu attentions\n", (unsigned long)count);
  return 0;
}
