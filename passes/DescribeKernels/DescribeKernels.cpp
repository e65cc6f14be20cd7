//===- DescribeKernels.cpp - What each kernel has to do -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A name is made of what stands in a kernel: the weights that it multiplies by,
// or the ops of a row kernel.
//
//===----------------------------------------------------------------------===//

#include "passes/DescribeKernels/DescribeKernels.h"

#include "dialect/IR/Fusion.h"
#include "dialect/IR/StoredLayout.h"
#include "passes/PlanMemory/PlanMemory.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_DESCRIBEKERNELS
#include "passes/DescribeKernels/DescribeKernels.h.inc"

namespace {

/// Numbers that a token has in a tensor.
int64_t featuresOfRow(RankedTensorType type) {
  int64_t features = 1;
  for (int64_t size :
       type.getShape().drop_front(std::min<size_t>(2, type.getShape().size())))
    features *= size;
  return features;
}

/// Bytes of a token's row of an activation; 0 for what is none.
int64_t bytesOfRow(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() < 2 || value.getDefiningOp<WeightOp>() ||
      value.getDefiningOp<arith::ConstantOp>())
    return 0;
  return tokenBytes(type);
}

StringRef unitOf(Type activations, Type weights) {
  Type from = getElementTypeOrSelf(activations);
  if (isa<BlockType>(from))
    return "int8";
  return from.isBF16() && getElementTypeOrSelf(weights).isBF16() ? "bf16"
                                                                 : "f32";
}

/// "layer.attention.q", "layer.attention.k" -> "attention.q+k".
std::string joinWeights(ArrayRef<StringRef> params) {
  std::string joined;
  for (StringRef param : params) {
    auto [before, last] = param.rsplit('.');
    if (!joined.empty())
      joined += "+" + (last.empty() ? before : last).str();
    else if (last.empty())
      joined = param.str();
    else
      joined = (before.substr(before.rfind('.') + 1) + "." + last).str();
  }
  return joined;
}

/// Counts the work of one kernel.
class Description {
public:
  Description(ModuleOp module, func::FuncOp function)
      : module(module), function(function), builder(module.getContext()) {}

  DictionaryAttr of(Operation *kernel) {
    if (auto fused = dyn_cast<FusedOp>(kernel))
      ofFused(fused);
    else if (auto attention = dyn_cast<AttentionOp>(kernel))
      ofAttention(attention);
    else
      ofMoe(cast<MoeOp>(kernel));
    set("function", function.getName());
    set("rows", plannedRowsOfWork(kernel).name());
    set("flops", flops);
    set("memory", memory);
    set("memory_row", memoryRow);
    set("near_row", nearRow);
    return row.getDictionary(module.getContext());
  }

private:
  void set(StringRef key, int64_t value) {
    row.set(key, builder.getI64IntegerAttr(value));
  }
  void set(StringRef key, StringRef value) {
    row.set(key, builder.getStringAttr(value));
  }

  void ofFused(FusedOp fused);
  void ofOp(Operation &op);
  void ofAttention(AttentionOp attention);
  void ofMoe(MoeOp moe);
  std::string nameOfInput(Value value);
  SmallVector<std::pair<StackOp, int64_t>> layersOf();
  ArrayAttr windowsOf(Value window);

  ModuleOp module;
  func::FuncOp function;
  Builder builder;
  NamedAttrList row;
  int64_t flops = 0, memory = 0, memoryRow = 0, nearRow = 0;
  SmallVector<StringRef> multiplied, others; ///< params
  SmallVector<StringRef> mnemonics;
  StringRef unit = "f32";
};

/// What an op is called in the name of its kernel.
static StringRef wordOf(Operation &op) {
  auto quantize = dyn_cast<QuantizeOp>(op);
  if (!quantize)
    return op.getName().stripDialect();
  Type from = getElementTypeOrSelf(quantize.getInput().getType());
  Type to = getElementTypeOrSelf(quantize.getResult().getType());
  // Of float models nothing is rounded: tokens are laid out in tiles.
  return from == to ? "tile" : isa<FloatType>(to) ? "round" : "quantize";
}

