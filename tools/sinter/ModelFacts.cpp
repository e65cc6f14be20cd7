//===- ModelFacts.cpp - What a model costs --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/ModelFacts.h"
#include "codegen/cpu/Emitter.h"
#include "dialect/IR/Sinter.h"
#include "dialect/IR/StoredLayout.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace sinter {

namespace {

/// Counts what @forward does, layer by layer.
class Counter {
public:
  Counter(ModuleOp module, ModelFacts &facts) : symbols(module), facts(facts) {}

  void count(func::FuncOp function, int64_t times);

private:
  void countLinear(LinearOp linear, int64_t times);
  void countAttention(AttentionOp attention, int64_t times);
  void countWeight(WeightOp weight, int64_t times);

  SymbolTable symbols;
  ModelFacts &facts;
  /// Bytes of weights outside of layers: a step reads them once, whole if any
  /// op needs them whole.
  llvm::StringMap<int64_t> shared;
};

} // namespace

static std::string nameOfType(Type element) {
  if (auto block = dyn_cast<BlockType>(element))
    return stringifyBlockFormat(block.getFormat()).str();
  std::string name;
  llvm::raw_string_ostream(name) << element;
  return name;
}

void Counter::count(func::FuncOp function, int64_t times) {
  function.walk([&](Operation *op) {
    if (auto linear = dyn_cast<LinearOp>(op))
      countLinear(linear, times);
    else if (auto quantize = dyn_cast<QuantizeOp>(op))
      facts.crest =
          std::max(facts.crest, quantize.getCrest().convertToDouble());
    else if (auto attention = dyn_cast<AttentionOp>(op))
      countAttention(attention, times);
    else if (auto weight = dyn_cast<WeightOp>(op))
      countWeight(weight, times);
    else if (auto stack = dyn_cast<StackOp>(op)) {
      std::vector<int64_t> layers(stack.getForms().size());
      for (int32_t form : stack.getLayers())
        ++layers[size_t(form)];
      for (auto [form, number] : llvm::zip(stack.getForms(), layers)) {
        StringRef name = cast<FlatSymbolRefAttr>(form).getValue();
        facts.forms[name.str()] += number;
        count(symbols.lookup<func::FuncOp>(name), times * number);
      }
    }
  });
}

void Counter::countLinear(LinearOp linear, int64_t times) {
  auto weight = cast<RankedTensorType>(linear.getWeight().getType());
  facts.linearFlops += 2 * times * weight.getNumElements();
  facts.linears += times;
  // Kernels hide who rounded; the dialect's own activations are f32.
  Type input = getElementTypeOrSelf(linear.getInput().getType());
  if (!input.isF32())
    facts.roundedLinears[nameOfType(input)] += times;
}

void Counter::countAttention(AttentionOp attention, int64_t times) {
  auto query = cast<RankedTensorType>(attention.getQuery().getType());
  auto result = cast<RankedTensorType>(attention.getResult().getType());
  int64_t heads = query.getDimSize(2);
  facts.attentionFlops +=
      2 * times * heads * (query.getDimSize(3) + result.getDimSize(3));
}

void Counter::countWeight(WeightOp weight, int64_t times) {
  auto type = cast<RankedTensorType>(weight.getType());
  bool rowOnly = llvm::all_of(weight->getUsers(),
                              [](Operation *op) { return isa<EmbedOp>(op); });
  int64_t bytes =
      rowOnly ? storedBytes(type.getElementType(), type.getShape().back())
              : weightBytes(type);
  if (weight.getLayer()) {
    facts.tokenBytes += times * bytes;
    return;
  }
  int64_t &counted = shared[weight.getParam()];
  facts.tokenBytes += std::max<int64_t>(bytes - counted, 0);
  counted = std::max(counted, bytes);
}

ModelFacts factsOf(ModuleOp module) {
  ModelFacts facts;
  for (auto param : module.getOps<ParamOp>()) {
    auto type = cast<RankedTensorType>(param.getType());
    int64_t copies = param.getLayers().value_or(1);
    if (auto offsets = param.getOffsets())
      copies = llvm::count_if(*offsets, [](int64_t at) { return at >= 0; });
    ModelFacts::Stored &stored =
        facts.weights[nameOfType(type.getElementType())];
    stored.count += copies * type.getNumElements();
    stored.bytes += copies * weightBytes(type);
  }
  auto forward = module.lookupSymbol<func::FuncOp>("forward");
  if (!forward)
    return facts;
  for (Type type : forward.getArgumentTypes())
    if (auto cache = dyn_cast<CacheType>(type)) {
      int64_t bytes = cache.getSlots() * cache.getHeads() *
                      storedBytes(cache.getElementType(), cache.getDim());
      facts.cacheBytesPerToken += bytes;
      facts.cacheBytesOfRing[cache.getRing()] += bytes;
      facts.cacheType = nameOfType(cache.getElementType());
    }
  Counter(module, facts).count(forward, 1);
  return facts;
}

/// Adds up the arena of one function.
static ScratchFacts sizeOfArena(func::FuncOp function) {
  ScratchFacts facts;
  for (const Buffer &buffer : arenaOf(function)) {
    const Rows &rows = buffer.rows;
    if (buffer.owner != Buffer::Arena)
      continue;
    if (rows.kind == Rows::Tokens)
      facts.perToken += buffer.bytes;
    else if (rows.kind == Rows::Last)
      facts.perOutput += buffer.bytes;
    else
      (rows.kind == Rows::PerSequence ? facts.perSequence : facts.fixed) +=
          rows.count * buffer.bytes;
    facts.fixed += buffer.extra;
  }
  return facts;
}

ScratchFacts scratchOf(ModuleOp module) {
  SymbolTable symbols(module);
  auto forward = symbols.lookup<func::FuncOp>("forward");
  if (!forward)
    return {};
  ScratchFacts most; // of the forms; one runs at a time
  forward.walk([&](StackOp stack) {
    for (auto form : stack.getForms().getAsRange<FlatSymbolRefAttr>()) {
      auto called = symbols.lookup<func::FuncOp>(form.getValue());
      ScratchFacts facts = sizeOfArena(called);
      most.perToken = std::max(most.perToken, facts.perToken);
      most.perOutput = std::max(most.perOutput, facts.perOutput);
      most.perSequence = std::max(most.perSequence, facts.perSequence);
      most.fixed = std::max(most.fixed, facts.fixed);
    }
  });
  ScratchFacts total = sizeOfArena(forward);
  total.perToken += most.perToken;
  total.perOutput += most.perOutput;
  total.perSequence += most.perSequence;
  total.fixed += most.fixed;
  return total;
}

int64_t ModelFacts::cacheTokens(int64_t ring, int64_t context, int64_t chunk) {
  int64_t tokens = ring ? std::min(context, ring - 1 + chunk) : context;
  return llvm::alignTo(tokens, kCacheBlock);
}

int64_t ModelFacts::cacheBytes(int64_t context, int64_t chunk) const {
  int64_t total = 0;
  for (auto [ring, bytes] : cacheBytesOfRing)
    total += bytes * cacheTokens(ring, context, chunk);
  return total;
}

int64_t ModelFacts::parameters() const {
  int64_t total = 0;
  for (const auto &[type, stored] : weights)
    total += stored.count;
  return total;
}

int64_t ModelFacts::layers() const {
  int64_t total = 0;
  for (const auto &[form, count] : forms)
    total += count;
  return total;
}

} // namespace sinter
