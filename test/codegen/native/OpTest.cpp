//===- OpTest.cpp - Functions in native code against the interpreter ------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//   sinter-op-test FILE.mlir BxTxL... [plain] [quantized] [FEATURES]
//
// Gives each public function of FILE random arguments and compares its results
// in native code, by 1, 2 and 3 threads that must agree bit by bit, with the
// interpreter's in f64: for B sequences of T tokens of which the last L are
// wanted, for each BxTxL given. A function's one op must reach as far as it
// says (ReachCheck.h). What arguments have to be is said beside them:
//
//   sinter.below = N    i32: less than N (default 5)
//   sinter.past         tokens before this call: up to 7
//   sinter.keys         a mask of keys: as many as caches have, 64
//   sinter.name         as in entries; with "past", one token has code of its
//                       own, which is run too; "last" is L
//
// and beside functions: sinter.tolerance, relative to 1 + the largest |value|
// of a result (default 2e-5). `plain` makes each op a kernel of its own;
// `quantized` lets activations be quantized, in the interpreter too.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/passes/Pipelines.h"
#include "dialect/Interpreter/Interpreter.h"
#include "test/codegen/native/NativeModel.h"
#include "test/codegen/native/ReachCheck.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/APFloat.h"

#include <cmath>
#include <cstdio>
#include <cstring>

using namespace mlir;
using namespace sinter;

namespace {

constexpr int64_t kCapacity = 64;

struct Sizes {
  int64_t batch, tokens, last;
};

/// An argument, as both sides take it.
struct Argument {
  Bytes bytes;
  reference::Value value;
};

/// Bits of a number of this type.
uint32_t bitsOf(Type type, double number) {
  llvm::APFloat value(number);
  bool lost;
  value.convert(cast<FloatType>(type).getFloatSemantics(),
                llvm::APFloat::rmNearestTiesToEven, &lost);
  return uint32_t(value.bitcastToAPInt().getZExtValue());
}

double numberOf(Type type, const std::byte *bytes) {
  uint32_t bits = 0;
  unsigned width = type.getIntOrFloatBitWidth();
  memcpy(&bits, bytes, width / 8);
  llvm::APFloat value(cast<FloatType>(type).getFloatSemantics(),
                      llvm::APInt(width, bits));
  bool lost;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
                &lost);
  return value.convertToDouble();
}

class OpTest {
public:
  OpTest(ModuleOp module, const NativeOptions &options)
      : module(module), params(module), reference(module.clone()) {
    if (!options.floatActivations) {
      PassManager manager(module.getContext());
      attachTarget(*reference, *parseTarget("x86-64-v3"));
      buildQuantizeStage(manager, StageOptions());
      if (failed(manager.run(*reference)))
        exit(1);
    }
    for (auto function : reference->getOps<func::FuncOp>())
      if (function.isPublic())
        functions.push_back(function);
    native = std::make_unique<NativeModel>(module, params, options);
  }

  bool run(const Sizes &sizes) {
    bool good = true;
    for (func::FuncOp function : functions)
      good &= run(function, sizes);
    return good;
  }

private:
  bool run(func::FuncOp function, const Sizes &sizes);
  Argument makeArgument(func::FuncOp function, unsigned index,
                        const Sizes &sizes);
  std::vector<Bytes> runNative(func::FuncOp function, const Sizes &sizes,
                               std::vector<Argument> &arguments,
                               const std::vector<size_t> &sizesOfResults,
                               int64_t threads, bool one);
  bool compare(func::FuncOp function, unsigned index,
               const reference::Value &want, const std::byte *got);

  ModuleOp module;
  RandomParams params;
  OwningOpRef<ModuleOp> reference;
  std::vector<func::FuncOp> functions;
  std::unique_ptr<NativeModel> native;
  Random random;
};

