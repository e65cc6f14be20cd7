//===- InterpretCommand.cpp - sinter interpret ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Compiler.h"
#include "tools/sinter/InterpretModel.h"

namespace sinter {

using llvm::Error;

/// Writes outputs as the program's --output does.
static Error write(const std::string &path, const TokenMatrix &input,
                   const InterpretedOutputs &outputs) {
  int64_t steps = int64_t(outputs.generated.size()) / input.batch;
  std::vector<TensorDeclaration> tensors = {
      {"logits", ElementType::F32, {input.batch, input.tokens, outputs.vocab}}};
  if (steps) {
    tensors.push_back({"generated", ElementType::I64, {input.batch, steps}});
    tensors.push_back({"generated_logits",
                       ElementType::F32,
                       {input.batch, steps, outputs.vocab}});
  }
  Result<SafetensorsWriter> writer = SafetensorsWriter::create(path, tensors);
  if (!writer)
    return failure(writer.message());
  auto writeFloats = [&](size_t tensor, const std::vector<double> &values) {
    std::vector<float> narrow(values.begin(), values.end());
    return writer->write(tensor, 0, std::as_bytes(std::span(narrow)));
  };
  if (Failure wrong = writeFloats(0, outputs.logits))
    return failure(wrong.message());
  if (steps) {
    if (Failure wrong =
            writer->write(1, 0, std::as_bytes(std::span(outputs.generated))))
      return failure(wrong.message());
    if (Failure wrong = writeFloats(2, outputs.generatedLogits))
      return failure(wrong.message());
  }
  if (Failure wrong = writer->finish())
    return failure(wrong.message());
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
  Result<Safetensors> file = readSafetensors(inputPath);
  if (!file)
    return failure(file.message());
  llvm::Expected<TokenMatrix> input = readTokenMatrix(*file, inputPath);
  if (!input)
    return input.takeError();
  llvm::Expected<InterpretedModel> model = InterpretedModel::create(
      compiler.module(), compiler.model().weights,
      precision == "f64" ? reference::Precision::F64
                         : reference::Precision::F32,
      input->batch, input->tokens + steps->value_or(0));
  if (!model)
    return model.takeError();
  llvm::Expected<InterpretedOutputs> outputs =
      interpretAll(*model, *input, {}, steps->value_or(0));
  if (!outputs)
    return outputs.takeError();
  if (Error error = write(outputPath, *input, *outputs))
    return error;
  return Success;
}

} // namespace sinter
