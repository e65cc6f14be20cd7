//===- sinter-import.cpp - Prints the IR of a model -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// The front end by itself, for tests and for writing specs: reads a checkpoint
// through its spec and prints the module, or a digest of every weight.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"
#include "spec/Model.h"
#include "spec/QuantizeWeights.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

#include "dialect/IR/Sinter.h"

using namespace sinter;
namespace cl = llvm::cl;

static cl::opt<std::string> model(cl::Positional, cl::desc("MODEL"));
static cl::opt<std::string> spec("spec", cl::desc("spec file"));
static cl::opt<std::string> config("config", cl::desc("configuration"));
static cl::opt<std::string> weights("weights", cl::desc("weights"));
static cl::opt<uint64_t> seed("random-weights", cl::desc("seed"));
static cl::list<std::string> set("set", cl::desc("key=value"));
static cl::opt<std::string> cache("cache", cl::desc("type of the caches"),
                                  cl::init("f32"));
static cl::opt<std::string> quant("quant", cl::desc("type of matrices"));
static cl::opt<bool>
    listKeys("list-keys",
             cl::desc("print which keys of the configuration the spec knows"));
static cl::opt<bool> locations("locations", cl::desc("print locations"));
static cl::opt<bool> digest("digest",
                            cl::desc("read every weight, print its hash"));

/// "symbol[layer] type shape hash" for each weight, in the module's order.
static llvm::Error printDigest(Model &loaded) {
  for (auto param : loaded.module->getOps<ParamOp>()) {
    int64_t layers = param.getLayers().value_or(1);
    for (int64_t layer = 0; layer < layers; ++layer) {
      if (!loaded.weights->has(param.getSymName(), layer))
        continue;
      auto data = loaded.weights->read(param.getSymName(), layer);
      if (!data)
        return data.takeError();
      llvm::outs() << param.getSymName();
      if (param.getLayers())
        llvm::outs() << '[' << layer << ']';
      llvm::outs() << ' ' << std::string(nameOf(data->type));
      for (const int64_t &dim : data->shape)
        llvm::outs() << (&dim == data->shape.data() ? ' ' : 'x') << dim;
      auto bytes = data->bytes();
      llvm::ArrayRef<uint8_t> view(
          reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size());
      llvm::outs() << ' '
                   << llvm::format_hex_no_prefix(llvm::xxh3_64bits(view), 16)
                   << '\n';
    }
  }
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "Prints the IR of a model\n");
  exitOnVanishedPages();
  LoadOptions options;
  options.model = model;
  options.specPath = spec;
  options.configPath = config;
  options.weightsPath = weights;
  options.cacheType = cache;
  if (seed.getNumOccurrences())
    options.randomSeed = seed;
  for (const std::string &assignment : set) {
    auto [key, value] = llvm::StringRef(assignment).split('=');
    options.overrides.push_back({key.str(), value.str()});
  }
  options.searchDirs = specSearchDirs("");
  if (options.model.empty() && options.configPath.empty()) {
    llvm::errs() << "error: expected MODEL, or --spec and --config\n";
    return 2;
  }
  if (listKeys)
    options.listKeys = &llvm::outs();
  mlir::MLIRContext context;
  llvm::Expected<Model> loaded = loadModel(context, options);
  if (!loaded) {
    llvm::errs() << printable(llvm::toString(loaded.takeError())) << '\n';
    return 1;
  }
  if (listKeys)
    return 0;
  if (!quant.empty()) {
    std::optional<ElementType> type = elementTypeByName(quant);
    if (!type || !isBlockType(*type)) {
      llvm::errs() << "error: --quant: no such type\n";
      return 2;
    }
    quantizeWeights(*loaded, *type);
  }
  for (const std::string &warning : loaded->warnings)
    llvm::errs() << "warning: " << printable(warning) << '\n';
  if (digest && loaded->weights) {
    if (llvm::Error error = printDigest(*loaded)) {
      llvm::errs() << "error: " << printable(llvm::toString(std::move(error)))
                   << '\n';
      return 1;
    }
    return 0;
  }
  mlir::OpPrintingFlags flags;
  if (locations)
    flags.enableDebugInfo();
  loaded->module->print(llvm::outs(), flags);
  return 0;
}
