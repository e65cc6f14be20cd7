//===- Model.cpp - From spec and checkpoint to IR -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Model.h"

#include "spec/Builder.h"
#include "spec/KeyCheck.h"
#include "spec/Manifest.h"
#include "spec/ModelPart.h"
#include "spec/Planner.h"
#include "spec/SamplingDefaults.h"
#include "spec/SpecSearch.h"
#include "spec/TextEmbedding.h"

#include "mlir/IR/Verifier.h"

#include <filesystem>

using namespace sinter;

namespace {

llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Expected<Checkpoint> openCheckpoint(const LoadOptions &options) {
  Result<Checkpoint> checkpoint =
      !options.model.empty() ? Checkpoint::open(options.model)
      : !options.weightsPath.empty()
          ? Checkpoint::openParts(options.configPath, options.weightsPath)
          : Checkpoint::openConfig(options.configPath);
  if (!checkpoint)
    return fail("error: " + checkpoint.message());
  return std::move(*checkpoint);
}

mlir::Type cacheElement(mlir::MLIRContext &context, llvm::StringRef name) {
  mlir::Builder builder(&context);
  if (name == "f32")
    return builder.getF32Type();
  if (name == "bf16")
    return builder.getBF16Type();
  if (name == "f16")
    return builder.getF16Type();
  return {};
}

/// The sections of a spec.
struct Sections {
  const YamlNode *config, *instead, *complete, *assumes, *harmless, *require,
      *model, *weights, *ignored;
};

Sections readSections(const YamlNode &root, Scope &scope,
                      Diagnostics &diagnostics) {
  Fields fields(root, "a spec", scope, diagnostics);
  fields.text("about");
  fields.get("like"); // done by the reader, as are
  fields.get("parts");
  if (const YamlNode *node = fields.need("matches")) {
    Fields matches(*node, "matches", scope, diagnostics);
    for (llvm::StringRef key :
         {"model_type", "gguf.architecture", "with", "without"})
      matches.get(key);
    matches.finish();
  }
  Sections sections;
  sections.config = fields.need("config");
  sections.instead = fields.get("instead");
  sections.complete = fields.get("complete");
  sections.assumes = fields.get("assumes");
  sections.harmless = fields.get("harmless");
  sections.require = fields.get("require");
  sections.model = fields.need("model");
  sections.weights = fields.need("weights");
  sections.ignored = fields.get("ignored");
  fields.finish();
  return sections;
}

/// Every key of the configuration must be read, assumed or harmless.
llvm::Error checkKeys(KeyCheck &keys, const Sections &sections,
                      const SpecFile &spec, const Checkpoint &checkpoint,
                      const LoadOptions &options) {
  if (sections.assumes)
    keys.readAssumptions(*sections.assumes);
  if (sections.harmless)
    keys.readHarmless(*sections.harmless);
  // A spec that stands apart from others may have its own list beside it.
  std::vector<std::string> folders = options.searchDirs;
  folders.push_back(std::filesystem::path(spec.path).parent_path().string());
  if (llvm::Error error = keys.readShared(folders))
    return error;
  std::set<std::string> used;
  for (const YamlNode *section :
       {sections.require, sections.model, sections.weights, sections.ignored})
    if (section)
      listNames(*section, used);
  keys.check(checkpoint, used);
  std::vector<std::string> set;
  for (const auto &[key, value] : options.overrides)
    set.push_back(key);
  keys.checkSet(*sections.config, used, set);
  if (!options.listKeys)
    return llvm::Error::success();
  keys.print(used, *options.listKeys);
  return llvm::Error::success();
}

} // namespace

