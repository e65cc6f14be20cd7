//===- ReachCheck.cpp - Whether ops reach as far as they say --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/native/ReachCheck.h"

using namespace mlir;
using namespace sinter;
using reference::Interpreter;

namespace {

using Floats = reference::Array<double>;

const Floats *floatsOf(const reference::Value &value) {
  auto *array = std::get_if<std::shared_ptr<Floats>>(&value);
  return array ? array->get() : nullptr;
}

/// The one op that computes, or null.
ComputeOpInterface onlyCompute(func::FuncOp function) {
  ComputeOpInterface found;
  for (Operation &op : function.getBody().front())
    if (auto compute = dyn_cast<ComputeOpInterface>(op)) {
      if (found)
        return {};
      found = compute;
    }
  return found;
}

bool isOfTokens(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() >= 2 && tensor.isDynamicDim(0) &&
         tensor.isDynamicDim(1) && isa<FloatType>(tensor.getElementType());
}

/// Whether `after` differs from `before` in other places than one of `places`
/// equal parts of it.
bool differsElsewhere(const Floats &before, const Floats &after, size_t place,
                      size_t places) {
  size_t size = before.data.size() / places;
  for (size_t i = 0; i < before.data.size(); ++i)
    if (i / size != place && before.data[i] != after.data[i])
      return true;
  return false;
}

} // namespace

std::string sinter::checkReach(func::FuncOp function, Interpreter &interpreter,
                               llvm::ArrayRef<reference::Value> arguments) {
  ComputeOpInterface op = onlyCompute(function);
  if (!op || op.getReach() == Reach::Sequence)
    return "";
  auto before = interpreter.call(function.getName(), arguments);
  if (!before)
    return llvm::toString(before.takeError());
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    const Floats *given = floatsOf(arguments[index]);
    if (!given || !isOfTokens(type) || given->data.empty())
      continue;
    Floats changed = *given;
    size_t tokens = given->shape[0] * given->shape[1];
    size_t at = given->data.size() - 1; // of the last token
    changed.data[at] += 1;
    SmallVector<reference::Value> others(arguments);
    others[index] = reference::makeValue(std::move(changed));
    auto after = interpreter.call(function.getName(), others);
    if (!after)
      return llvm::toString(after.takeError());
    for (auto [old, now] : llvm::zip(*before, *after)) {
      const Floats *was = floatsOf(old);
      if (!was)
        continue;
      bool byElement = op.getReach() == Reach::Element &&
                       was->data.size() == given->data.size();
      size_t places = byElement ? given->data.size() : tokens;
      if (differsElsewhere(*was, *floatsOf(now), byElement ? at : tokens - 1,
                           places))
        return op->getName().getStringRef().str() +
               " reaches further than it says";
    }
  }
  return "";
}
