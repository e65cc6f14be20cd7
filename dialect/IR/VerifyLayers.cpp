//===- VerifyLayers.cpp - Verifiers of weights, layers and fusion ---------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Labels (name_ck) are the numbered constraints of the ops'
// descriptions; a test checks that each stands here and in the tests.
//
//===----------------------------------------------------------------------===//

#include "dialect/IR/Verify.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace sinter;

LogicalResult ParamOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  auto block = dyn_cast<BlockType>(type.getElementType());
  // param_c1
  bool isWeight =
      block
          ? !block.isOfActivations()
          : isa<Float32Type, BFloat16Type, Float16Type>(type.getElementType());
  if (!isWeight || !type.hasStaticShape())
    return emitOpError() << "type must be a static tensor of f32, bf16, f16 "
                            "or of weight blocks, but is "
                         << type;
  if (!isOfPossibleSize(type.getShape()))
    return emitOpError() << "type must have at most 2^40 numbers, but is "
                         << type;
  // param_c2
  if (block && (type.getRank() == 0 || type.getShape().back() % 32 != 0))
    return emitOpError() << "last dimension of a tensor of blocks must be a "
                            "multiple of 32, but the type is "
                         << type;
  // param_c3
  std::optional<int64_t> layers = getLayers();
  if (layers && (*layers < 1 || *layers > kMostLayers))
    return emitOpError() << "layers must be 1 to " << kMostLayers << ", but is "
                         << *layers;
  // param_c4
  int64_t count = layers.value_or(1);
  if (getOffsets() && int64_t(getOffsets()->size()) != count)
    return emitOpError() << "offsets must have " << count
                         << " entries (layers, or 1), but has "
                         << getOffsets()->size();
  // param_c5
  auto packed = dyn_cast_or_null<PackedAttr>(type.getEncoding());
  if (type.getEncoding() && (!packed || type.getRank() < 2))
    return emitOpError() << "type must have no layout or, of a matrix, "
                            "#sinter.packed, but is "
                         << type;
  return success();
}

LogicalResult WeightOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // weight_c1
  auto param = symbols.lookupNearestSymbolFrom<ParamOp>(*this, getParamAttr());
  if (!param)
    return emitOpError() << getParamAttr() << " must name a sinter.param";
  if (param.getType() != getResult().getType()) {
    InFlightDiagnostic diagnostic =
        emitOpError() << "result must have type " << param.getType()
                      << " (of its param), but has type "
                      << getResult().getType();
    diagnostic.attachNote(param.getLoc()) << "the param is here";
    return diagnostic;
  }
  // weight_c2
  if (bool(getLayer()) == bool(param.getLayers()))
    return success();
  InFlightDiagnostic diagnostic =
      getLayer() ? emitOpError("must have no layer, as its param has no layers")
                 : emitOpError("must name a layer, as its param has layers");
  diagnostic.attachNote(param.getLoc()) << "the param is here";
  return diagnostic;
}

LogicalResult LayerTableOp::verify() {
  // layer_table_c1
  Type type = getType();
  if (!isa<IndexType, Float32Type>(type))
    return emitOpError() << "type must be index or f32, but is " << type;
  // layer_table_c2
  for (auto [layer, value] : llvm::enumerate(getValues()))
    if (isa<IndexType>(type) ? !isa<IntegerAttr>(value)
                             : !isa<FloatAttr>(value))
      return emitOpError() << "values must be "
                           << (isa<IndexType>(type) ? "integers" : "floats")
                           << " (the table is of " << type
                           << "), but that of layer " << layer << " is "
                           << value;
  return success();
}

LogicalResult LayerValueOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // layer_value_c1
  auto table =
      symbols.lookupNearestSymbolFrom<LayerTableOp>(*this, getTableAttr());
  if (!table)
    return emitOpError() << getTableAttr() << " must name a sinter.layer_table";
  if (table.getType() == getResult().getType())
    return success();
  InFlightDiagnostic diagnostic = emitOpError()
                                  << "result must have type " << table.getType()
                                  << " (of its table), but has type "
                                  << getResult().getType();
  diagnostic.attachNote(table.getLoc()) << "the table is here";
  return diagnostic;
}

LogicalResult StackOp::verify() {
  // stack_c2
  int64_t forms = getForms().size();
  for (auto [layer, form] : llvm::enumerate(getLayers()))
    if (form < 0 || form >= forms)
      return emitOpError() << "layers must name one of " << forms
                           << " forms, but layer " << layer << " names form "
                           << form;
  // stack_c3
  if (getCarried().getTypes() != getResultTypes())
    return emitOpError() << "results must have the types of the carried "
                            "values ("
                         << getCarried().getTypes() << "), but have types "
                         << getResultTypes();
  // stack_c4
  for (auto [index, value] : llvm::enumerate(getCarried()))
    if (isa<CacheType>(value.getType()))
      if (failed(verifyLastUse(*this, value,
                               "carried cache " + std::to_string(index))))
        return failure();
  return success();
}

Operation *StackOp::lastReturn() {
  if (getLayers().empty())
    return nullptr;
  auto name = cast<FlatSymbolRefAttr>(getForms()[getLayers().back()]);
  auto form = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(*this, name);
  return form ? form.getBody().front().getTerminator() : nullptr;
}

