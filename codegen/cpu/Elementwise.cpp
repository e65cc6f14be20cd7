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
  auto type = cast<RankedTensorType>(tensor);
  int64_t features = featuresOf(type);
  // Tiles hold 16-bit floats in pairs of features.
  bool half = type.getElementType().isBF16() || type.getElementType().isF16();
  if (type.getEncoding() && half)
    features = llvm::alignTo(features, 2);
  return storedBytes(type.getElementType(), features);
}

Value Elementwise::round(Value vector, Type element) {
  if (element.isF32())
    return vector;
  int64_t lanes = cast<VectorType>(vector.getType()).getDimSize(0);
  Value narrow = arith::TruncFOp::create(
      e.b, e.loc, Emitter::vectorType(element, lanes), vector);
  return arith::ExtFOp::create(e.b, e.loc, e.f32Vector(lanes), narrow);
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

Value Elementwise::evaluate(Value value, const Place &place) {
  if (Value found = values.lookup(value))
    return found;
  Operation *op = value.getDefiningOp();
  auto operand = [&](unsigned index) {
    return evaluate(op->getOperand(index), place);
  };
  // Ops outside the kernel's own region are kernels of their own.
  bool inside = op && isa<FusedOp>(op->getParentOp());
  Value result;
  if (auto unary = dyn_cast_or_null<UnaryOp>(op); unary && inside)
    result = emitUnary(e, unary.getKind(), operand(0));
  else if (inside && isa<AddOp>(op))
    result = e.addF(operand(0), operand(1));
  else if (inside && isa<MulOp>(op))
    result = e.mulF(operand(0), operand(1));
  else if (auto scale = dyn_cast_or_null<ScaleOp>(op); scale && inside)
    result = e.mulF(operand(0),
                    e.splat(scale.getFactor().convertToDouble(), place.lanes));
  else if (inside && isa<ReshapeOp>(op))
    return values[value] = operand(0);
  else
    return values[value] = evaluateOther(value, place);
  Type element = cast<RankedTensorType>(value.getType()).getElementType();
  return values[value] = round(result, element);
}

void Elementwise::store(Value value, Value vector, const Place &place) {
  auto type = cast<RankedTensorType>(value.getType());
  Type element = type.getElementType();
  Value offset = e.add(e.mul(place.token, rowBytesOf(type)),
                       e.mul(place.feature, Emitter::bytesOf(element)));
  e.storeFloats(vector, element, e.at(operands.address(value), offset));
}
