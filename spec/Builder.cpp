//===- Builder.cpp - From an evaluated model to IR ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Builder.h"

#include "dialect/IR/StoredLayout.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <map>

using namespace mlir;
using namespace sinter;

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
  void buildBegin(const TowerPlan &tower);
  void buildFeatures(const TowerPlan &tower);
  void buildEncode(const TowerPlan &tower, const TowerPlan &decoder);
  void startEntry(llvm::StringRef name, llvm::ArrayRef<NamedType> inputs,
                  llvm::ArrayRef<NamedType> results);
  void addTowerInputs(const TowerPlan &tower, std::vector<NamedType> &inputs);
  Value runTower(const TowerPlan &tower, Value ids,
                 const char *table = "embed");
  Value positions(const TowerPlan &tower, Value ids, int64_t offset);
  Value embed(const TowerPlan &tower, Value ids, const char *table);
  Value angles(const TowerPlan &tower, const RopePlan &rope, Value ids);
  Value relative(const TowerPlan &tower);
  void computeShared(const TowerPlan &tower, Value ids);
  void stack(const TowerPlan &tower, llvm::StringRef suffix,
             llvm::ArrayRef<std::string> carried,
             llvm::ArrayRef<std::string> shared);
  Value unset(Type wanted);
  Value finalNorm(const TowerPlan &tower, Value x);
  Value head(const TowerPlan &tower, Value x);
  void finish(llvm::ArrayRef<NamedType> results);

  ModuleOp module;
  const ModelPlan &plan;
  const WeightTable &table;
  const BuildOptions &options;
  OpEmitter e;
  std::map<std::string, Value> named; ///< of the entry being built
};

std::vector<std::string> namesOf(llvm::ArrayRef<NamedType> values) {
  std::vector<std::string> names;
  for (const NamedType &value : values)
    names.push_back(value.first);
  return names;
}

/// Whether entries make this shared value themselves.
bool isComputed(llvm::StringRef name) {
  return name.starts_with("angles.") || name.starts_with("factors.") ||
         name == "relative" || name == "token_ids" || name == "embedded";
}

const char *resultName(const TowerPlan &tower) {
  return !tower.head          ? "last_hidden_state"
         : tower.head->linear ? "logits"
         : tower.head->pool   ? "embedding"
                              : "last_hidden_state";
}

/// Features of each token or, of pooled ones, of each sequence.
RankedTensorType resultType(const TowerPlan &tower, OpEmitter &e) {
  if (!tower.head)
    return e.activation({tower.hidden});
  int64_t tokens = tower.head->pool ? 1 : ShapedType::kDynamic;
  return RankedTensorType::get(
      {ShapedType::kDynamic, tokens, tower.head->outputs},
      e.builder.getF32Type());
}

/// The input that a growing rotary base depends on.
const char *lengthName(const RopePlan &rope) {
  return rope.ofPrompt ? "prompt_length" : "length";
}

} // namespace

void ModelBuilder::build() {
  declareParams();
  const TowerPlan &tower = plan.tower;
  for (size_t form = 0; form < tower.forms.size(); ++form)
    buildForm(module, tower, form, options);
  if (plan.encoder) {
    for (size_t form = 0; form < plan.encoder->forms.size(); ++form)
      buildForm(module, *plan.encoder, form, options);
    for (size_t form = 0; form < tower.forms.size(); ++form)
      buildCrossForm(module, tower, form, plan.encoder->hidden, options);
    buildEncode(*plan.encoder, tower);
  }
  if (tower.prompt.tokens)
    buildBegin(tower);
  // A decoder without a head is for embeddings alone.
  if (tower.head || !tower.cached)
    buildForward(tower);
  if (plan.embedding)
    buildFeatures(tower);
}

void ModelBuilder::declareParams() {
  OpBuilder &b = e.builder;
  b.setInsertionPointToEnd(module.getBody());
  for (const WeightTable::Param &param : table.params()) {
    auto type = RankedTensorType::get(param.shape,
                                      typeOf(module.getContext(), param.type));
    ParamOp::create(
        b, e.loc, b.getStringAttr(param.symbol), TypeAttr::get(type),
        param.layers ? b.getI64IntegerAttr(param.layers) : IntegerAttr(),
        DenseI64ArrayAttr());
  }
}

//===----------------------------------------------------------------------===//
// Pieces
//===----------------------------------------------------------------------===//

