//===- Builder.cpp - From an evaluated model to IR ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Builder.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace sinter;

std::vector<Type> sinter::cacheTypes(const TowerPlan &tower,
                                     const BuildOptions &options) {
  std::vector<Type> types;
  MLIRContext *context = options.cacheElement.getContext();
  for (const CachePlan &cache : tower.caches)
    for (int64_t dim : {cache.dim, cache.valueDim})
      types.push_back(CacheType::get(context, cache.slots, cache.kvHeads, dim,
                                     options.cacheElement, /*ring=*/0));
  return types;
}

namespace {

/// Builds the entry functions.
class ModelBuilder {
public:
  ModelBuilder(ModuleOp module, const ModelPlan &plan, const WeightTable &table,
               const BuildOptions &options)
      : module(module), plan(plan), table(table), options(options),
        e(OpBuilder(module.getBodyRegion()), module.getLoc()) {}

  void build();

private:
  void declareParams();
  void buildForward(const TowerPlan &tower);
  func::FuncOp startEntry(llvm::StringRef name,
                          llvm::ArrayRef<std::pair<std::string, Type>> inputs,
                          llvm::ArrayRef<std::pair<std::string, Type>> results);
  Value embed(const TowerPlan &tower, Value ids, Value positions);
  Value angles(const RopePlan &rope, Value positions);
  std::vector<Value> stack(const TowerPlan &tower,
                           llvm::ArrayRef<Value> carried,
                           llvm::ArrayRef<Value> shared);
  Value head(const TowerPlan &tower, Value x);

  ModuleOp module;
  const ModelPlan &plan;
  const WeightTable &table;
  const BuildOptions &options;
  Emitter e;
};

std::vector<std::string> cacheNames(const TowerPlan &tower) {
  std::vector<std::string> names;
  for (size_t at = 0; at < tower.caches.size(); ++at)
    for (const char *what : {"keys", "values"})
      names.push_back(tower.prefix + what +
                      (at ? "." + std::to_string(at) : ""));
  return names;
}

} // namespace

void ModelBuilder::build() {
  declareParams();
  for (size_t form = 0; form < plan.tower.forms.size(); ++form)
    buildForm(module, plan.tower, form, options);
  buildForward(plan.tower);
}

void ModelBuilder::declareParams() {
  OpBuilder &b = e.builder;
  b.setInsertionPointToEnd(module.getBody());
  for (const WeightTable::Param &param : table.params()) {
    auto type = RankedTensorType::get(param.shape, e.elementType(param.type));
    ParamOp::create(
        b, e.loc, b.getStringAttr(param.symbol), TypeAttr::get(type),
        param.layers ? b.getI64IntegerAttr(param.layers) : IntegerAttr(),
        DenseI64ArrayAttr());
  }
}

func::FuncOp
ModelBuilder::startEntry(llvm::StringRef name,
                         llvm::ArrayRef<std::pair<std::string, Type>> inputs,
                         llvm::ArrayRef<std::pair<std::string, Type>> results) {
  OpBuilder &b = e.builder;
  b.setInsertionPointToEnd(module.getBody());
  std::vector<Type> in, out;
  for (const auto &[label, type] : inputs)
    in.push_back(type);
  for (const auto &[label, type] : results)
    out.push_back(type);
  auto function =
      func::FuncOp::create(b, e.loc, name, b.getFunctionType(in, out));
  for (auto [at, input] : llvm::enumerate(inputs))
    function.setArgAttr(at, "sinter.name", b.getStringAttr(input.first));
  for (auto [at, result] : llvm::enumerate(results))
    function.setResultAttr(at, "sinter.name", b.getStringAttr(result.first));
  b.setInsertionPointToStart(function.addEntryBlock());
  return function;
}

Value ModelBuilder::embed(const TowerPlan &tower, Value ids, Value positions) {
  e.at("embed", tower.embedLoc);
  auto type = e.activation({tower.hidden});
  Value x = EmbedOp::create(e.builder, e.loc, type, ids,
                            e.weight(tower.uses, "embed", Value()));
  x = e.scale(x, tower.embedScale);
  if (tower.learnedPositions) {
    e.at("embed.positions", tower.embedLoc);
    Value p = EmbedOp::create(e.builder, e.loc, type, positions,
                              e.weight(tower.uses, "positions", Value()));
    x = e.add(x, p);
  }
  if (tower.embedNorm) {
    e.at("embed.norm", tower.embedLoc);
    x = e.norm(x, tower.norm, tower.uses, "embed_norm", Value());
  }
  return x;
}

