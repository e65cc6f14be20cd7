//===- InterpretPass.cpp - Runs the tests of a module ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Check/InterpretPass.h"

#include "dialect/Check/Check.h"
#include "dialect/Interpreter/Interpreter.h"

#include "mlir/Pass/Pass.h"

using namespace mlir;
using sinter::reference::Array;
using sinter::reference::Interpreter;
using sinter::reference::Precision;

namespace {

/// The size of caches that tests are given.
constexpr int64_t cacheBatch = 2, cacheCapacity = 8;

/// The numbers that a test gives a param.
llvm::Expected<sinter::reference::Value>
numbersOf(ModuleOp module, StringRef symbol, int64_t layer) {
  auto param = module.lookupSymbol<sinter::ParamOp>(symbol);
  Attribute value = param->getAttr("check.value");
  if (auto layers = dyn_cast_or_null<ArrayAttr>(value))
    if (layer >= 0 && layer < int64_t(layers.size()))
      value = layers[layer];
  auto elements = dyn_cast_or_null<DenseFPElementsAttr>(value);
  if (!elements)
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "@" + symbol + " has no check.value");
  ArrayRef<int64_t> shape = elements.getType().getShape();
  Array<double> array(std::vector<int64_t>(shape.begin(), shape.end()));
  Type type = elements.getElementType();
  for (auto [i, number] : llvm::enumerate(elements.getValues<APFloat>()))
    array.data[i] = FloatAttr::get(type, number).getValueAsDouble();
  return makeValue(std::move(array));
}

struct InterpretPass : PassWrapper<InterpretPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(InterpretPass)

  InterpretPass() = default;
  InterpretPass(const InterpretPass &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return "sinter-interpret"; }
  StringRef getDescription() const final {
    return "Runs the functions @test... of a module in the interpreter";
  }

  void runOnOperation() final {
    ModuleOp module = getOperation();
    Interpreter interpreter(
        module, precision == "f32" ? Precision::F32 : Precision::F64,
        [&](StringRef symbol, int64_t layer) {
          return numbersOf(module, symbol, layer);
        });
    interpreter.extend(sinter::check::run);
    int64_t tests = 0;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (!function.getName().starts_with("test"))
        continue;
      ++tests;
      SmallVector<sinter::reference::Value> arguments;
      for (Type type : function.getArgumentTypes())
        if (auto cache = dyn_cast<sinter::CacheType>(type))
          arguments.push_back(
              Interpreter::makeCache(cache, cacheBatch, cacheCapacity));
      auto results = interpreter.call(function.getName(), arguments);
      if (results)
        continue;
      function.emitError() << llvm::toString(results.takeError());
      signalPassFailure();
    }
    // A file of tests in which none runs is a mistake.
    if (tests == 0) {
      module.emitError("has no function whose name starts with test");
      signalPassFailure();
    }
  }

  Option<std::string> precision{
      *this, "precision", llvm::cl::desc("f64 or f32"), llvm::cl::init("f64")};
};

} // namespace

void sinter::check::registerInterpretPass() {
  PassRegistration<InterpretPass>();
}