Argument OpTest::makeArgument(func::FuncOp function, unsigned index,
                              const Sizes &sizes) {
  Type type = function.getArgumentTypes()[index];
  auto has = [&](StringRef name) {
    return bool(function.getArgAttr(index, name));
  };
  if (type.isIndex()) {
    Argument argument{Bytes(8), sizes.last};
    *argument.bytes.as<int64_t>() = sizes.last;
    return argument;
  }
  if (type.isF32()) {
    Argument argument{Bytes(4), {}};
    *argument.bytes.as<float>() = random.real();
    argument.value = double(*argument.bytes.as<float>());
    return argument;
  }
  auto tensor = cast<RankedTensorType>(type);
  std::vector<int64_t> shape(tensor.getShape());
  for (auto [at, dim] : llvm::enumerate(shape))
    if (ShapedType::isDynamic(dim))
      dim = at == 0              ? sizes.batch
            : has("sinter.keys") ? kCapacity
                                 : sizes.tokens;
  size_t count = reference::Array<double>::count(shape);
  Type element = tensor.getElementType();
  Argument argument{Bytes(count * 4), {}};
  if (element.isInteger(32)) {
    auto bound = function.getArgAttrOfType<IntegerAttr>(index, "sinter.below");
    int64_t below = bound ? bound.getInt() : has("sinter.past") ? 8 : 5;
    reference::Ints ints(shape);
    for (size_t i = 0; i < count; ++i)
      argument.bytes.as<int32_t>()[i] = ints.data[i] = random.bits() % below;
    argument.value = makeValue(std::move(ints));
    return argument;
  }
  reference::Array<double> numbers(shape);
  size_t width = element.getIntOrFloatBitWidth() / 8;
  for (size_t i = 0; i < count; ++i) {
    std::byte *at = argument.bytes.as<std::byte>() + i * width;
    uint32_t bits = bitsOf(element, random.real() + random.real());
    memcpy(at, &bits, width);
    numbers.data[i] = numberOf(element, at);
  }
  argument.value = makeValue(std::move(numbers));
  return argument;
}

std::vector<Bytes> OpTest::runNative(func::FuncOp function, const Sizes &sizes,
                                     std::vector<Argument> &arguments,
                                     const std::vector<size_t> &sizesOfResults,
                                     int64_t threads, bool one) {
  const SinterEntry &entry = native->entry(function.getName().str());
  Bytes scratch(
      entry.scratchBytes(sizes.batch, sizes.tokens, sizes.last, kCapacity));
  memset(scratch.as<char>(), 0xff, scratch.size);
  std::vector<const void *> inputs;
  for (Argument &argument : arguments)
    inputs.push_back(argument.bytes.as<void>());
  std::vector<Bytes> results;
  std::vector<void *> outputs;
  for (size_t size : sizesOfResults) {
    results.emplace_back(size);
    memset(results.back().as<char>(), 0xff, results.back().size);
    outputs.push_back(results.back().as<void>());
  }
  SinterCall call{};
  call.scratch = scratch.as<std::byte>();
  call.batch = sizes.batch;
  call.tokens = sizes.tokens;
  call.last = sizes.last;
  call.capacity = kCapacity;
  call.chunk = sizes.tokens;
  call.inputs = inputs.data();
  call.outputs = outputs.data();
  native->run(function.getName().str().c_str(), call, threads, one);
  return results;
}

/// Sums round as large as their terms are: distances are relative to the
/// largest number of a result.
bool OpTest::compare(func::FuncOp function, unsigned index,
                     const reference::Value &want, const std::byte *got) {
  auto type = cast<RankedTensorType>(function.getResultTypes()[index]);
  Type element = type.getElementType();
  auto tolerance = function->getAttrOfType<FloatAttr>("sinter.tolerance");
  double bound = tolerance ? tolerance.getValueAsDouble() : 2e-5;
  auto fail = [&](size_t at, double found, double expected) {
    printf("FAILED: @%s: result %u at %zu: %.8g, expected %.8g\n",
           function.getName().str().c_str(), index, at, found, expected);
    return false;
  };
  if (auto *ints = std::get_if<std::shared_ptr<reference::Ints>>(&want)) {
    for (size_t i = 0; i < (*ints)->data.size(); ++i)
      if (int32_t found;
          memcpy(&found, got + 4 * i, 4), found != (*ints)->data[i])
        return fail(i, found, double((*ints)->data[i]));
    return true;
  }
  auto &numbers =
      std::get<std::shared_ptr<reference::Array<double>>>(want)->data;
  size_t width = element.getIntOrFloatBitWidth() / 8;
  double most = 0;
  for (double number : numbers)
    most = std::max(most, std::fabs(number));
  for (size_t i = 0; i < numbers.size(); ++i) {
    double found = numberOf(element, got + i * width);
    if (!(std::fabs(found - numbers[i]) <= bound * (1 + most)))
      return fail(i, found, numbers[i]);
  }
  return true;
}