Value ModelBuilder::angles(const RopePlan &rope, Value positions) {
  e.at("rope", plan.tower.stackLoc);
  return RopeAnglesOp::create(e.builder, e.loc,
                              e.activation({rope.dims / 2, 2}), positions,
                              e.constant(rope.frequencies), e.f32(rope.scale));
}

std::vector<Value> ModelBuilder::stack(const TowerPlan &tower,
                                       llvm::ArrayRef<Value> carried,
                                       llvm::ArrayRef<Value> shared) {
  OpBuilder &b = e.builder;
  e.at(tower.prefix + "stack", tower.stackLoc);
  SmallVector<Attribute> forms;
  for (const FormPlan &form : tower.forms)
    forms.push_back(FlatSymbolRefAttr::get(b.getContext(), form.symbol));
  SmallVector<int32_t> layers;
  for (const LayerPlan &layer : tower.layers)
    layers.push_back(int32_t(layer.form));
  auto op = StackOp::create(
      b, e.loc, TypeRange(ValueRange(carried)), b.getArrayAttr(forms),
      b.getDenseI32ArrayAttr(layers), ValueRange(carried), ValueRange(shared));
  return {op.getResults().begin(), op.getResults().end()};
}

Value ModelBuilder::head(const TowerPlan &tower, Value x) {
  const HeadPlan &plan = *tower.head;
  e.at("head", plan.loc);
  Value logits = e.linear(x, plan.uses, "head", Value());
  logits = e.scale(logits, plan.scale);
  if (plan.softCap > 0)
    logits = SoftCapOp::create(e.builder, e.loc, logits.getType(), logits,
                               e.f32(plan.softCap));
  return logits;
}

void ModelBuilder::buildForward(const TowerPlan &tower) {
  OpBuilder &b = e.builder;
  int64_t any = ShapedType::kDynamic;
  auto ids = RankedTensorType::get({any, any}, b.getI32Type());
  std::vector<std::pair<std::string, Type>> inputs = {
      {"input_ids", ids},
      {"past", RankedTensorType::get({any}, b.getI32Type())},
      {"last", b.getIndexType()}};
  std::vector<std::pair<std::string, Type>> results = {
      {"logits", e.activation({tower.vocab})}};
  for (auto [name, type] :
       llvm::zip(cacheNames(tower), cacheTypes(tower, options))) {
    inputs.push_back({name, type});
    results.push_back({name, type});
  }
  e.at("forward", tower.stackLoc);
  func::FuncOp function = startEntry("forward", inputs, results);
  Value tokens = function.getArgument(0), past = function.getArgument(1);
  Value last = function.getArgument(2);

  e.at("positions", tower.embedLoc);
  Value positions;
  if (!tower.ropes.empty() || tower.learnedPositions)
    positions =
        PositionsOp::create(b, e.loc, ids, past, tokens, tower.positionOffset);
  std::vector<Value> carried{embed(tower, tokens, positions)};
  for (size_t at = 3; at < function.getNumArguments(); ++at)
    carried.push_back(function.getArgument(at));
  std::vector<Value> shared{past};
  for (const RopePlan &rope : tower.ropes)
    shared.push_back(angles(rope, positions));
  std::vector<Value> out = stack(tower, carried, shared);

  // Only the tokens that are asked about pay for the head.
  e.at("last", tower.normLoc);
  Value x = LastOp::create(b, e.loc, out[0].getType(), out[0], last);
  if (tower.finalNorm) {
    e.at("norm", tower.normLoc);
    x = e.norm(x, tower.norm, tower.uses, "norm", Value());
  }
  out[0] = head(tower, x);
  e.at("forward", tower.stackLoc);
  func::ReturnOp::create(b, e.loc, out);
}

OwningOpRef<ModuleOp> sinter::buildModule(MLIRContext &context,
                                          const ModelPlan &plan,
                                          const WeightTable &table,
                                          const BuildOptions &options) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  ModelBuilder(*module, plan, table, options).build();
  return module;
}
