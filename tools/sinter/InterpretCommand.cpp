//===- InterpretCommand.cpp - sinter interpret ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Compiler.h"
#include "tools/sinter/InterpretModel.h"
#include "tools/sinter/ValuesFile.h"

namespace sinter {

using llvm::Error;

/// Fails when a file that is to be written is read, or written twice.
static Error checkOutputs(const Compiler &compiler, const std::string &input,
                          const std::string &output,
                          const std::string &values) {
  InputFiles inputs = compiler.inputs();
  inputs.add(input);
  for (const std::string &path : {output, values})
    if (Failure wrong = inputs.check(path))
      return failure(wrong.message());
  InputFiles written;
  written.add(output);
  if (output == values || written.check(values))
    return usageError("--output and --values name the same file, " + output);
  return Error::success();
}

llvm::Expected<int> interpretCommand(const Invocation &invocation) {
  std::string inputPath = invocation.get(OPT_input);
  std::string outputPath = invocation.get(OPT_result);
  if (inputPath.empty() || outputPath.empty())
    return usageError("interpret needs --input and --output");
  std::string precision = invocation.get(OPT_precision, "f64");
  if (precision != "f64" && precision != "f32")
    return usageError("--precision: expected f64 or f32, found '" + precision +
                      "'");
  auto steps = invocation.integer(OPT_generate, 0);
  if (!steps)
    return steps.takeError();

  Compiler compiler(invocation);
  if (Error error = compiler.readOptions())
    return error;
  if (Error error = compiler.load())
    return error;
  if (Error error = checkOutputs(compiler, inputPath, outputPath,
                                 invocation.get(OPT_values)))
    return error;
  TensorRunOptions options;
  options.input = inputPath;
  options.output = outputPath;
  options.generate = steps->value_or(0);
  // The interpreter has no limit but the machine's.
  options.context = INT64_MAX;
  Recorder recorder(Recorder::What::Parts);
  bool recorded = invocation.has(OPT_values);
  if (Error error =
          interpretTensors(compiler.module(), compiler.model().weights,
                           precision == "f64" ? reference::Precision::F64
                                              : reference::Precision::F32,
                           options, recorded ? &recorder : nullptr))
    return error;
  if (!recorded)
    return Success;
  llvm::Expected<Manifest> manifest = manifestOf(compiler.module());
  if (!manifest)
    return manifest.takeError();
  if (Error error = writeValues(recorder.take(), inputPath, *manifest,
                                invocation.get(OPT_values)))
    return error;
  return Success;
}

} // namespace sinter