void Description::ofOp(Operation &op) {
  if (auto weight = dyn_cast<WeightOp>(op)) {
    bool rowsOnly = llvm::all_of(
        weight->getUsers(), [](Operation *user) { return isa<EmbedOp>(user); });
    auto type = cast<RankedTensorType>(weight.getType());
    if (rowsOnly)
      memoryRow += storedBytes(type.getElementType(), type.getShape().back());
    else
      memory += weightBytes(type);
    bool matrix = llvm::any_of(weight->getUsers(), [&](Operation *user) {
      auto linear = dyn_cast<LinearOp>(user);
      return linear && linear.getWeight() == weight.getResult();
    });
    (matrix ? multiplied : others).push_back(weight.getParam());
    return;
  }
  if (auto linear = dyn_cast<LinearOp>(op)) {
    auto type = cast<RankedTensorType>(linear.getWeight().getType());
    flops += 2 * type.getNumElements();
    if (unit == "f32")
      unit = unitOf(linear.getInput().getType(), type);
    return;
  }
  if (isa<YieldOp, LayerValueOp, ReshapeOp, arith::ConstantOp>(op))
    return;
  if (StringRef word = wordOf(op);
      mnemonics.empty() || mnemonics.back() != word)
    mnemonics.push_back(word);
  if (auto append = dyn_cast<AppendOp>(op)) {
    auto type = cast<RankedTensorType>(append.getInput().getType());
    CacheType cache = append.getCache().getType();
    memoryRow += storedBytes(cache.getElementType(), featuresOfRow(type));
    return;
  }
  if (auto type = dyn_cast<RankedTensorType>(op.getResult(0).getType()))
    flops += featuresOfRow(type);
}

void Description::ofFused(FusedOp fused) {
  Block &body = fused.getBody().front();
  llvm::SmallSetVector<Value, 8> read;
  for (Operation &op : body) {
    ofOp(op);
    for (Value operand : op.getOperands())
      if (operand.getParentBlock() != &body)
        read.insert(operand);
  }
  for (Value value : read)
    nearRow += bytesOfRow(value);
  for (Value result : fused.getResults())
    nearRow += bytesOfRow(result);
  bool linear = !multiplied.empty();
  set("kind", linear ? "linear" : "rows");
  set("unit", unit);
  std::string name =
      linear ? joinWeights(multiplied) : llvm::join(mnemonics, "+");
  if (!linear && !others.empty())
    name += " (" + joinWeights(others) + ")";
  set("name", name);
}

/// The layers that this function computes.
SmallVector<std::pair<StackOp, int64_t>> Description::layersOf() {
  SmallVector<std::pair<StackOp, int64_t>> layers;
  module.walk([&](StackOp stack) {
    for (auto [layer, form] : llvm::enumerate(stack.getLayers())) {
      auto name = cast<FlatSymbolRefAttr>(stack.getForms()[form]).getValue();
      if (name == function.getName())
        layers.push_back({stack, int64_t(layer)});
    }
  });
  return layers;
}

/// The entry's input that a value is, through the stack that passes it on.
std::string Description::nameOfInput(Value value) {
  auto argument = dyn_cast_or_null<BlockArgument>(value);
  if (!argument)
    return "";
  func::FuncOp owner = function;
  auto layers = layersOf();
  if (!layers.empty()) {
    StackOp stack = layers.front().first;
    size_t shared = stack.getCarried().size() + 1;
    if (argument.getArgNumber() < shared)
      return "";
    value = stack.getShared()[argument.getArgNumber() - shared];
    argument = dyn_cast<BlockArgument>(value);
    owner = stack->getParentOfType<func::FuncOp>();
  }
  if (!argument)
    return "";
  auto name = owner.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                 "sinter.name");
  return name ? name.str() : "tokens";
}

