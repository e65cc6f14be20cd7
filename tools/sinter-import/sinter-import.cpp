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
#include "tools/common/Tool.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

#include "dialect/IR/Sinter.h"

using namespace sinter;
namespace cl = llvm::cl;

namespace {
struct Settings {
  cl::opt<std::string> model{cl::Positional, cl::desc("MODEL")};
  cl::opt<std::string> spec{
      "spec", cl::value_desc("FILE"),
      cl::desc("the spec (default: the one that is for the configuration)")};
  cl::opt<std::string> config{
      "config", cl::value_desc("FILE"),
      cl::desc("the configuration, where there is no MODEL")};
  cl::opt<std::string> weights{"weights", cl::value_desc("FILE"),
                               cl::desc("the weights that go with --config")};
  cl::opt<uint64_t> seed{"random-weights", cl::value_desc("SEED"),
                         cl::desc("make up weights instead of reading any")};
  cl::list<std::string> set{
      "set", cl::value_desc("KEY=VALUE"),
      cl::desc("another value for a key of the configuration")};
  cl::opt<std::string> cache{"cache", cl::init("f32"), cl::value_desc("TYPE"),
                             cl::desc("type of the caches")};
  cl::opt<std::string> quant{"quant", cl::value_desc("TYPE"),
                             cl::desc("round matrices of floats to this type")};
  cl::opt<bool> listKeys{
      "list-keys",
      cl::desc("print which keys of the configuration the spec knows")};
  cl::opt<bool> locations{"locations", cl::desc("print locations")};
  cl::opt<bool> digest{"digest", cl::desc("read every weight, print its hash")};
};
} // namespace

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

static int fail(const std::string &message) {
  llvm::errs() << "error: " << printable(message) << '\n';
  return 1;
}

static int printModule(Model &loaded, bool locations) {
  mlir::OpPrintingFlags flags;
  if (locations)
    flags.enableDebugInfo();
  loaded.module->print(llvm::outs(), flags);
  return 0;
}

static LoadOptions loadOptions(const Settings &settings,
                               const char *executable) {
  LoadOptions options;
  options.model = settings.model;
  options.specPath = settings.spec;
  options.configPath = settings.config;
  options.weightsPath = settings.weights;
  options.cacheType = settings.cache;
  if (settings.seed.getNumOccurrences())
    options.randomSeed = settings.seed;
  for (const std::string &assignment : settings.set) {
    auto [key, value] = llvm::StringRef(assignment).split('=');
    options.overrides.push_back({key.str(), value.str()});
  }
  options.searchDirs = specSearchDirs(
      installedPath(thisExecutable(executable), "share/sinter/models"));
  if (settings.listKeys)
    options.listKeys = &llvm::outs();
  return options;
}

static int work(const Settings &settings, const char *executable) {
  LoadOptions options = loadOptions(settings, executable);
  if (options.model.empty() && options.configPath.empty()) {
    fail("expected MODEL, or --spec and --config");
    return 2;
  }
  std::optional<ElementType> type;
  if (!settings.quant.empty()) {
    type = elementTypeByName(settings.quant);
    if (!type || !isBlockType(*type)) {
      fail("--quant: no such type");
      return 2;
    }
  }
  mlir::MLIRContext context;
  llvm::Expected<Model> loaded = loadModel(context, options);
  if (!loaded) {
    llvm::errs() << printable(llvm::toString(loaded.takeError())) << '\n';
    return 1;
  }
  if (settings.listKeys)
    return 0;
  if (type)
    quantizeWeights(*loaded, *type);
  for (const std::string &warning : loaded->warnings)
    llvm::errs() << "warning: " << printable(warning) << '\n';
  if (!settings.digest || !loaded->weights)
    return printModule(*loaded, settings.locations);
  if (llvm::Error error = printDigest(*loaded))
    return fail(llvm::toString(std::move(error)));
  return 0;
}

int main(int argc, char **argv) {
  return runTool("sinter-import", argc, argv, [&] {
    Settings settings;
    cl::ParseCommandLineOptions(argc, argv, "Prints the IR of a model\n");
    return work(settings, argv[0]);
  });
}
