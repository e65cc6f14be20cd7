//===- OpEmitter.cpp - Shorthands for building sinter ops -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Builder.h"

#include "dialect/IR/StoredLayout.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace sinter;

void OpEmitter::at(llvm::StringRef part, SpecLoc place) {
  MLIRContext *context = builder.getContext();
  Location file =
      FileLineColLoc::get(context, place.file.empty() ? "spec" : place.file,
                          place.line, place.column);
  loc = NameLoc::get(builder.getStringAttr(part), file);
}

RankedTensorType OpEmitter::activation(llvm::ArrayRef<int64_t> features) {
  SmallVector<int64_t> shape{ShapedType::kDynamic, ShapedType::kDynamic};
  shape.append(features.begin(), features.end());
  return RankedTensorType::get(shape, builder.getF32Type());
}

RankedTensorType OpEmitter::weightType(const WeightUse &use) {
  return RankedTensorType::get(use.shape,
                               typeOf(builder.getContext(), use.type));
}

Value OpEmitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value OpEmitter::constant(llvm::ArrayRef<float> values) {
  auto type =
      RankedTensorType::get({int64_t(values.size())}, builder.getF32Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, values));
}

Value OpEmitter::constant(llvm::ArrayRef<int32_t> values) {
  auto type =
      RankedTensorType::get({int64_t(values.size())}, builder.getI32Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, values));
}

Value OpEmitter::rowNumbers(int64_t first, int64_t count) {
  std::vector<int32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), int32_t(first));
  auto type = RankedTensorType::get({1, count}, builder.getI32Type());
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(type, llvm::ArrayRef<int32_t>(numbers)));
}

RankedTensorType OpEmitter::idsOfSequences() {
  return RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type());
}

RankedTensorType OpEmitter::idsOfTokens() {
  return RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic},
                               builder.getI32Type());
}

Value OpEmitter::weight(const WeightUse &use, Value layer) {
  return WeightOp::create(builder, loc, weightType(use), use.symbol,
                          use.perLayer ? layer : Value());
}

Value OpEmitter::weight(const Uses &uses, llvm::StringRef name, Value layer) {
  auto it = uses.find(name.str());
  return it == uses.end() ? Value() : weight(it->second, layer);
}

Value OpEmitter::linear(Value x, const Uses &uses, llvm::StringRef name,
                        Value layer) {
  Value w = weight(uses, name, layer);
  Value bias = weight(uses, name.str() + ".bias", layer);
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = cast<RankedTensorType>(w.getType()).getDimSize(0);
  return LinearOp::create(builder, loc,
                          RankedTensorType::get(shape, builder.getF32Type()), x,
                          w, bias);
}

Value OpEmitter::norm(Value x, const NormPlan &plan, const Uses &uses,
                      llvm::StringRef name, Value layer) {
  Value gain = weight(uses, name, layer);
  if (plan.kind == NormPlan::Kind::Layer)
    return LayerNormOp::create(
        builder, loc, x.getType(), x, gain,
        weight(uses, name.str() + ".bias", layer), f32(plan.eps),
        plan.plusOne ? builder.getUnitAttr() : UnitAttr());
  Value y =
      plan.kind == NormPlan::Kind::Tanh
          ? tanhNorm(x, plan, gain, weight(uses, name.str() + ".alpha", layer))
          : rmsNorm(x, plan, gain);
  Value bias = weight(uses, name.str() + ".bias", layer);
  return bias ? add(y, bias) : y;
}

Value OpEmitter::tanhNorm(Value x, const NormPlan &plan, Value gain,
                          Value alpha) {
  Value y = UnaryOp::create(builder, loc, x.getType(), UnaryKind::Tanh,
                            mul(x, alpha));
  if (!gain)
    return y;
  Value scaled = mul(y, gain);
  return plan.plusOne ? add(y, scaled) : scaled;
}

/// Rows of root mean square 1 have the length sqrt(n).
Value OpEmitter::rmsNorm(Value x, const NormPlan &plan, Value gain) {
  int64_t n = cast<RankedTensorType>(x.getType()).getShape().back();
  bool toLength = plan.kind == NormPlan::Kind::Length;
  Value y =
      RmsNormOp::create(builder, loc, x.getType(), x, gain,
                        f32(toLength ? plan.eps / double(n) : plan.eps),
                        plan.plusOne ? builder.getUnitAttr() : UnitAttr());
  return scale(y, toLength ? 1 / std::sqrt(double(n)) : 1);
}

Value OpEmitter::reshape(Value x, llvm::ArrayRef<int64_t> features) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> shape(type.getShape().take_front(2));
  shape.append(features.begin(), features.end());
  return ReshapeOp::create(
      builder, loc, RankedTensorType::get(shape, type.getElementType()), x);
}

Value OpEmitter::scale(Value x, double factor) {
  if (factor == 1)
    return x;
  return ScaleOp::create(builder, loc, x.getType(), x, f32(factor));
}

Value OpEmitter::add(Value a, Value b) {
  return AddOp::create(builder, loc, a.getType(), a, b);
}

Value OpEmitter::mul(Value a, Value b) {
  return MulOp::create(builder, loc, a.getType(), a, b);
}
