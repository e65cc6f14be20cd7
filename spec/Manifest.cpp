//===- Manifest.cpp - What a program knows of its model -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Manifest.h"

#include "formats/Json.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sinter;
using Json = nlohmann::json;

namespace {

std::string printType(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// {"name", "type", "shape"}: dynamic dimensions are B and `tokens`; caches and
/// numbers have no shape.
Json describe(StringAttr name, Type type, llvm::StringRef tokens) {
  Json json = {{"name", name ? name.str() : ""}};
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor) {
    json["type"] = isa<CacheType>(type) ? "cache" : printType(type);
    return json;
  }
  json["type"] = printType(tensor.getElementType());
  json["shape"] = Json::array();
  for (auto [at, dim] : llvm::enumerate(tensor.getShape()))
    if (dim != ShapedType::kDynamic)
      json["shape"].push_back(dim);
    else
      json["shape"].push_back(at == 0 ? "B" : tokens.str());
  return json;
}

Json describeEntry(func::FuncOp function) {
  std::vector<StringAttr> names;
  for (unsigned at = 0; at < function.getNumArguments(); ++at)
    names.push_back(function.getArgAttrOfType<StringAttr>(at, "sinter.name"));
  auto has = [&](llvm::StringRef name) {
    return llvm::any_of(
        names, [&](StringAttr n) { return n && n.getValue() == name; });
  };
  Json inputs = Json::array(), outputs = Json::array();
  for (auto [name, type] : llvm::zip(names, function.getArgumentTypes()))
    // A decoder's mask is over the encoder's tokens.
    inputs.push_back(describe(name, type,
                              has("encoder_past") && name &&
                                      name.getValue() == "attention_mask"
                                  ? "S"
                                  : "T"));
  for (auto [at, type] : llvm::enumerate(function.getResultTypes()))
    outputs.push_back(
        describe(function.getResultAttrOfType<StringAttr>(at, "sinter.name"),
                 type, has("last") ? "last" : "T"));
  return {{"inputs", inputs}, {"outputs", outputs}};
}

Json describeEntries(ModuleOp module) {
  Json entries = Json::object();
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isPrivate())
      entries[function.getName().str()] = describeEntry(function);
  return entries;
}

/// What inputs may hold and how they go on: "advance", by how much a token of
/// those that are generated; "below", what no value reaches. "segments" says
/// that it matters how the input is cut.
void addInputs(Json &manifest, const TowerPlan &tower) {
  for (const RopePlan &rope : tower.ropes)
    if (!rope.input.empty())
      manifest["inputs"][rope.input] = {{"advance", rope.advance}};
  if (tower.tokenTypes)
    manifest["inputs"]["token_type_ids"] = {
        {"below", tower.uses.at("types").shape[0]}};
  for (const LayerPlan &layer : tower.layers)
    for (const StepPlan &step : layer.steps)
      for (const PartPlan &part : step.parts)
        if (auto *attention = std::get_if<AttentionPlan>(&part.what))
          if (attention->memory)
            manifest["segments"] = true;
}

/// An id or a list of ids; anything else counts as absent.
void addIds(Json &list, const Json &value) {
  if (value.is_number_integer() && value.get<int64_t>() >= 0)
    list.push_back(value);
  for (const Json &item : value.is_array() ? value : Json::array())
    if (item.is_number_integer() && !llvm::is_contained(list, item))
      list.push_back(item);
}

