//===- sinter-inspect.cpp - What is in a checkpoint? ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Prints a checkpoint as the compiler sees it: configuration, tensors, values.
// For people who write specs, and for the tests of the readers.
//
//===----------------------------------------------------------------------===//

#include "formats/Checkpoint.h"
#include "formats/Text.h"

#include <bit>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace sinter;

namespace {

constexpr char usage[] =
    "usage: sinter-inspect MODEL [OPTION]...\n"
    "MODEL: HF folder | GGUF file | .safetensors file | index of shards\n"
    "  --weights PATH   weights from elsewhere; MODEL is the configuration\n"
    "  --config-only    do not look for weights\n"
    "  --config         print only the configuration, as JSON\n"
    "  --tensors        print only the tensors\n"
    "  --array KEY      print the elements of an array of GGUF metadata\n"
    "  --dump NAME      print a tensor's values: bits of the f32, and decimal\n"
    "  --side NAME      print a file that lies beside config.json\n";

constexpr int exitFailure = 1, exitUsage = 2;

struct Options {
  std::string model;
  std::string weights;
  std::string array;
  std::string dump;
  std::string side;
  bool configOnly = false;
  bool printConfig = false;
  bool printTensors = false;
};

/// False on anything that usage does not mention.
bool parseOptions(int argc, char **argv, Options &options) {
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    auto takesValue = [&](const char *name, std::string &value) {
      if (word != name || i + 1 == argc)
        return false;
      value = argv[++i];
      return true;
    };
    if (word == "--config-only")
      options.configOnly = true;
    else if (word == "--config")
      options.printConfig = true;
    else if (word == "--tensors")
      options.printTensors = true;
    else if (takesValue("--weights", options.weights) ||
             takesValue("--array", options.array) ||
             takesValue("--dump", options.dump) ||
             takesValue("--side", options.side))
      continue;
    else if (word.starts_with("--") || !options.model.empty())
      return false;
    else
      options.model = word;
  }
  return !options.model.empty();
}

int report(const std::string &message) {
  fprintf(stderr, "%s\n", printable(message).c_str());
  return exitFailure;
}

void printConfig(const Checkpoint &checkpoint) {
  printf("config: %.*s\n", int(nameOf(checkpoint.configKind()).size()),
         nameOf(checkpoint.configKind()).data());
  puts(printable(checkpoint.config().dump(1)).c_str());
}

void printTensors(const std::vector<StoredTensor> &tensors) {
  uint64_t bytes = 0, values = 0;
  for (const StoredTensor &tensor : tensors) {
    printf("%s %s %" PRIu64 " bytes at %" PRIu64 "\n",
           quote(tensor.name).c_str(),
           describe(tensor.type, tensor.shape).c_str(), tensor.bytes,
           tensor.offset);
    bytes += tensor.bytes;
    values += tensor.count;
  }
  printf("%zu tensors, %" PRIu64 " values, %" PRIu64 " bytes\n", tensors.size(),
         values, bytes);
}

int printValues(const StoredTensor *tensor, const std::string &name) {
  if (!tensor)
    return report("error: no tensor " + quote(name));
  Result<std::vector<float>> values = tensor->readAsF32();
  if (!values)
    return report(values.message());
  puts(describe(tensor->type, tensor->shape).c_str());
  for (float value : *values)
    printf("%08" PRIx32 " %.9g\n", std::bit_cast<uint32_t>(value), value);
  return 0;
}

template <typename T, typename Print>
int printElements(const Result<std::vector<T>> &elements, Print print) {
  if (!elements)
    return report(elements.message());
  for (const auto &element : *elements)
    print(element);
  return 0;
}

int printArray(const GgufFile &gguf, const std::string &key) {
  Result<GgufArray> array = gguf.getArray(key);
  if (!array)
    return report(array.message());
  switch (array->elementType) {
  case GgufType::String:
    return printElements(gguf.getStrings(key), [](const std::string &text) {
      puts(quote(text).c_str());
    });
  case GgufType::F32:
  case GgufType::F64:
    return printElements(gguf.getFloats(key),
                         [](double value) { printf("%.17g\n", value); });
  case GgufType::Bool:
    return printElements(gguf.getBools(key),
                         [](bool value) { puts(value ? "true" : "false"); });
  case GgufType::Array:
    return printElements(gguf.readArrays(*array), [](const GgufArray &inner) {
      printf("array of %" PRIu64 " %s\n", inner.count,
             std::string(nameOf(inner.elementType)).c_str());
    });
  default:
    return printElements(gguf.getInts(key),
                         [](int64_t value) { printf("%" PRId64 "\n", value); });
  }
}

int printSideFile(const Checkpoint &checkpoint, const std::string &name) {
  auto text = checkpoint.sideFile(name);
  if (!text)
    return report(text.message());
  if (!*text)
    return report("error: no file " + quote(name) + " beside " +
                  checkpoint.configFile());
  std::string shown = isatty(STDOUT_FILENO) ? printable(**text) : **text;
  fwrite(shown.data(), 1, shown.size(), stdout);
  return 0;
}

/// A weights file without a configuration.
int inspectWeights(const Options &options) {
  Result<Safetensors> weights = options.model.ends_with(".json")
                                    ? readShardedSafetensors(options.model)
                                    : readSafetensors(options.model);
  if (!weights)
    return report(weights.message());
  if (!options.dump.empty())
    return printValues(weights->find(options.dump), options.dump);
  for (const auto &[key, value] : weights->metadata)
    printf("%s: %s\n", quote(key).c_str(), quote(value).c_str());
  printTensors(weights->tensors);
  return 0;
}

Result<Checkpoint> openCheckpoint(const Options &options) {
  if (options.configOnly)
    return Checkpoint::openConfig(options.model);
  if (!options.weights.empty())
    return Checkpoint::openParts(options.model, options.weights);
  return Checkpoint::open(options.model);
}

int inspect(const Options &options) {
  if (options.weights.empty() && !options.configOnly &&
      (options.model.ends_with(".safetensors") ||
       options.model.ends_with(".index.json")))
    return inspectWeights(options);
  Result<Checkpoint> checkpoint = openCheckpoint(options);
  if (!checkpoint)
    return report(checkpoint.message());
  if (!options.dump.empty())
    return printValues(checkpoint->find(options.dump), options.dump);
  if (!options.side.empty())
    return printSideFile(*checkpoint, options.side);
  if (!options.array.empty()) {
    if (!checkpoint->gguf())
      return report("error: --array needs a GGUF file");
    return printArray(*checkpoint->gguf(), options.array);
  }
  if (!options.printTensors)
    printConfig(*checkpoint);
  if (checkpoint->hasWeights() && !options.printConfig)
    printTensors(checkpoint->tensors());
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  exitOnVanishedPages();
  if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
    fputs(usage, stdout);
    return 0;
  }
  Options options;
  if (!parseOptions(argc, argv, options)) {
    fputs(usage, stderr);
    return exitUsage;
  }
  return inspect(options);
}