bool OpTest::run(func::FuncOp function, const Sizes &sizes) {
  std::string name = function.getName().str();
  std::vector<Argument> arguments;
  llvm::SmallVector<reference::Value> values;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    arguments.push_back(makeArgument(function, i, sizes));
    values.push_back(arguments.back().value);
  }
  auto weights = [&](StringRef symbol,
                     int64_t layer) -> llvm::Expected<reference::Value> {
    auto param = SymbolTable(*reference).lookup<ParamOp>(symbol);
    auto type = cast<RankedTensorType>(param.getType());
    return makeValue(reference::Array<double>(
        std::vector<int64_t>(type.getShape().begin(), type.getShape().end()),
        params.values(symbol.str(), layer)));
  };
  reference::Interpreter interpreter(*reference, reference::Precision::F64,
                                     weights);
  auto want = interpreter.call(name, values);
  if (!want) {
    printf("FAILED: @%s: the interpreter: %s\n", name.c_str(),
           llvm::toString(want.takeError()).c_str());
    return false;
  }
  if (std::string fault = checkReach(function, interpreter, values);
      !fault.empty()) {
    printf("FAILED: @%s: %s\n", name.c_str(), fault.c_str());
    return false;
  }
  std::vector<size_t> sizesOfResults;
  for (reference::Value &value : *want)
    sizesOfResults.push_back(
        4 * std::visit(
                [](auto &array) -> size_t {
                  if constexpr (requires { array->data.size(); })
                    return array->data.size();
                  return 0;
                },
                value));
  bool good = true, isOne = sizes.batch * sizes.tokens == 1;
  for (bool one : {false, true}) {
    if (one && !(isOne && native->entry(name).stepOne))
      continue;
    std::vector<Bytes> first =
        runNative(function, sizes, arguments, sizesOfResults, 1, one);
    for (unsigned i = 0; i < first.size(); ++i)
      good &= compare(function, i, (*want)[i], first[i].as<std::byte>());
    for (int64_t threads : {2, 3}) {
      std::vector<Bytes> again =
          runNative(function, sizes, arguments, sizesOfResults, threads, one);
      for (unsigned i = 0; i < first.size(); ++i)
        if (memcmp(again[i].as<char>(), first[i].as<char>(),
                   sizesOfResults[i])) {
          printf("FAILED: @%s: result %u: %ld threads give other bits\n",
                 name.c_str(), i, long(threads));
          good = false;
        }
    }
  }
  if (!good)
    printf("        with B = %ld, T = %ld, L = %ld\n", long(sizes.batch),
           long(sizes.tokens), long(sizes.last));
  return good;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: sinter-op-test FILE BxTxL... [plain] [quantized] "
                    "[FEATURES]\n");
    return 2;
  }
  NativeOptions options;
  std::vector<Sizes> sizes;
  for (int i = 2; i < argc; ++i) {
    long batch, tokens, last;
    if (sscanf(argv[i], "%ldx%ldx%ld", &batch, &tokens, &last) == 3)
      sizes.push_back({batch, tokens, last});
    else
      options.read(argv[i]);
  }
  MLIRContext context;
  context.loadDialect<SinterDialect, func::FuncDialect, arith::ArithDialect>();
  registerLlvmTranslations(context);
  auto module = parseSourceFile<ModuleOp>(argv[1], &context);
  if (!module)
    return 1;
  OpTest test(*module, options);
  bool good = true;
  for (const Sizes &size : sizes)
    good &= test.run(size);
  printf("%s\n", good ? "ok" : "FAILED");
  return good ? 0 : 1;
}
