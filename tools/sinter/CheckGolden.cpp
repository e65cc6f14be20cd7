//===- CheckGolden.cpp - Runs a model on a golden's inputs ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/CheckGolden.h"

#include "tools/sinter/InterpretModel.h"
#include "tools/sinter/RunProgram.h"

#include "llvm/ADT/StringExtras.h"

namespace sinter {

std::string textOf(const Cuts &cuts) {
  return llvm::join(
      llvm::map_range(cuts, [](int64_t cut) { return std::to_string(cut); }),
      ",");
}

TensorRunOptions runOptions(const Golden &golden, const Cuts &cuts,
                            const std::string &output) {
  TensorRunOptions options;
  options.input = golden.path;
  options.output = output;
  options.generate = golden.steps;
  options.cuts = cuts;
  options.embed = golden.embeds();
  options.context = INT64_MAX;
  return options;
}

llvm::Expected<Distance> checkProgram(const Invocation &invocation,
                                      const std::string &program,
                                      const Golden &golden, const Cuts &cuts) {
  llvm::Expected<TemporaryFile> output = TemporaryFile::create("safetensors");
  if (!output)
    return output.takeError();
  std::vector<std::string> arguments = {"--input", golden.path, "--output",
                                        output->name()};
  if (golden.steps)
    arguments.insert(arguments.end(),
                     {"--generate", std::to_string(golden.steps)});
  if (golden.embeds())
    arguments.push_back("--embed");
  if (!cuts.empty())
    arguments.insert(arguments.end(), {"--cuts", textOf(cuts)});
  if (invocation.has(OPT_threads))
    arguments.insert(arguments.end(), {"-t", invocation.get(OPT_threads)});
  llvm::Expected<std::string> text = runProgramForText(program, arguments);
  if (!text)
    return text.takeError();
  return compare(output->name(), golden);
}

llvm::Expected<Distance> checkInterpreter(Compiler &compiler,
                                          const Golden &golden,
                                          const Cuts &cuts,
                                          Recorder *recorder) {
  llvm::Expected<TemporaryFile> output = TemporaryFile::create("safetensors");
  if (!output)
    return output.takeError();
  if (llvm::Error error =
          interpretTensors(compiler.module(), compiler.model().weights,
                           reference::Precision::F64,
                           runOptions(golden, cuts, output->name()), recorder))
    return error;
  return compare(output->name(), golden);
}

} // namespace sinter
