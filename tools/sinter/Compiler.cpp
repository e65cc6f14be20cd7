//===- Compiler.cpp - From a model to a program, step by step -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Compiler.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/passes/GenerateCode/GenerateCode.h"
#include "codegen/link/WeightsSection.h"
#include "formats/Quantize.h"
#include "runtime/chat/ChatTemplate.h"
#include "runtime/text/Tokenizer.h"
#include "spec/QuantizeWeights.h"
#include "text/ImportTokenizer.h"
#include "tools/sinter/Insertion.h"
#include "tools/sinter/ModelFacts.h"
#include "tools/sinter/PrintChanges.h"
#include "tools/sinter/Reproducer.h"

#include "dialect/IR/Sinter.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

namespace sinter {

using llvm::Error;
using llvm::StringRef;

// An attribute of printed modules: where their weights are.
static constexpr llvm::StringLiteral kModelPath = "sinter.model";

Compiler::Compiler(const Invocation &invocation) : invocation(invocation) {}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

/// Fails unless an option's value is one of `allowed`.
static Error checkChoice(const Invocation &invocation, OptionID id,
                         StringRef name,
                         std::initializer_list<StringRef> allowed) {
  std::string value = invocation.get(id, *allowed.begin());
  if (llvm::is_contained(allowed, StringRef(value)))
    return Error::success();
  return usageError("--" + name + ": expected " + llvm::join(allowed, ", ") +
                    ", found '" + value + "'");
}

Error Compiler::readModelOptions() {
  request.specPath = invocation.get(OPT_spec);
  request.configPath = invocation.get(OPT_config);
  request.weightsPath = invocation.get(OPT_weights);
  request.adapterPath = invocation.get(OPT_adapter);
  std::string cache = invocation.get(OPT_cache, "auto");
  narrowCaches = cache == "auto";
  request.cacheType = narrowCaches ? "f32" : cache;
  request.searchDirs =
      specSearchDirs(invocation.installed("share/sinter/models"));
  if (!invocation.operands.empty()) {
    StringRef operand = invocation.operands.front();
    // `sinter compile SPEC.yaml --config FILE` names the spec first.
    bool isSpec = operand.ends_with(".yaml") && !request.configPath.empty();
    (isSpec ? request.specPath : request.model) = operand.str();
  }
  if (request.model.empty() && request.configPath.empty())
    return usageError("which model? Give a folder or a GGUF file");
  if (!request.model.empty() && !request.configPath.empty())
    return usageError("'" + request.model +
                      "' and --config exclude each other");
  llvm::Expected<std::optional<int64_t>> seed =
      invocation.integer(OPT_random_weights, 0);
  if (!seed)
    return seed.takeError();
  if (*seed)
    request.randomSeed = uint64_t(**seed);
  for (const std::string &text : invocation.args.getAllArgValues(OPT_set)) {
    auto [key, value] = StringRef(text).split('=');
    if (key.empty() || !StringRef(text).contains('='))
      return usageError("--set: expected KEY=VALUE, found '" + text + "'");
    request.overrides.emplace_back(key.str(), value.str());
  }
  // Types of blocks are written in capitals elsewhere.
  std::string quant = StringRef(invocation.get(OPT_quant, "none")).lower();
  if (quant != "none") {
    std::optional<ElementType> type = elementTypeByName(quant);
    if (!type || !isBlockType(*type) || !canQuantize(*type))
      return usageError("--quant: expected none, q8_0, q4_0 or q4_1, found '" +
                        invocation.get(OPT_quant) + "'");
    weightType = type;
  }
  if (Error error = checkTogether())
    return error;
  return checkChoice(invocation, OPT_cache, "cache",
                     {"auto", "f32", "bf16", "f16"});
}

/// Fails when an option would have no effect beside another.
Error Compiler::checkTogether() const {
  bool weights = invocation.has(OPT_weights);
  if (weights && !request.model.empty())
    return usageError("'" + request.model +
                      "' has its own weights; --weights goes with --config");
  if (weights && request.randomSeed)
    return usageError("--weights and --random-weights exclude each other");
  if (invocation.has(OPT_spec) && request.specPath != invocation.get(OPT_spec))
    return usageError("'" + request.specPath +
                      "' and --spec exclude each other");
  return Error::success();
}

Error Compiler::readOptions() {
  if (Error error = readModelOptions())
    return error;
  if (Error error = checkChoice(invocation, OPT_activations, "activations",
                                {"auto", "float", "int8", "int16"}))
    return error;
  activations = invocation.get(OPT_activations, "auto");
  if (Error error = checkChoice(invocation, OPT_target, "target", {"cpu"}))
    return error;
  if (Error error = checkChoice(invocation, OPT_dtype, "dtype", {"f32"}))
    return error;
  llvm::Expected<std::optional<int64_t>> most =
      invocation.integer(OPT_max_context, 1);
  if (!most)
    return most.takeError();
  maxContext = *most;
  Result<Target> target = parseTarget(invocation.get(OPT_features, "native"));
  if (!target)
    return usageError("--features: " + target.message());
  chosenTarget = std::move(*target);
  return Error::success();
}

std::string Compiler::optionsKey() const {
  // Not those that say where files are, whose contents count, nor those that
  // only say what is printed.
  std::string key;
  for (OptionID id : {OPT_random_weights, OPT_set, OPT_cache, OPT_max_context,
                      OPT_quant, OPT_activations, OPT_insert})
    for (const std::string &value : invocation.args.getAllArgValues(id))
      key += std::to_string(id) + " " + value + "\n";
  return key + chosenTarget->cpu + "\n" + chosenTarget->features + "\n" +
         chosenTarget->requiredFeatures() + "\n";
}

static std::string folderOf(StringRef path) {
  StringRef parent = llvm::sys::path::parent_path(path);
  return parent.empty() ? "." : parent.str();
}

InputFiles Compiler::inputs() const {
  InputFiles inputs;
  inputs.add(invocation.sinter);
  for (const std::string &path : {request.model, request.configPath,
                                  request.weightsPath, request.adapterPath})
    inputs.addModel(path);
  // Tokenizers lie beside a configuration.
  if (!request.configPath.empty())
    inputs.addModel(folderOf(request.configPath));
  inputs.add(request.specPath);
  std::vector<std::string> folders = request.searchDirs;
  folders.push_back(invocation.installed("lib/sinter"));
  for (const std::string &folder : folders)
    if (Result<std::vector<std::string>> files = filesIn(folder))
      for (const std::string &file : *files)
        inputs.add(file);
  if (!loaded || !loaded->checkpoint)
    return inputs;
  inputs.add(loaded->specFile);
  inputs.add(loaded->checkpoint->configFile());
  for (const StoredTensor &tensor : loaded->checkpoint->tensors())
    inputs.add(tensor.file->path());
  return inputs;
}

std::string Compiler::roundedWeights() const {
  if (!weightType)
    return "";
  return std::to_string(roundedParams) +
         " tensors of weights are rounded from floats to " +
         std::string(nameOf(*weightType)) + " (--quant=none avoids it)";
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

void Compiler::printTime(const char *step, double seconds) {
  if (invocation.has(OPT_time))
    llvm::errs() << llvm::formatv("{0,8:f3} s  {1}\n", seconds, step);
}

/// Sets a number of the manifest.
void Compiler::setManifest(StringRef key, int64_t value) {
  auto manifest =
      module()->getAttrOfType<mlir::DictionaryAttr>("sinter.manifest");
  mlir::NamedAttrList entries(manifest);
  auto type = mlir::IntegerType::get(context.get(), 64);
  entries.set(key, mlir::IntegerAttr::get(type, value));
  module()->setAttr("sinter.manifest", entries.getDictionary(context.get()));
}

/// Lowers the model's own limit to --max-context.
Error Compiler::limitContext() {
  auto manifest =
      module()->getAttrOfType<mlir::DictionaryAttr>("sinter.manifest");
  auto own = manifest ? manifest.getAs<mlir::IntegerAttr>("context") : nullptr;
  if (!maxContext || !own)
    return Error::success();
  if (own.getInt() < *maxContext)
    return failure("--max-context: this model takes at most " +
                   llvm::Twine(own.getInt()) + " tokens, by its configuration");
  setManifest("context", *maxContext);
  return Error::success();
}

/// Reads IR that was printed before; its weights are those of the model that
/// it was made of.
Error Compiler::loadPrinted() {
  std::string file = request.model;
  context->loadDialect<SinterDialect, cpu::CpuDialect>();
  auto parsed = mlir::parseSourceFile<mlir::ModuleOp>(file, context.get());
  if (!parsed)
    return failure(file + " cannot be read (see above)");
  loaded.emplace();
  if (auto model = (*parsed)->getAttrOfType<mlir::StringAttr>(kModelPath)) {
    request.model = model.getValue().str();
    llvm::Expected<Model> whole = loadModel(*context, request);
    if (!whole)
      return whole.takeError();
    loaded = std::move(*whole);
  }
  loaded->module = std::move(parsed);
  // What it was printed for, unless the user wants another.
  auto printed = module()->getAttrOfType<cpu::TargetAttr>(kTarget);
  if (printed && !invocation.has(OPT_features))
    chosenTarget = printed.describe();
  // It may have been printed with --quant.
  roundAsDeclared(*loaded);
  return Error::success();
}

Error Compiler::load() {
  context = std::make_unique<mlir::MLIRContext>();
  registerLlvmTranslations(*context);
  Error result = Error::success();
  double seconds = timed([&] {
    if (StringRef(request.model).ends_with(".mlir")) {
      result = loadPrinted();
      return;
    }
    llvm::Expected<Model> expected = loadModel(*context, request);
    if (expected)
      loaded = std::move(*expected);
    else
      result = expected.takeError();
  });
  if (result)
    return result;
  attachTarget(module(), *chosenTarget);
  if (weightType)
    roundedParams = quantizeWeights(*loaded, *weightType);
  if (weightType && !roundedParams)
    invocation.progress("note: --quant changes nothing: there is no matrix of "
                        "floats whose rows are whole blocks of 32");
  for (const std::string &warning : loaded->warnings)
    invocation.progress("warning: " + warning);
  if (Error error = limitContext())
    return error;
  printTime("load the model", seconds);
  return Error::success();
}

std::string Compiler::printModule(bool locations) {
  if (!request.model.empty())
    module()->setAttr(kModelPath,
                      mlir::StringAttr::get(context.get(), request.model));
  std::string text;
  llvm::raw_string_ostream stream(text);
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo(locations);
  module()->print(stream, flags);
  return text;
}

Error Compiler::runPasses(const char *step, mlir::PassManager &manager) {
  if (invocation.has(OPT_print_ir))
    printChanges(manager, llvm::errs());
  Reproducer reproducer(manager);
  bool good = false;
  double seconds =
      timed([&] { good = mlir::succeeded(manager.run(module())); });
  printTime(step, seconds);
  if (good)
    return Error::success();
  std::string repeat = reproducer.sentence();
  return failure(llvm::Twine("could not ") + step + " (see above)" +
                 (repeat.empty() ? "" : "; " + repeat));
}

void Compiler::setStageOptions(StageOptions &options) const {
  options.floatActivations = activations == "float";
  options.int16Activations = activations != "int8";
  if (activations == "int16")
    options.crest = 0;
  options.bf16Activations = activations == "auto";
  options.narrowCaches = narrowCaches;
}

std::vector<StagePass> Compiler::passes() const {
  StageOptions options;
  setStageOptions(options);
  return cpuStagePasses(options);
}

/// For pipelines that are given as text.
static void registerPasses() {
  static bool registered = [] {
    mlir::registerTransformsPasses();
    registerTensorPasses();
    registerCpuPasses();
    return true;
  }();
  (void)registered;
}

Error Compiler::runPipeline(StringRef pipeline) {
  registerPasses();
  std::string said;
  llvm::raw_string_ostream stream(said);
  mlir::ScopedDiagnosticHandler handler(
      context.get(), [&](mlir::Diagnostic &diagnostic) {
        stream << (said.empty() ? "" : "; ") << diagnostic;
        return mlir::success();
      });
  mlir::PassManager manager(context.get());
  if (mlir::failed(mlir::parsePassPipeline(pipeline, manager, stream)))
    return failure("passes '" + pipeline + "': " + StringRef(said).trim());
  if (mlir::failed(manager.run(module())))
    return failure(said);
  return Error::success();
}

Error Compiler::runUntil(StringRef stage) {
  registerPasses();
  std::vector<StagePass> all = passes();
  all.push_back({"sinter-to-llvm", "sinter-to-llvm"});
  std::vector<std::string> pipelines;
  StringRef last;
  for (const StagePass &pass : all) {
    if (last == stage && pass.stage != stage)
      break;
    last = pass.stage;
    pipelines.push_back(pass.pipeline);
  }
  if (last != stage) {
    std::vector<StringRef> names;
    for (const StagePass &pass : all)
      if (!llvm::is_contained(names, pass.stage))
        names.push_back(pass.stage);
    return unknownName("--stage", stage, names);
  }
  std::string said;
  llvm::raw_string_ostream stream(said);
  mlir::PassManager manager(context.get());
  if (mlir::failed(
          mlir::parsePassPipeline(llvm::join(pipelines, ","), manager, stream)))
    return failure(said);
  return runPasses("run the stages", manager);
}

Error Compiler::readModule(StringRef text) {
  auto parsed = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
  if (!parsed)
    return failure("the printed IR cannot be read (see above)");
  loaded->module = std::move(parsed);
  return Error::success();
}

/// The tensor stages, with a pipeline of --insert after one of their passes.
Error Compiler::buildStages(mlir::PassManager &manager,
                            const StageOptions &options) {
  std::string insert = invocation.get(OPT_insert);
  if (insert.empty()) {
    buildTensorStages(manager, options);
    return Error::success();
  }
  registerPasses();
  std::vector<StagePass> onTensors = passes();
  llvm::erase_if(onTensors, [](const StagePass &pass) {
    return pass.stage == "sinter-plan" || pass.stage == "sinter-lower";
  });
  llvm::Expected<Insertion> insertion = readInsertion(insert, onTensors);
  if (!insertion)
    return insertion.takeError();
  std::string said, all;
  for (const StagePass &pass : onTensors) {
    all += (all.empty() ? "" : ",") + pass.pipeline;
    if (insertion->comesAfter(pass))
      all += "," + insertion->pipeline;
  }
  llvm::raw_string_ostream stream(said);
  if (mlir::failed(mlir::parsePassPipeline(all, manager, stream)))
    return usageError("--insert: " + said);
  return Error::success();
}

Error Compiler::runTensorStages() {
  StageOptions options;
  setStageOptions(options);
  mlir::PassManager manager(context.get());
  if (Error error = buildStages(manager, options))
    return error;
  if (Error error = runPasses("fuse and pack", manager))
    return error;
  setManifest("token_bytes", factsOf(module()).tokenBytes);
  return Error::success();
}

/// The tokenizer's tables, or none with a note why.
static llvm::Expected<std::optional<std::vector<std::byte>>>
tokenizerTables(const Invocation &invocation, const Model &model,
                const std::vector<std::string> &searchDirs) {
  llvm::SmallString<128> path;
  for (const std::string &folder : searchDirs) {
    path = folder;
    llvm::sys::path::append(path, "tokenizers.yaml");
    if (llvm::sys::fs::exists(path))
      break;
  }
  Result<text::PatternCatalog> catalog =
      text::PatternCatalog::read(path.str().str());
  if (!catalog)
    return failure(catalog.message());
  Result<std::optional<text::ImportedTokenizer>> imported =
      text::importTokenizer(*model.checkpoint, *catalog, model.lowerCase);
  if (!imported)
    return failure(imported.message());
  if (!*imported) {
    invocation.progress("note: the model comes without a tokenizer; the "
                        "program takes tokens only (--input)");
    return std::nullopt;
  }
  for (const std::string &warning : (*imported)->warnings)
    invocation.progress("warning: " + warning);
  return std::move((*imported)->tables);
}

/// Says when --chat will not work.
static void checkChatTemplate(const Invocation &invocation,
                              std::span<const std::byte> tables) {
  Result<text::Tokenizer> tokenizer = text::Tokenizer::open(tables);
  if (!tokenizer || tokenizer->chatTemplate().empty())
    return;
  Result<ChatTemplate> parsed =
      ChatTemplate::parse(std::string(tokenizer->chatTemplate()));
  if (!parsed)
    invocation.progress("warning: --chat will not work: the chat template: " +
                        parsed.message());
}

llvm::Expected<std::vector<ProgramSection>> Compiler::sections(bool external) {
  if (!loaded->weights)
    return failure("a program needs weights: --weights or --random-weights");
  std::vector<ProgramSection> result;
  llvm::Expected<ProgramSection> weights =
      weightsSection(module(), loaded->weights);
  if (!weights)
    return weights.takeError();
  weights->external = external;
  result.push_back(std::move(*weights));
  if (!loaded->checkpoint)
    return result;
  llvm::Expected<std::optional<std::vector<std::byte>>> tables =
      tokenizerTables(invocation, *loaded, request.searchDirs);
  if (!tables)
    return tables.takeError();
  if (!*tables)
    return result;
  checkChatTemplate(invocation, **tables);
  ProgramSection &tokenizer = result.emplace_back();
  tokenizer.name = "tokenizer";
  tokenizer.bytes = (*tables)->size();
  tokenizer.write = [tables = std::make_shared<std::vector<std::byte>>(
                         std::move(**tables))](const SectionWriter &write) {
    return write(0,
                 llvm::ArrayRef(reinterpret_cast<const char *>(tables->data()),
                                tables->size()));
  };
  return result;
}

Error Compiler::planMemory() {
  mlir::PassManager manager(context.get());
  buildPlanStage(manager);
  return runPasses("plan memory", manager);
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
Compiler::emit(CodeFile kind) {
  mlir::PassManager manager(context.get());
  buildPlanStage(manager);
  buildLowerStage(manager);
  if (Error error = runPasses("plan memory and lower to loops", manager))
    return error;
  return generate(kind);
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
Compiler::generate(CodeFile kind) {
  mlir::PassManager convert(context.get());
  buildToLlvmStage(convert);
  if (Error error = runPasses("lower to LLVM", convert))
    return error;
  GenerateCodeOptions options;
  options.kind = kind == CodeFile::Object     ? "obj"
                 : kind == CodeFile::Assembly ? "asm"
                                              : "llvm";
  std::unique_ptr<llvm::MemoryBuffer> code;
  mlir::PassManager manager(context.get());
  manager.addPass(createGenerateCodeInto(code, options));
  if (Error error = runPasses("generate code", manager))
    return error;
  return code;
}

Error Compiler::link(const llvm::MemoryBuffer &object,
                     const std::vector<ProgramSection> &sections,
                     const std::string &output, bool shared) {
  LinkOptions options;
  options.output = output;
  options.shared = shared;
  options.partsDir = invocation.installed("lib/sinter");
  Error result = Error::success();
  double seconds = timed([&] {
    result = linkProgram(object.getMemBufferRef(), sections, options);
  });
  printTime("link, pack and write", seconds);
  return result;
}

Error Compiler::compileTo(const std::string &output, bool external,
                          bool shared) {
  if (Error error = runTensorStages())
    return error;
  llvm::Expected<std::vector<ProgramSection>> trailer = sections(external);
  if (!trailer)
    return trailer.takeError();
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> object =
      emit(CodeFile::Object);
  if (!object)
    return object.takeError();
  return link(**object, *trailer, output, shared);
}

} // namespace sinter