void ModelBuilder::startEntry(llvm::StringRef name,
                              llvm::ArrayRef<NamedType> inputs,
                              llvm::ArrayRef<NamedType> results) {
  OpBuilder &b = e.builder;
  b.setInsertionPointToEnd(module.getBody());
  std::vector<Type> in, out;
  for (const NamedType &input : inputs)
    in.push_back(input.second);
  for (const NamedType &result : results)
    out.push_back(result.second);
  auto function =
      func::FuncOp::create(b, e.loc, name, b.getFunctionType(in, out));
  for (auto [at, input] : llvm::enumerate(inputs))
    function.setArgAttr(at, "sinter.name", b.getStringAttr(input.first));
  for (auto [at, result] : llvm::enumerate(results))
    function.setResultAttr(at, "sinter.name", b.getStringAttr(result.first));
  b.setInsertionPointToStart(function.addEntryBlock());
  named.clear();
  for (auto [at, input] : llvm::enumerate(inputs))
    named[input.first] = function.getArgument(at);
}

/// Returns what `named` has under the names of the results.
void ModelBuilder::finish(llvm::ArrayRef<NamedType> results) {
  std::vector<Value> values;
  for (const NamedType &result : results)
    values.push_back(named[result.first]);
  func::ReturnOp::create(e.builder, e.loc, values);
}

/// Inputs that the tower's layers and embeddings ask for, beyond ids and past.
void ModelBuilder::addTowerInputs(const TowerPlan &tower,
                                  std::vector<NamedType> &inputs) {
  auto add = [&](const NamedType &input) {
    if (!llvm::is_contained(namesOf(inputs), input.first))
      inputs.push_back(input);
  };
  if (tower.tokenTypes)
    add({"token_type_ids", e.idsOfTokens()});
  for (const NamedType &input : sharedInputs(tower, options))
    if (!isComputed(input.first))
      add(input);
  for (const RopePlan &rope : tower.ropes) {
    if (rope.isDynamic())
      add({lengthName(rope), e.idsOfSequences()});
    if (!rope.input.empty())
      add({rope.input, e.idsOfTokens()});
  }
}

Value ModelBuilder::positions(const TowerPlan &tower, Value ids,
                              int64_t offset) {
  e.at(tower.prefix + "positions", tower.embedLoc);
  if (!tower.prompt.counted)
    offset -= tower.prompt.tokens;
  return PositionsOp::create(e.builder, e.loc, ids.getType(), named["past"],
                             ids, offset);
}

Value ModelBuilder::embed(const TowerPlan &tower, Value ids,
                          const char *tokens) {
  OpBuilder &b = e.builder;
  auto lookUp = [&](Value rows, const char *table) -> Value {
    llvm::StringRef part = llvm::StringRef(table) == "embed" ? "tokens" : table;
    e.at(tower.prefix + "embed." + part.str(), tower.embedLoc);
    const WeightUse &use = tower.uses.at(table);
    return EmbedOp::create(b, e.loc, e.activation({use.shape[1]}), rows,
                           e.weight(use, Value()));
  };
  auto project = [&](Value x, TowerPlan::Project place) {
    if (tower.project != place)
      return x;
    e.at(tower.prefix + "embed.project", tower.embedLoc);
    return e.linear(x, tower.uses, "embed.project", Value());
  };
  Value x = lookUp(ids, tokens);
  // Learned tokens are as they go in.
  if (llvm::StringRef(tokens) == "embed") {
    x = e.scale(x, tower.embedScale);
    x = project(x, TowerPlan::Project::Tokens);
  }
  auto norm = [&](Value y) {
    e.at(tower.prefix + "embed.norm", tower.embedLoc);
    return e.norm(y, *tower.embedNorm, tower.uses, "embed_norm", Value());
  };
  if (tower.embedNorm && tower.normsTokens)
    x = norm(x);
  const PositionsPlan &place = tower.positions;
  if (place.kind != PositionsPlan::Kind::None) {
    Value at = place.skipsPadding
                   ? MaskPositionsOp::create(b, e.loc, ids.getType(),
                                             named["attention_mask"], ids,
                                             Value(), place.offset)
                   : positions(tower, ids, place.offset);
    Value p;
    if (place.kind == PositionsPlan::Kind::Learned)
      p = lookUp(at, "positions");
    else
      p = SinusoidsOp::create(
          b, e.loc, x.getType(), at, e.constant(place.frequencies),
          place.neighbours ? RopePairs::Neighbours : RopePairs::Halves);
    x = e.add(x, p);
  }
  if (tower.tokenTypes)
    x = e.add(x, lookUp(named["token_type_ids"], "types"));
  x = project(x, TowerPlan::Project::Sum);
  if (tower.embedNorm && !tower.normsTokens)
    x = norm(x);
  return project(x, TowerPlan::Project::All);
}

