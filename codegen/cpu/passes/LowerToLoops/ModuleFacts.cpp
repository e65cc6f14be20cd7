//===- ModuleFacts.cpp - What lowering knows of a module ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/LowerToLoops/ModuleFacts.h"

#include "dialect/IR/StoredLayout.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace sinter;

/// Of tokens at which all tiles of activations end.
static constexpr int64_t kMostTile = 1 << 20;

static bool isCache(Value value) { return isa<CacheType>(value.getType()); }

StringAttr ModuleFacts::nameOf(func::FuncOp function, unsigned argument) {
  auto name = function.getArgAttrOfType<StringAttr>(argument, "sinter.name");
  if (name)
    return name;
  return StringAttr::get(function.getContext(), "argument " + Twine(argument));
}

ModuleFacts::ModuleFacts(ModuleOp module) : module(module), symbols(module) {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic())
      continue;
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
      if (auto cache = dyn_cast<CacheType>(type))
        caches.insert({nameOf(function, index), cache});
  }
  module.walk([&](Operation *op) {
    for (Value result : op->getResults())
      if (auto type = dyn_cast<RankedTensorType>(result.getType()))
        if (auto tiled = dyn_cast_or_null<TiledAttr>(type.getEncoding()))
          // Beyond kMostTile it is an error (check).
          if (tokenTile <= kMostTile)
            tokenTile = std::lcm(tokenTile, tiled.getTokens());
  });
}

LogicalResult ModuleFacts::check() {
  for (Operation &op : *module.getBody())
    if (!isa<SymbolOpInterface>(op))
      return op.emitOpError("has no place outside of functions");
  for (auto function : module.getOps<func::FuncOp>())
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
      if (auto cache = dyn_cast<CacheType>(type);
          cache && function.isPublic() &&
          caches.lookup(nameOf(function, index)) != cache)
        return function.emitOpError("has a cache ")
               << nameOf(function, index) << " of type " << cache
               << ", which is of type "
               << caches.lookup(nameOf(function, index)) << " in another entry";
  if (tokenTile <= kMostTile)
    return success();
  return module.emitError("tiles of activations have so many different numbers "
                          "of tokens that no kernel can be cut at all of them");
}

Value ModuleFacts::cacheOffset(Emitter &e, StringAttr name) const {
  // Capacities are multiples of kCacheBlock: caches start at multiples of 64.
  Value offset = e.i64(0);
  for (auto [other, type] : caches) {
    if (other == name)
      return offset;
    int64_t bytes = type.getSlots() * type.getHeads() * type.getDim() *
                    Emitter::bytesOf(type.getElementType());
    Value tokens = e.mul(e.batch, capacityOf(e, type));
    offset = e.add(offset, e.mul(tokens, bytes));
  }
  return offset;
}

Value ModuleFacts::totalCacheBytes(Emitter &e) const {
  return cacheOffset(e, StringAttr());
}

void ModuleFacts::joinStack(StackOp stack) {
  for (Attribute form : stack.getForms()) {
    func::FuncOp callee = function(form);
    Operation *terminator = callee.getBody().front().getTerminator();
    unsigned carried = stack.getCarried().size();
    for (unsigned i = 0; i < carried; ++i)
      if (isCache(stack.getCarried()[i])) {
        sameCache.unionSets(stack.getCarried()[i], stack.getResult(i));
        sameCache.unionSets(stack.getCarried()[i], callee.getArgument(i));
        sameCache.unionSets(stack.getCarried()[i], terminator->getOperand(i));
      }
    for (auto [index, value] : llvm::enumerate(stack.getShared()))
      if (isCache(value))
        sameCache.unionSets(value, callee.getArgument(carried + 1 + index));
  }
}

LogicalResult ModuleFacts::findKeyCaches() {
  llvm::MapVector<StringAttr, Value> byName;
  for (auto function : module.getOps<func::FuncOp>())
    for (BlockArgument argument : function.getArguments()) {
      if (!isCache(argument))
        continue;
      sameCache.insert(argument);
      if (!function.isPublic())
        continue;
      StringAttr name = nameOf(function, argument.getArgNumber());
      auto [other, isNew] = byName.insert({name, argument});
      sameCache.unionSets(other->second, argument);
    }
  module.walk([&](Operation *op) {
    if (auto append = dyn_cast<AppendOp>(op))
      sameCache.unionSets(append.getCache(), append.getResult());
    if (auto fused = dyn_cast<FusedOp>(op))
      for (auto [result, yielded] :
           llvm::zip(fused.getResults(),
                     fused.getBody().front().getTerminator()->getOperands()))
        if (isCache(result))
          sameCache.unionSets(result, yielded);
    if (auto stack = dyn_cast<StackOp>(op))
      joinStack(stack);
  });
  llvm::DenseSet<Value> valueCaches;
  module.walk([&](AttentionOp attention) {
    if (!isCache(attention.getKey()))
      return;
    keyCaches.insert(sameCache.getOrInsertLeaderValue(attention.getKey()));
    valueCaches.insert(sameCache.getOrInsertLeaderValue(attention.getValue()));
  });
  for (Value cache : keyCaches)
    if (valueCaches.contains(cache))
      return emitError(cache.getLoc(),
                       "a cache is read as keys and as values, which are laid "
                       "out differently");
  return success();
}

bool ModuleFacts::isKeyCache(Value cache) const {
  auto leader = sameCache.findLeader(cache);
  return leader != sameCache.member_end() && keyCaches.contains(*leader);
}

void ModuleFacts::placeParams() {
  int64_t end = 0;
  if (auto bytes = module->getAttrOfType<IntegerAttr>("sinter.weights_bytes"))
    end = bytes.getInt();
  for (auto param : module.getOps<ParamOp>()) {
    if (param.getOffsets())
      continue;
    SmallVector<int64_t> offsets;
    for (int64_t i = 0; i < int64_t(param.getLayers().value_or(1)); ++i) {
      offsets.push_back(end);
      end += weightBytes(cast<RankedTensorType>(param.getType()));
    }
    param.setOffsets(offsets);
  }
  module->setAttr(
      "sinter.weights_bytes",
      IntegerAttr::get(IntegerType::get(module.getContext(), 64), end));
}