/// Layer numbers of a form that are its own have to be in what they number: in
/// the tables and the params that it reads by them.
static LogicalResult verifyLayerNumbers(StackOp stack, int32_t form,
                                        func::FuncOp function,
                                        SymbolTableCollection &symbols) {
  // stack_c7
  Value number = function.getArgument(stack.getCarried().size());
  auto check = [&](Operation *user, int64_t layer, Operation *numbered,
                   int64_t count) {
    if (layer >= 0 && layer < count)
      return true;
    InFlightDiagnostic diagnostic =
        stack.emitOpError() << "layers must be known where their form reads "
                               "by them, but number "
                            << layer << " is none of " << count;
    diagnostic.attachNote(user->getLoc()) << "read here";
    diagnostic.attachNote(numbered->getLoc()) << "of this";
    return false;
  };
  auto isGood = [&](Operation *user, int64_t layer) {
    if (auto value = dyn_cast<LayerValueOp>(user)) {
      auto table = symbols.lookupNearestSymbolFrom<LayerTableOp>(
          value, value.getTableAttr());
      return !table || check(value, layer, table, table.getValues().size());
    }
    auto weight = dyn_cast<WeightOp>(user);
    auto param = weight ? symbols.lookupNearestSymbolFrom<ParamOp>(
                              weight, weight.getParamAttr())
                        : ParamOp();
    return !param || check(weight, layer, param, param.getLayers().value_or(1));
  };
  for (auto [layer, ours] : llvm::enumerate(stack.getLayers()))
    if (ours == form)
      for (Operation *user : number.getUsers())
        if (!isGood(user, layer))
          return failure();
  return success();
}

/// Windows that come from a table, in the layers that have the form.
static LogicalResult verifyWindows(StackOp stack, int32_t form,
                                   func::FuncOp function,
                                   SymbolTableCollection &symbols) {
  // stack_c5
  WalkResult walked = function.walk([&](AttentionOp attention) {
    auto cache = dyn_cast<CacheType>(attention.getKey().getType());
    auto window = attention.getWindow()
                      ? attention.getWindow().getDefiningOp<LayerValueOp>()
                      : LayerValueOp();
    if (!cache || !cache.getRing() || !window)
      return WalkResult::advance();
    auto table = symbols.lookupNearestSymbolFrom<LayerTableOp>(
        window, window.getTableAttr());
    for (auto [layer, ours] : llvm::enumerate(stack.getLayers())) {
      if (ours != form || !table || layer >= table.getValues().size())
        continue;
      auto value = dyn_cast<IntegerAttr>(table.getValues()[layer]);
      if (!value || seesAtMost(attention, value.getInt(), cache.getRing()))
        continue;
      InFlightDiagnostic diagnostic =
          stack.emitOpError()
          << "window of layer " << layer << " must be 1 to " << cache.getRing()
          << " (the ring of its cache), but is " << value.getInt();
      diagnostic.attachNote(attention.getLoc()) << "the attention is here";
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}

LogicalResult StackOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // stack_c1
  SmallVector<Type> inputs(getCarried().getTypes());
  inputs.push_back(IndexType::get(getContext()));
  llvm::append_range(inputs, getShared().getTypes());
  auto required = FunctionType::get(getContext(), inputs, getResultTypes());
  for (auto [number, form] : llvm::enumerate(getForms())) {
    auto name = cast<FlatSymbolRefAttr>(form);
    auto function = symbols.lookupNearestSymbolFrom<func::FuncOp>(*this, name);
    if (!function)
      return emitOpError() << "form " << name << " must name a function";
    if (!function.getBody().hasOneBlock())
      return emitOpError() << "form " << name
                           << " must have a body of one block";
    // stack_c6
    if (function.walk([](StackOp) { return WalkResult::interrupt(); })
            .wasInterrupted())
      return emitOpError() << "form " << name
                           << " must have no stack itself: stacks do not nest";
    if (function.getFunctionType() == required) {
      if (failed(verifyWindows(*this, int32_t(number), function, symbols)) ||
          failed(verifyLayerNumbers(*this, int32_t(number), function, symbols)))
        return failure();
      continue;
    }
    InFlightDiagnostic diagnostic =
        emitOpError() << "form " << name << " must have type " << required
                      << " (carried, layer, shared), but has type "
                      << function.getFunctionType();
    diagnostic.attachNote(function.getLoc()) << "the form is here";
    return diagnostic;
  }
  return success();
}

LogicalResult FusedOp::verify() {
  // fused_c1
  auto yield = dyn_cast_or_null<YieldOp>(
      getBody().front().empty() ? nullptr : &getBody().front().back());
  if (!yield)
    return emitOpError("body must end with sinter.yield");
  if (yield.getValues().getTypes() != getResultTypes())
    return emitOpError() << "results must have the types that are yielded ("
                         << yield.getValues().getTypes() << "), but have types "
                         << getResultTypes();
  // fused_c2
  for (Type type : getResultTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!isa<CacheType>(type) && (!tensor || tensor.getRank() < 2))
      return emitOpError() << "results must be tensors (batch, tokens, ...) or "
                              "caches, but one is "
                           << type;
  }
  return success();
}
