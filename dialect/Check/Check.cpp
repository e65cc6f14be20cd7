//===- Check.cpp - Expectations of tests ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "dialect/Check/Check.h"

#include "dialect/Interpreter/Evaluator.h"

#include <cmath>

using namespace mlir;
using llvm::Error;
using sinter::reference::Array;
using sinter::reference::errorAt;

#include "dialect/Check/CheckDialect.cpp.inc"

void sinter::check::CheckDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialect/Check/CheckOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "dialect/Check/CheckOps.cpp.inc"

namespace sinter::check {

/// The expected elements as numbers.
static std::vector<double> numbersOf(ElementsAttr elements) {
  std::vector<double> numbers;
  Type type = elements.getElementType();
  if (isa<FloatType>(type)) {
    for (const APFloat &value : elements.getValues<APFloat>())
      numbers.push_back(FloatAttr::get(type, value).getValueAsDouble());
    return numbers;
  }
  for (const APInt &value : elements.getValues<APInt>())
    numbers.push_back(value.getSExtValue());
  return numbers;
}

template <typename T>
static Error compare(Operation *op, const Array<T> &value,
                     ElementsAttr expected, double distance) {
  if (ArrayRef<int64_t>(value.shape) != expected.getShapedType().getShape())
    return errorAt(op, "value has another shape than what is expected");
  std::vector<double> numbers = numbersOf(expected);
  for (size_t i = 0; i < numbers.size(); ++i) {
    double found = value.data[i];
    if (found == numbers[i] || std::abs(found - numbers[i]) <= distance)
      continue;
    return errorAt(op, "element " + Twine(i) + " must be " +
                           std::to_string(numbers[i]) + " within " +
                           std::to_string(distance) + ", but is " +
                           std::to_string(found));
  }
  return Error::success();
}

Error run(Operation *op, ArrayRef<sinter::reference::Value> operands) {
  ElementsAttr expected;
  double distance = 0;
  if (auto eq = dyn_cast<EqOp>(op)) {
    expected = eq.getExpected();
  } else if (auto almost = dyn_cast<AlmostEqOp>(op)) {
    expected = almost.getExpected();
    distance = almost.getDistance().convertToDouble();
  } else {
    return errorAt(op, "has no meaning in the interpreter");
  }
  return std::visit(
      [&](const auto &held) -> Error {
        if constexpr (requires { held->shape; })
          return compare(op, *held, expected, distance);
        else
          return errorAt(op, "compares tensors alone");
      },
      operands[0]);
}

} // namespace sinter::check