/// Ids that begin and end a text, and the one that a decoder begins with. A
/// HuggingFace folder's generation settings go before its model's.
void addEndings(Json &manifest, const Checkpoint &checkpoint) {
  Json eos = Json::array(), bos = Json::array(), start = Json::array();
  auto takeInto = [](Json &list, const Json &from, const std::string &key) {
    if (list.empty() && from.contains(key))
      addIds(list, from[key]);
  };
  auto take = [&](const Json &from, const char *eosKey, const char *bosKey) {
    takeInto(eos, from, eosKey);
    takeInto(bos, from, bosKey);
    takeInto(start, from, "decoder_start_token_id");
  };
  if (checkpoint.configKind() == CheckpointKind::Gguf) {
    take(checkpoint.config(), "tokenizer.ggml.eos_token_id",
         "tokenizer.ggml.bos_token_id");
    takeInto(start, checkpoint.config(),
             checkpoint.config().value("general.architecture", "") +
                 ".decoder_start_token_id");
    for (const char *key :
         {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"})
      if (checkpoint.config().contains(key) &&
          !llvm::is_contained(eos, checkpoint.config()[key]))
        addIds(eos, checkpoint.config()[key]);
  } else {
    auto side = checkpoint.sideFile("generation_config.json");
    if (side && *side) {
      JsonLimits limits;
      limits.nonFinite = true;
      Result<Json> settings =
          parseJson(**side, "generation_config.json", limits);
      if (settings && settings->is_object())
        take(*settings, "eos_token_id", "bos_token_id");
    }
    take(checkpoint.config(), "eos_token_id", "bos_token_id");
  }
  manifest["eos"] = eos;
  if (!bos.empty())
    manifest["bos"] = bos[0];
  if (!start.empty() && manifest["kind"] == "seq2seq")
    manifest["decoder_start"] = start[0];
}

std::string nameOfModel(const Checkpoint &checkpoint) {
  for (const char *key : {"general.name", "_name_or_path", "model_type",
                          "general.architecture"}) {
    auto it = checkpoint.config().find(key);
    if (it != checkpoint.config().end() && it->is_string() &&
        !it->get<std::string>().empty())
      return it->get<std::string>();
  }
  return "model";
}

} // namespace

Json sinter::makeManifest(const ModelPlan &plan, const WeightTable &table,
                          const Checkpoint &checkpoint, ModuleOp module) {
  Json manifest = {{"kind", plan.kind},
                   {"name", nameOfModel(checkpoint)},
                   {"vocab", plan.tower.vocab},
                   {"context", plan.context},
                   {"layers", plan.tower.layers.size()},
                   {"forms", plan.tower.forms.size()},
                   {"parameters", table.parameterCount()},
                   {"entries", describeEntries(module)}};
  // Caches begin with so many tokens of zeros: the first `past`.
  if (plan.start)
    manifest["start"] = plan.start;
  // Or with learned tokens, which the entry @begin puts there.
  const PromptPlan &prompt = plan.tower.prompt;
  if (prompt.tokens) {
    manifest["start"] = prompt.tokens;
    manifest["context"] = plan.context - prompt.counted * prompt.tokens;
  }
  // Caches that are rings, the shortest: tokens that a query sees of them.
  int64_t ring = 0;
  for (const CachePlan &cache : plan.tower.caches)
    if (cache.ring && (!ring || cache.ring < ring))
      ring = cache.ring;
  if (ring)
    manifest["ring"] = ring;
  if (plan.blank)
    manifest["blank"] = {{"begins", plan.blank->begins},
                         {"marks", plan.blank->marks}};
  if (plan.encoder)
    manifest["source_vocab"] = plan.encoder->vocab;
  addInputs(manifest, plan.tower);
  if (plan.encoder)
    addInputs(manifest, *plan.encoder);
  addEndings(manifest, checkpoint);
  return manifest;
}

void sinter::addEmbedding(Json &manifest, const TextEmbedding &embedding) {
  Json &to = manifest["embedding"] = {{"pools_prompt", embedding.poolsPrompt}};
  if (embedding.losesFirst)
    to["loses_first"] = true;
  if (embedding.mostTokens)
    to["most_tokens"] = embedding.mostTokens;
  for (const auto &[name, prompt] : embedding.prompts)
    to["prompts"].push_back({{"name", name}, {"text", prompt}});
  if (!embedding.defaultPrompt.empty())
    to["default"] = embedding.defaultPrompt;
}

Attribute sinter::toAttribute(MLIRContext &context, const Json &json) {
  Builder b(&context);
  if (json.is_object()) {
    NamedAttrList list;
    for (const auto &[key, value] : json.items())
      list.append(b.getStringAttr(key), toAttribute(context, value));
    return list.getDictionary(&context);
  }
  if (json.is_array()) {
    SmallVector<Attribute> list;
    for (const Json &item : json)
      list.push_back(toAttribute(context, item));
    return b.getArrayAttr(list);
  }
  if (json.is_string())
    return b.getStringAttr(json.get<std::string>());
  if (json.is_boolean())
    return b.getBoolAttr(json.get<bool>());
  if (json.is_number_float())
    return b.getF64FloatAttr(json.get<double>());
  return b.getI64IntegerAttr(json.get<int64_t>());
}
