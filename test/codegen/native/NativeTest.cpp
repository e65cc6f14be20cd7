//===- NativeTest.cpp - Models in native code against the interpreter -----===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//   sinter-native-test FILE.mlir TOLERANCE BATCH CUTS [plain] [quantized]
//                      [FEATURES]
//
// Gives the params of FILE random values and feeds @forward random tokens in
// cuts ("5,1,1,3"): natively by 1, 2 and 3 threads, which must agree bit by
// bit, and to the interpreter as a whole. Logits at all positions must agree
// within TOLERANCE. `plain` compiles each op to a kernel of its own;
// `quantized` lets activations be quantized, in the interpreter too.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/Target.h"
#include "codegen/cpu/passes/Pipelines.h"
#include "dialect/Interpreter/Interpreter.h"
#include "test/codegen/native/NativeModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace mlir;
using namespace sinter;

namespace {

struct Feed {
  int64_t batch = 1, tokens = 0, vocab = 0, capacity = 0;
  std::vector<int64_t> cuts;
  std::vector<int32_t> ids; ///< (batch, tokens)
};

/// Logits (batch, tokens, vocab) of the native model.
std::vector<float> runNative(NativeModel &native, FunctionType type,
                             const Feed &feed, int64_t threads) {
  auto bytes = [&](SinterBytes formula, int64_t tokens) {
    return size_t(formula(feed.batch, tokens, tokens, feed.capacity));
  };
  const SinterModel &model = native.model();
  int64_t chunk = *std::max_element(feed.cuts.begin(), feed.cuts.end());
  Bytes caches(bytes(model.cacheBytes, chunk));
  memset(caches.as<char>(), 0xff, caches.size); // NaN: never to be read
  std::vector<float> all(feed.batch * feed.tokens * feed.vocab);
  std::vector<int32_t> past(feed.batch, 0);
  int64_t done = 0;
  for (int64_t count : feed.cuts) {
    Bytes scratch(bytes(native.entry("forward").scratchBytes, count));
    memset(scratch.as<char>(), 0xff, scratch.size);
    Bytes ids(feed.batch * count * 4),
        logits(feed.batch * count * feed.vocab * 4);
    for (int64_t b = 0; b < feed.batch; ++b)
      memcpy(ids.as<int32_t>() + b * count, &feed.ids[b * feed.tokens + done],
             count * 4);
    std::vector<const void *> inputs(type.getNumInputs(), nullptr);
    inputs[0] = ids.as<void>();
    inputs[1] = past.data();
    std::vector<void *> outputs(type.getNumResults(), nullptr);
    outputs[0] = logits.as<void>();
    SinterCall call{};
    call.scratch = scratch.as<std::byte>();
    call.caches = caches.as<std::byte>();
    call.batch = feed.batch;
    call.tokens = count;
    call.last = count;
    call.capacity = feed.capacity;
    call.chunk = chunk;
    call.inputs = inputs.data();
    call.outputs = outputs.data();
    bool one = feed.batch == 1 && count == 1 && native.entry("forward").stepOne;
    native.run("forward", call, threads, one);
    for (int64_t b = 0; b < feed.batch; ++b) {
      memcpy(&all[(b * feed.tokens + done) * feed.vocab],
             logits.as<float>() + b * count * feed.vocab,
             count * feed.vocab * 4);
      past[b] += int32_t(count);
    }
    done += count;
  }
  return all;
}

/// The same of the interpreter, all tokens at once.
std::vector<double> runInterpreter(ModuleOp module, const RandomParams &params,
                                   const Feed &feed) {
  using namespace sinter::reference;
  Interpreter interpreter = params.interpreter(module);
  auto function = SymbolTable(module).lookup<func::FuncOp>("forward");
  llvm::SmallVector<reference::Value> arguments;
  for (Type type : function.getArgumentTypes()) {
    if (auto cache = dyn_cast<CacheType>(type))
      arguments.push_back(
          Interpreter::makeCache(cache, feed.batch, feed.capacity));
    else if (type.isIndex())
      arguments.push_back(int64_t(feed.tokens));
    else if (arguments.empty())
      arguments.push_back(makeValue(
          Ints({feed.batch, feed.tokens},
               std::vector<int64_t>(feed.ids.begin(), feed.ids.end()))));
    else
      arguments.push_back(makeValue(Ints({feed.batch})));
  }
  auto results = interpreter.call("forward", arguments);
  if (!results) {
    std::string why = llvm::toString(results.takeError());
    printf("FAILED: the interpreter: %s\n", why.c_str());
    exit(1);
  }
  return std::get<std::shared_ptr<Array<double>>>((*results)[0])->data;
}

Feed makeFeed(FunctionType type, int64_t batch, const char *cuts) {
  Feed feed;
  feed.batch = batch;
  for (const char *at = cuts; *at;) {
    char *end;
    feed.cuts.push_back(strtol(at, &end, 10));
    feed.tokens += feed.cuts.back();
    at = *end == ',' ? end + 1 : end;
  }
  feed.vocab = cast<RankedTensorType>(type.getResult(0)).getShape().back();
  feed.capacity = feed.tokens;
  Random random;
  for (int64_t i = 0; i < batch * feed.tokens; ++i)
    feed.ids.push_back(random.bits() % feed.vocab);
  return feed;
}

bool compare(const std::vector<float> &got, const std::vector<double> &want,
             double tolerance) {
  double worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    double distance = std::fabs(got[i] - want[i]);
    if (!(distance <= worst)) {
      worst = distance;
      at = i;
      if (std::isnan(distance))
        break;
    }
  }
  bool good = worst <= tolerance;
  printf(
      "%s: largest difference %.3g (tolerance %.3g) at %zu: %g, expected %g\n",
      good ? "ok" : "FAILED", worst, tolerance, at, got[at], want[at]);
  return good;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: sinter-native-test FILE TOLERANCE BATCH CUTS "
                    "[plain] [quantized] [FEATURES]\n");
    return 2;
  }
  NativeOptions options;
  for (int i = 5; i < argc; ++i)
    options.read(argv[i]);
  MLIRContext context;
  context.loadDialect<SinterDialect, func::FuncDialect, arith::ArithDialect>();
  registerLlvmTranslations(context);
  auto module = parseSourceFile<ModuleOp>(argv[1], &context);
  if (!module)
    return 1;
  RandomParams params(*module);
  auto type =
      SymbolTable(*module).lookup<func::FuncOp>("forward").getFunctionType();
  Feed feed = makeFeed(type, atoi(argv[3]), argv[4]);
  OwningOpRef<ModuleOp> reference = module->clone();
  if (!options.floatActivations) {
    PassManager manager(&context);
    StageOptions stages;
    attachTarget(*reference, *parseTarget(options.features));
    buildQuantizeStage(manager, stages);
    if (failed(manager.run(*reference)))
      return 1;
  }
  std::vector<double> want = runInterpreter(*reference, params, feed);
  NativeModel native(*module, params, options);
  std::vector<float> got = runNative(native, type, feed, 1);
  bool good = compare(got, want, atof(argv[2]));
  for (int64_t threads : {2, 3}) {
    std::vector<float> again = runNative(native, type, feed, threads);
    if (memcmp(again.data(), got.data(), got.size() * 4)) {
      printf("FAILED: %ld threads give other bits than one\n", long(threads));
      good = false;
    }
  }
  return good ? 0 : 1;
}