Value ModelBuilder::angles(const TowerPlan &tower, const RopePlan &rope,
                           Value ids) {
  OpBuilder &b = e.builder;
  Value at = rope.input.empty() ? positions(tower, ids, 0) : named[rope.input];
  e.at(tower.prefix + "rope", tower.stackLoc);
  Value frequencies;
  auto type = RankedTensorType::get({ShapedType::kDynamic, rope.dims / 2},
                                    b.getF32Type());
  if (!rope.isDynamic()) {
    frequencies = e.constant(rope.frequencies);
  } else if (rope.ntk == RopePlan::Ntk::None) {
    frequencies = LengthFrequenciesOp::create(
        b, e.loc, type, named[lengthName(rope)], e.constant(rope.frequencies),
        e.constant(rope.longFrequencies), rope.trained);
  } else {
    frequencies = NtkFrequenciesOp::create(
        b, e.loc, type, named[lengthName(rope)],
        rope.ntk == RopePlan::Ntk::Linear ? NtkKind::Linear
                                          : NtkKind::PowerOfTwo,
        llvm::APFloat(rope.theta), rope.trained, llvm::APFloat(rope.factor));
  }
  Value growth = rope.growth.empty() ? Value() : e.constant(rope.growth);
  return RopeAnglesOp::create(b, e.loc, e.activation({rope.dims / 2, 2}), at,
                              frequencies, e.f32(rope.scale), growth,
                              b.getI64IntegerAttr(rope.origin));
}

/// Features (1, rows, hidden) of relative positions.
Value ModelBuilder::relative(const TowerPlan &tower) {
  OpBuilder &b = e.builder;
  const RelativePlan &plan = *tower.relative;
  e.at(tower.prefix + "relative", tower.stackLoc);
  auto type =
      RankedTensorType::get({1, plan.rows, tower.hidden}, b.getF32Type());
  Value rows = e.rowNumbers(plan.first, plan.rows);
  Value x;
  if (plan.frequencies.empty())
    x = EmbedOp::create(b, e.loc, type, rows,
                        e.weight(tower.uses, "relative", Value()));
  else
    x = SinusoidsOp::create(b, e.loc, type, rows, e.constant(plan.frequencies),
                            RopePairs::Halves);
  return plan.norm ? e.norm(x, tower.norm, tower.uses, "relative_norm", Value())
                   : x;
}

/// What all layers read and the entry computes.
void ModelBuilder::computeShared(const TowerPlan &tower, Value ids) {
  for (auto [at, rope] : llvm::enumerate(tower.ropes))
    named["angles." + std::to_string(at)] = angles(tower, rope, ids);
  for (auto [at, factors] : llvm::enumerate(tower.factors)) {
    // The op counts from 1.
    Value place = positions(tower, ids, factors.first - 1);
    named["factors." + std::to_string(at)] = PositionFactorsOp::create(
        e.builder, e.loc, e.activation({}), place, factors.kind, factors.length,
        llvm::APFloat(float(factors.gain)));
  }
  if (tower.relative)
    named["relative"] = relative(tower);
}

/// Runs the layers: carried values, by name, become the stack's results.
void ModelBuilder::stack(const TowerPlan &tower, llvm::StringRef suffix,
                         llvm::ArrayRef<std::string> carried,
                         llvm::ArrayRef<std::string> shared) {
  OpBuilder &b = e.builder;
  e.at(tower.prefix + "stack", tower.stackLoc);
  SmallVector<Attribute> forms;
  for (const FormPlan &form : tower.forms)
    forms.push_back(
        FlatSymbolRefAttr::get(b.getContext(), form.symbol + suffix.str()));
  SmallVector<int32_t> layers;
  for (const LayerPlan &layer : tower.layers)
    layers.push_back(int32_t(layer.form));
  auto values = [&](llvm::ArrayRef<std::string> names) {
    std::vector<Value> out;
    for (const std::string &name : names)
      out.push_back(named[name]);
    return out;
  };
  std::vector<Value> in = values(carried);
  auto op =
      StackOp::create(b, e.loc, TypeRange(ValueRange(in)),
                      b.getArrayAttr(forms), b.getDenseI32ArrayAttr(layers),
                      ValueRange(in), ValueRange(values(shared)));
  for (auto [name, result] : llvm::zip(carried, op.getResults()))
    named[name] = result;
}