ArrayAttr Description::windowsOf(Value window) {
  SmallVector<int64_t> windows;
  IntegerAttr constant;
  if (auto value = window ? window.getDefiningOp<LayerValueOp>() : nullptr) {
    auto table = module.lookupSymbol<LayerTableOp>(value.getTable());
    for (auto [stack, layer] : layersOf())
      if (layer < int64_t(table.getValues().size()))
        windows.push_back(cast<IntegerAttr>(table.getValues()[layer]).getInt());
  } else if (window && matchPattern(window, m_Constant(&constant))) {
    windows.push_back(constant.getInt());
  }
  if (windows.empty())
    windows.push_back(0);
  // One is enough where all are equal.
  if (llvm::all_equal(windows))
    windows.resize(1);
  return builder.getI64ArrayAttr(windows);
}

void Description::ofAttention(AttentionOp attention) {
  auto query = cast<RankedTensorType>(attention.getQuery().getType());
  auto result = cast<RankedTensorType>(attention.getResult().getType());
  int64_t heads = query.getDimSize(2);
  int64_t keyDim = query.getDimSize(3), valueDim = result.getDimSize(3);
  set("kind", "attention");
  set("name", "attention");
  set("unit", "f32");
  set("pair_flops", 2 * heads * (keyDim + valueDim));
  int64_t keyBytes = 0;
  for (Value keys : {attention.getKey(), attention.getValue()})
    if (auto cache = dyn_cast<CacheType>(keys.getType()))
      keyBytes += storedBytes(cache.getElementType(),
                              cache.getHeads() * cache.getDim());
    else
      nearRow += bytesOfRow(keys);
  set("key_bytes", keyBytes);
  set("mask", stringifyMask(attention.getMask()));
  row.set("windows", windowsOf(attention.getWindow()));
  if (attention.getPast())
    set("past", nameOfInput(attention.getPast()));
  else if (attention.getKeys())
    set("keys", nameOfInput(attention.getKeys()));
  nearRow +=
      bytesOfRow(attention.getQuery()) + bytesOfRow(attention.getResult());
}

void Description::ofMoe(MoeOp moe) {
  auto ids = cast<RankedTensorType>(moe.getIds().getType());
  int64_t chosen = ids.getShape().back(), experts = 1, expertBytes = 0;
  for (Value value : {moe.getGate(), moe.getUp(), moe.getDown()}) {
    if (!value)
      continue;
    auto type = cast<RankedTensorType>(value.getType());
    experts = type.getDimSize(0);
    expertBytes += weightBytes(type) / experts;
    flops += 2 * chosen * type.getNumElements() / experts;
    if (auto weight = value.getDefiningOp<WeightOp>())
      multiplied.push_back(weight.getParam());
  }
  set("kind", "moe");
  set("name", joinWeights(multiplied));
  set("unit", moe.getQuantized()
                  ? StringRef("int8")
                  : unitOf(moe.getInput().getType(), moe.getUp().getType()));
  set("experts", experts);
  set("chosen", chosen);
  set("expert_bytes", expertBytes);
  nearRow += bytesOfRow(moe.getInput()) + bytesOfRow(moe.getResult());
}

struct DescribeKernels : impl::DescribeKernelsBase<DescribeKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    Builder builder(&getContext());
    SmallVector<Attribute> rows;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      for (Operation &op : function.getBody().front()) {
        if (!isa<KernelOpInterface>(op) || op.getNumResults() == 0)
          continue;
        op.setAttr("sinter.kernel", builder.getI64IntegerAttr(rows.size()));
        rows.push_back(Description(module, function).of(&op));
      }
    }
    numKernels += rows.size();
    module->setAttr("sinter.kernels", builder.getArrayAttr(rows));
  }
};

} // namespace
} // namespace sinter
