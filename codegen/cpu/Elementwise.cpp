//===- Elementwise.cpp - Element-wise ops on vectors ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/KernelInterface.h"
#include "codegen/cpu/VectorMath.h"
#include "dialect/IR/StoredLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sinter;

int64_t sinter::featuresOf(Type tensor) {
  int64_t product = 1;
  for (int64_t size : cast<RankedTensorType>(tensor).getShape().drop_front(2))
    product *= size;
  return product;
}

int64_t sinter::lastDimOf(Type tensor) {
  return cast<RankedTensorType>(tensor).getShape().back();
}

int64_t sinter::rowBytesOf(Type tensor) {
  return tokenBytes(cast<RankedTensorType>(tensor));
}

Value Elementwise::round(Value vector, Type element) {
  return e.round(vector, element);
}

Value Elementwise::loadFrom(Value value, const Place &place) {
  auto type = cast<RankedTensorType>(value.getType());
  Type element = type.getElementType();
  int64_t size = Emitter::bytesOf(element);
  bool ofHead = type.getRank() == 1 && type.getDimSize(0) == place.headSize;
  Value offset = e.mul(ofHead ? place.inner : place.feature, size);
  if (type.getRank() > 1)
    offset = e.add(e.mul(place.token, rowBytesOf(type)), offset);
  Value pointer = e.at(operands.address(value), offset);
  return e.loadFloats(element, pointer, place.lanes);
}

Value Elementwise::evaluateOther(Value value, const Place &place) {
  return loadFrom(value, place);
}

bool Elementwise::isComputed(Value value) {
  Operation *op = value.getDefiningOp();
  return op && isa<FusedOp>(op->getParentOp());
}

Value Elementwise::evaluate(Value value, const Place &place) {
  if (Value found = values.lookup(value))
    return found;
  Operation *op = isComputed(value) ? value.getDefiningOp() : nullptr;
  auto operand = [&](unsigned index) {
    return evaluate(op->getOperand(index), place);
  };
  auto splat = [&](const APFloat &number) {
    return e.splat(number.convertToDouble(), place.lanes);
  };
  Value result;
  if (auto unary = dyn_cast_or_null<UnaryOp>(op))
    result = emitUnary(e, unary.getKind(), operand(0));
  else if (isa_and_nonnull<AddOp>(op))
    result = e.addF(operand(0), operand(1));
  else if (isa_and_nonnull<SubOp>(op))
    result = e.subF(operand(0), operand(1));
  else if (isa_and_nonnull<MulOp>(op))
    result = e.mulF(operand(0), operand(1));
  else if (auto scale = dyn_cast_or_null<ScaleOp>(op))
    result = e.mulF(operand(0), splat(scale.getFactor()));
  else if (auto scale = dyn_cast_or_null<ScaleByOp>(op))
    result = e.mulF(operand(0),
                    e.splat(operands.scalar(scale.getFactor()), place.lanes));
  else if (auto cap = dyn_cast_or_null<SoftCapOp>(op))
    result = emitSoftCap(e, operand(0), cap.getCap().convertToDouble());
  else if (auto clamp = dyn_cast_or_null<ClampOp>(op))
    result = e.minF(splat(clamp.getHigh()),
                    e.maxF(splat(clamp.getLow()), operand(0)));
  else if (isa_and_nonnull<ReshapeOp, CopyOp>(op))
    return values[value] = operand(0);
  else
    return values[value] = evaluateOther(value, place);
  Type element = cast<RankedTensorType>(value.getType()).getElementType();
  result = round(result, element);
  return values[value] = result;
}

Value Elementwise::addressOf(Value value, const Place &place) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t size = Emitter::bytesOf(type.getElementType());
  Value offset =
      e.add(e.mul(place.token, rowBytesOf(type)), e.mul(place.feature, size));
  return e.at(operands.address(value), offset);
}

void Elementwise::store(Value value, Value vector, const Place &place) {
  auto type = cast<RankedTensorType>(value.getType());
  e.storeFloats(vector, type.getElementType(), addressOf(value, place));
}
