//===- FuzzSpec.cpp - Specs and the configurations they read --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Input: a spec, a zero byte, a configuration. Every binding is evaluated.
//
//===----------------------------------------------------------------------===//

#include "InputFile.h"
#include "formats/Checkpoint.h"
#include "spec/Bindings.h"

using namespace sinter;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef all(reinterpret_cast<const char *>(data), size);
  auto [spec, configuration] = all.split('\0');
  Diagnostics diagnostics;
  YamlNode root = parseYaml(spec, "spec.yaml", diagnostics);
  InputFile file(reinterpret_cast<const uint8_t *>(configuration.data()),
                 configuration.size());
  Result<Checkpoint> checkpoint = Checkpoint::openConfig(file.path());
  if (!checkpoint) {
    llvm::consumeError(diagnostics.take());
    return 0;
  }
  Bindings bindings(*checkpoint, diagnostics);
  if (const YamlNode *section = root.find("config"))
    bindings.read(*section);
  if (const YamlNode *section = root.find("instead"))
    bindings.readInstead(*section, {});
  if (const YamlNode *section = root.find("complete"))
    bindings.checkComplete(*section);
  if (const YamlNode *section = root.find("require"))
    bindings.checkRequirements(*section);
  std::vector<llvm::StringRef> names;
  bindings.listNames(names);
  for (llvm::StringRef name : names) {
    SpecValue value;
    (void)bindings.lookup(name, root.loc, value);
  }
  llvm::consumeError(diagnostics.take());
  return 0;
}