/// What is carried in place of a value before a layer remembers one: any
/// numbers, which no layer reads.
Value ModelBuilder::unset(Type wanted) {
  auto type = cast<RankedTensorType>(wanted);
  int64_t width = type.getDimSize(2);
  Value x = named["x"];
  int64_t hidden = cast<RankedTensorType>(x.getType()).getDimSize(2);
  if (int64_t copies = (width + hidden - 1) / hidden; copies > 1) {
    std::vector<Value> inputs(copies, x);
    x = ConcatOp::create(e.builder, e.loc, e.activation({copies * hidden}),
                         inputs);
  }
  return x.getType() == type
             ? x
             : SliceOp::create(e.builder, e.loc, type, x, 0).getResult();
}

/// From ids to the last layer's features; caches change in `named`.
Value ModelBuilder::runTower(const TowerPlan &tower, Value ids,
                             const char *table) {
  named["x"] = named["embedded"] = embed(tower, ids, table);
  named["token_ids"] = ids;
  computeShared(tower, ids);
  std::vector<std::string> carried{"x"};
  llvm::append_range(carried, namesOf(cacheInputs(tower, options)));
  for (const NamedType &value : rememberedInputs(tower, options)) {
    named[value.first] = unset(value.second);
    carried.push_back(value.first);
  }
  if (tower.streams > 1) {
    std::vector<Value> copies(size_t(tower.streams), named["x"]);
    named["x"] = ConcatOp::create(
        e.builder, e.loc, e.activation({tower.streams * tower.hidden}), copies);
  }
  stack(tower, "", carried, namesOf(sharedInputs(tower, options)));
  if (tower.streams > 1)
    named["x"] =
        readStreams(e, tower, tower.lastRead, tower.uses, named["x"], Value());
  return named["x"];
}

Value ModelBuilder::finalNorm(const TowerPlan &tower, Value x) {
  if (!tower.finalNorm)
    return x;
  e.at(tower.prefix + "norm", tower.normLoc);
  return e.norm(x, *tower.finalNorm, tower.uses, "norm", Value());
}

