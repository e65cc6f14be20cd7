//===- Interpreter.cpp - Runs IR by the meaning of its ops ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Interpreter/Evaluator.h"

using namespace mlir;

namespace sinter::reference {

struct Interpreter::Implementation {
  Context context;
  std::variant<std::unique_ptr<Evaluator<double>>,
               std::unique_ptr<Evaluator<float>>>
      evaluator;
};

Interpreter::Interpreter(ModuleOp module, Precision precision,
                         WeightProvider weights)
    : implementation(std::make_unique<Implementation>()) {
  Context &context = implementation->context;
  context.module = module;
  context.weights = std::move(weights);
  if (precision == Precision::F64)
    implementation->evaluator = std::make_unique<Evaluator<double>>(context);
  else
    implementation->evaluator = std::make_unique<Evaluator<float>>(context);
}

Interpreter::~Interpreter() = default;
Interpreter::Interpreter(Interpreter &&) noexcept = default;

void Interpreter::onOp(OpObserver observer) {
  implementation->context.observer = std::move(observer);
}

void Interpreter::extend(OpExtension extension) {
  implementation->context.extension = std::move(extension);
}

llvm::Expected<SmallVector<Value>>
Interpreter::call(StringRef function, ArrayRef<Value> arguments) {
  auto op = implementation->context.module.lookupSymbol<func::FuncOp>(function);
  if (!op)
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "there is no function @" + function);
  SmallVector<Value> values(arguments);
  return std::visit(
      [&](auto &evaluator) { return evaluator->call(op, values); },
      implementation->evaluator);
}

Value Interpreter::makeCache(CacheType type, int64_t batch, int64_t capacity) {
  return makeValue(Array<float>(
      {type.getSlots(), batch, capacity, type.getHeads(), type.getDim()}));
}

} // namespace sinter::reference