llvm::Expected<Model> sinter::loadModel(mlir::MLIRContext &context,
                                        const LoadOptions &options) {
  Model result;
  mlir::Type cache = cacheElement(context, options.cacheType);
  if (!cache)
    return fail("error: caches hold f32, bf16 or f16, not " +
                options.cacheType);
  llvm::Expected<Checkpoint> opened = openCheckpoint(options);
  if (!opened)
    return opened.takeError();
  auto checkpoint = std::make_shared<const Checkpoint>(std::move(*opened));
  result.checkpoint = checkpoint;

  llvm::Expected<SpecFile> spec =
      findSpec(*checkpoint, options.specPath, options.searchDirs);
  std::vector<std::string> otherTensors;
  if (spec && isOfPart(*spec)) {
    llvm::Expected<ModelPart> part = findPart(*spec, *checkpoint);
    if (!part)
      return part.takeError();
    checkpoint = result.checkpoint =
        std::make_shared<const Checkpoint>(std::move(part->checkpoint));
    otherTensors = std::move(part->ignored);
    spec = findSpec(*checkpoint, "", options.searchDirs);
  }
  if (!spec)
    return spec.takeError();
  result.specFile = spec->path;

  Diagnostics diagnostics;
  Bindings bindings(*checkpoint, diagnostics);
  Sections sections = readSections(spec->root, bindings, diagnostics);
  if (diagnostics.failed())
    return diagnostics.take();
  bindings.read(*sections.config);
  bindings.override(options.overrides);
  if (sections.instead)
    bindings.readInstead(*sections.instead, options.overrides);
  if (sections.complete)
    bindings.checkComplete(*sections.complete);
  KeyCheck keys(bindings, diagnostics);
  if (llvm::Error error =
          checkKeys(keys, sections, *spec, *checkpoint, options))
    return error;
  WeightRules rules(*checkpoint, options.randomSeed, diagnostics);
  rules.read(*sections.weights);
  rules.ignore(std::move(otherTensors));
  std::optional<Adapter> adapter;
  if (!options.adapterPath.empty()) {
    Result<Adapter> read = Adapter::open(options.adapterPath);
    if (!read)
      return fail(read.message());
    if (!rules.hasTensors() ||
        (checkpoint->weightsKind() != CheckpointKind::HuggingFace &&
         !read->prompt()))
      return fail(options.adapterPath +
                  ": error: an adapter is for the weights "
                  "of a Hugging Face folder");
    adapter = std::move(*read);
    rules.use(*adapter);
  }
  bindings.isStored = [&](llvm::StringRef name) {
    return rules.isStored(name, -1, bindings);
  };
  if (sections.require)
    bindings.checkRequirements(*sections.require);
  if (diagnostics.failed())
    return diagnostics.take();

  Result<std::optional<TextEmbedding>> embedding =
      readTextEmbedding(*checkpoint);
  if (!embedding)
    return fail(embedding.message());
  auto table = std::make_shared<WeightTable>();
  ModelPlan plan = Planner(bindings, rules, *table,
                           *embedding ? &**embedding : nullptr, diagnostics)
                       .plan(*sections.model);
  if (!diagnostics.failed())
    rules.checkClaims(sections.ignored, bindings);
  if (diagnostics.failed())
    return diagnostics.take();

  context.loadDialect<SinterDialect, mlir::func::FuncDialect,
                      mlir::arith::ArithDialect>();
  result.module = buildModule(context, plan, *table, {cache});
  nlohmann::json manifest =
      makeManifest(plan, *table, *checkpoint, *result.module);
  if (*embedding) {
    addEmbedding(manifest, **embedding);
    result.lowerCase = (*embedding)->lowerCase;
  }
  nlohmann::json sampling = readSamplingDefaults(*checkpoint, diagnostics);
  if (!sampling.empty())
    manifest["sampling"] = std::move(sampling);
  (*result.module)->setAttr("sinter.manifest", toAttribute(context, manifest));
  result.manifest = manifest.dump();
  // A wrong spec is reported above; this finds mistakes of our own.
  if (mlir::failed(mlir::verify(*result.module)))
    return fail("error: " + spec->path + ": the module does not verify");
  if (rules.hasTensors() || options.randomSeed)
    result.weights = table;
  result.warnings = diagnostics.warnings();
  return result;
}