Value ModelBuilder::head(const TowerPlan &tower, Value x) {
  OpBuilder &b = e.builder;
  const HeadPlan &plan = *tower.head;
  if (plan.pool) {
    e.at("head.pool", plan.loc);
    auto type = RankedTensorType::get({ShapedType::kDynamic, 1, tower.hidden},
                                      b.getF32Type());
    x = PoolOp::create(b, e.loc, type, *plan.pool, x, named["attention_mask"]);
  }
  if (plan.transform) {
    e.at("head.transform", plan.loc);
    x = e.linear(x, plan.uses, "head.dense", Value());
    x = UnaryOp::create(b, e.loc, x.getType(), plan.transform->activation, x);
    if (plan.transform->norm)
      x = e.norm(x, *plan.transform->norm, plan.uses, "head.norm", Value());
  }
  e.at("head", plan.loc);
  if (plan.project)
    x = e.linear(x, plan.uses, "head.project", Value());
  x = e.scale(x, plan.inputScale);
  Value y = plan.linear ? e.linear(x, plan.uses, "head", Value()) : x;
  y = e.scale(y, plan.scale);
  if (plan.softCap > 0)
    y = SoftCapOp::create(b, e.loc, y.getType(), y, e.f32(plan.softCap));
  if (plan.normalize) {
    // Rows of root mean square 1 have the length sqrt(n).
    y = RmsNormOp::create(b, e.loc, y.getType(), y, Value(), e.f32(0),
                          UnitAttr());
    y = e.scale(y, 1 / std::sqrt(double(plan.outputs)));
  }
  if (plan.logSoftmax)
    y = LogSoftmaxOp::create(b, e.loc, y.getType(), y);
  return y;
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

void ModelBuilder::buildForward(const TowerPlan &tower) {
  std::string ids = plan.encoder ? "decoder_input_ids" : "input_ids";
  std::vector<NamedType> inputs = {{ids, e.idsOfTokens()},
                                   {"past", e.idsOfSequences()}};
  if (tower.cached)
    inputs.push_back({"last", e.builder.getIndexType()});
  std::vector<NamedType> caches = cacheInputs(tower, options);
  llvm::append_range(inputs, caches);
  addTowerInputs(tower, inputs);
  std::vector<NamedType> results = {{resultName(tower), resultType(tower, e)}};
  llvm::append_range(results, caches);

  e.at("forward", tower.stackLoc);
  startEntry("forward", inputs, results);
  Value x = runTower(tower, named[ids]);
  if (tower.cached) {
    // Only the tokens that are asked about pay for the head.
    e.at("last", tower.normLoc);
    x = LastOp::create(e.builder, e.loc, x.getType(), x, named["last"]);
  }
  x = finalNorm(tower, x);
  named[results[0].first] = tower.head ? head(tower, x) : x;
  e.at("forward", tower.stackLoc);
  finish(results);
}

/// Features, and one vector for each text. A head with logits is left out; one
/// that makes features makes these, unless the checkpoint says what does.
void ModelBuilder::buildFeatures(const TowerPlan &tower) {
  const EmbeddingPlan &embedding = *plan.embedding;
  bool hasHead = tower.head && !tower.head->linear && !embedding.ofCheckpoint;
  bool headPools = hasHead && tower.head->pool;
  std::vector<NamedType> inputs = {{"input_ids", e.idsOfTokens()},
                                   {"past", e.idsOfSequences()}};
  std::vector<NamedType> caches = cacheInputs(tower, options);
  llvm::append_range(inputs, caches);
  addTowerInputs(tower, inputs);
  bool pools = !headPools && !embedding.pools.empty();
  if (pools)
    inputs.push_back({"pool_mask", e.idsOfTokens()});
  int64_t width = hasHead && !headPools ? tower.head->outputs : tower.hidden;
  std::vector<NamedType> results = {
      {"last_hidden_state", e.activation({width})}};
  if (headPools)
    results.push_back({"embedding", resultType(tower, e)});
  else if (pools)
    results.push_back(
        {"embedding", RankedTensorType::get(
                          {ShapedType::kDynamic, 1, embedding.outputs(width)},
                          e.builder.getF32Type())});
  llvm::append_range(results, caches);

  e.at("features", tower.stackLoc);
  startEntry("features", inputs, results);
  Value x = finalNorm(tower, runTower(tower, named["input_ids"]));
  named["last_hidden_state"] = x = hasHead && !headPools ? head(tower, x) : x;
  if (headPools)
    named["embedding"] = head(tower, x);
  else if (pools)
    named["embedding"] =
        buildEmbedding(e, embedding, tower.normLoc, x, named["pool_mask"]);
  e.at("features", tower.stackLoc);
  finish(results);
}

/// Puts learned tokens into the caches; ids count them.
void ModelBuilder::buildBegin(const TowerPlan &tower) {
  std::vector<NamedType> inputs = {{"input_ids", e.idsOfTokens()},
                                   {"past", e.idsOfSequences()}};
  std::vector<NamedType> caches = cacheInputs(tower, options);
  llvm::append_range(inputs, caches);
  if (!tower.prompt.states)
    addTowerInputs(tower, inputs);
  for (size_t form = 0; tower.prompt.states && form < tower.forms.size();
       ++form)
    buildPromptForm(module, tower, form, options);

  e.at("begin", tower.stackLoc);
  startEntry("begin", inputs, caches);
  if (tower.prompt.states)
    stack(tower, ".prompt", namesOf(caches), {"input_ids", "past"});
  else
    runTower(tower, named["input_ids"], "prompt");
  e.at("begin", tower.stackLoc);
  finish(caches);
}

/// The encoder, and the keys and values that the decoder's layers make of it.
void ModelBuilder::buildEncode(const TowerPlan &tower,
                               const TowerPlan &decoder) {
  std::vector<NamedType> inputs = {{"input_ids", e.idsOfTokens()},
                                   {"past", e.idsOfSequences()}};
  addTowerInputs(tower, inputs);
  std::vector<NamedType> caches = crossInputs(decoder, options);
  llvm::append_range(inputs, caches);
  std::vector<NamedType> results = {
      {"encoder_last_hidden_state", e.activation({tower.hidden})}};
  llvm::append_range(results, caches);

  e.at("encode", tower.stackLoc);
  startEntry("encode", inputs, results);
  Value x = finalNorm(tower, runTower(tower, named["input_ids"]));
  named["encoder_last_hidden_state"] = x;
  stack(decoder, ".cross", namesOf(caches),
        {"encoder_last_hidden_state", "past"});
  e.at("encode", tower.stackLoc);
  finish(results);
}

OwningOpRef<ModuleOp> sinter::buildModule(MLIRContext &context,
                                          const ModelPlan &plan,
                                          const WeightTable &table,
                                          const BuildOptions &options) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  ModelBuilder(*module, plan, table, options).build();
  return module;
}
