//===- VerifyCommand.cpp - sinter verify ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Native code as users get it (a linked program, whole and in cuts) and the
// reference interpreter, both against a file of expected tensors.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Sampler.h"
#include "tools/sinter/Compiler.h"
#include "tools/sinter/InterpretModel.h"
#include "tools/sinter/ProgramCache.h"
#include "tools/sinter/RunProgram.h"

#include "formats/Json.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

namespace sinter {

using llvm::Error;

namespace {

/// What a golden file expects.
struct Golden {
  std::string path;
  double atol = 0;
  Safetensors file;
  TokenMatrix input;
  std::vector<float> logits;
  std::vector<float> generatedLogits;
  std::vector<int64_t> generated;
  int64_t steps = 0;
};

/// How far something computed is from it.
struct Distance {
  double logits = 0;
  double generatedLogits = 0;
  bool tokensEqual = true;

  bool within(double atol) const {
    return logits <= atol && generatedLogits <= atol && tokensEqual;
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static llvm::Expected<std::vector<float>> floats(const Safetensors &file,
                                                 llvm::StringRef name) {
  const StoredTensor *tensor = file.find(std::string_view(name));
  if (!tensor)
    return std::vector<float>();
  Result<std::vector<float>> values = tensor->readAsF32();
  if (!values)
    return failure(values.message());
  return std::move(*values);
}

/// "generated": int64.
static llvm::Expected<std::vector<int64_t>> integers(const Safetensors &file,
                                                     llvm::StringRef name) {
  const StoredTensor *tensor = file.find(std::string_view(name));
  if (!tensor)
    return std::vector<int64_t>();
  if (tensor->type != ElementType::I64)
    return failure(name + " must be int64, found " +
                   describe(tensor->type, tensor->shape));
  std::vector<int64_t> values(tensor->count);
  if (Failure wrong =
          tensor->read(0, std::as_writable_bytes(std::span<int64_t>(values))))
    return failure(wrong.message());
  return values;
}

/// Fills in the tensors of an open file.
static Error readTensors(const Safetensors &file, std::vector<float> &logits,
                         std::vector<int64_t> &generated,
                         std::vector<float> &generatedLogits) {
  llvm::Expected<std::vector<float>> all = floats(file, "logits");
  if (!all)
    return all.takeError();
  llvm::Expected<std::vector<float>> steps = floats(file, "generated_logits");
  if (!steps)
    return steps.takeError();
  llvm::Expected<std::vector<int64_t>> tokens = integers(file, "generated");
  if (!tokens)
    return tokens.takeError();
  logits = std::move(*all);
  generatedLogits = std::move(*steps);
  generated = std::move(*tokens);
  return Error::success();
}

/// --atol, or what golden.json beside the file says.
static llvm::Expected<double> tolerance(const Invocation &invocation,
                                        const std::string &path) {
  std::string given = invocation.get(OPT_atol);
  double atol;
  if (!given.empty()) {
    if (llvm::StringRef(given).getAsDouble(atol) || !(atol >= 0))
      return usageError("--atol: expected a number, found '" + given + "'");
    return atol;
  }
  llvm::SmallString<128> beside(path);
  llvm::sys::path::remove_filename(beside);
  llvm::sys::path::append(beside, "golden.json");
  Result<nlohmann::json> json = readJson(beside.str().str());
  if (!json)
    return failure(json.message() + " (or give --atol)");
  if (!json->is_object() || !json->contains("atol") ||
      !(*json)["atol"].is_number())
    return failure(beside + ": \"atol\" is missing; give --atol");
  return (*json)["atol"].get<double>();
}

static llvm::Expected<Golden> readGolden(const Invocation &invocation) {
  Golden golden;
  golden.path = invocation.operands[1];
  if (llvm::sys::fs::is_directory(golden.path)) {
    llvm::SmallString<128> inside(golden.path);
    llvm::sys::path::append(inside, "golden.safetensors");
    golden.path = inside.str().str();
  }
  llvm::Expected<double> atol = tolerance(invocation, golden.path);
  if (!atol)
    return atol.takeError();
  golden.atol = *atol;
  Result<Safetensors> file = readSafetensors(golden.path);
  if (!file)
    return failure(file.message());
  golden.file = std::move(*file);
  llvm::Expected<TokenMatrix> input = readTokenMatrix(golden.file, golden.path);
  if (!input)
    return input.takeError();
  golden.input = std::move(*input);
  if (Error error = readTensors(golden.file, golden.logits, golden.generated,
                                golden.generatedLogits))
    return error;
  if (golden.logits.empty())
    return failure(golden.path + ": logits are missing");
  golden.steps = int64_t(golden.generated.size()) / golden.input.batch;
  return golden;
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

/// The largest difference; infinite when sizes differ or a NaN is involved.
template <typename T>
static double difference(const std::vector<T> &found,
                         const std::vector<float> &expected) {
  if (found.size() != expected.size())
    return INFINITY;
  double largest = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    double d = std::abs(double(found[i]) - double(expected[i]));
    largest = std::isnan(d) ? INFINITY : std::max(largest, d);
  }
  return largest;
}

/// Runs the program on the golden's input, cut as given.
static llvm::Expected<Distance> runNative(const Invocation &invocation,
                                          const std::string &program,
                                          const Golden &golden,
                                          const std::string &cuts) {
  llvm::Expected<TemporaryFile> output = TemporaryFile::create("safetensors");
  if (!output)
    return output.takeError();
  std::vector<std::string> arguments = {
      "--input",      golden.path,  "--output",
      output->name(), "--generate", std::to_string(golden.steps)};
  if (!cuts.empty())
    arguments.insert(arguments.end(), {"--cuts", cuts});
  if (invocation.has(OPT_threads))
    arguments.insert(arguments.end(), {"-t", invocation.get(OPT_threads)});
  llvm::Expected<std::string> text = runProgramForText(program, arguments);
  if (!text)
    return text.takeError();
  Result<Safetensors> file = readSafetensors(output->name());
  if (!file)
    return failure(file.message());
  std::vector<float> logits, generatedLogits;
  std::vector<int64_t> generated;
  if (Error error = readTensors(*file, logits, generated, generatedLogits))
    return error;
  return Distance{difference(logits, golden.logits),
                  difference(generatedLogits, golden.generatedLogits),
                  generated == golden.generated};
}

static llvm::Expected<Distance> runInterpreter(Compiler &compiler,
                                               const Golden &golden) {
  if (Error error = compiler.readOptions())
    return error;
  if (Error error = compiler.load())
    return error;
  llvm::Expected<InterpretedModel> model = InterpretedModel::create(
      compiler.module(), compiler.model().weights, reference::Precision::F64,
      golden.input.batch, golden.input.tokens + golden.steps);
  if (!model)
    return model.takeError();
  llvm::Expected<InterpretedOutputs> outputs =
      interpretAll(*model, golden.input, {}, golden.steps);
  if (!outputs)
    return outputs.takeError();
  return Distance{difference(outputs->logits, golden.logits),
                  difference(outputs->generatedLogits, golden.generatedLogits),
                  outputs->generated == golden.generated};
}

/// A few sizes that look random and are the same every time.
static std::string someCuts(const Golden &golden) {
  Random random(uint64_t(golden.input.tokens));
  std::string cuts;
  for (int i = 0; i < 5; ++i)
    cuts += (i ? "," : "") + std::to_string(1 + random.next() % 7);
  return cuts;
}

static std::string describe(const Distance &distance, double atol) {
  return llvm::formatv("{0} max|d| {1:e2} ({2:e2} generating), tokens {3}",
                       distance.within(atol) ? "ok" : "FAILED", distance.logits,
                       distance.generatedLogits,
                       distance.tokensEqual ? "equal" : "differ")
      .str();
}

llvm::Expected<int> verifyCommand(const Invocation &invocation) {
  if (invocation.operands.size() != 2)
    return usageError("verify needs MODEL and GOLDEN");
  if (invocation.has(OPT_locate))
    return usageError("--locate is not available yet");
  llvm::Expected<Golden> golden = readGolden(invocation);
  if (!golden)
    return golden.takeError();

  bool good = true;
  std::string line;
  auto add = [&](const std::string &what, llvm::Expected<Distance> distance) {
    std::string text;
    if (distance) {
      text = describe(*distance, golden->atol);
      good &= distance->within(golden->atol);
    } else {
      text = "FAILED: " + llvm::toString(distance.takeError());
      good = false;
    }
    line += "; " + what + " " + text;
  };
  llvm::Expected<std::string> program = cachedProgram(invocation);
  if (program) {
    add("native", runNative(invocation, *program, *golden, ""));
    std::string cuts = someCuts(*golden);
    add("cut " + cuts, runNative(invocation, *program, *golden, cuts));
  } else {
    add("native", program.takeError());
  }
  if (!invocation.has(OPT_no_interpreter)) {
    Compiler compiler(invocation);
    add("interpreter", runInterpreter(compiler, *golden));
  }
  llvm::outs() << llvm::sys::path::filename(
                      llvm::StringRef(invocation.operands[0]).rtrim('/'))
               << llvm::formatv(": {0}, atol {1:e0}", good ? "ok" : "FAILED",
                                golden->atol)
               << line << "\n";
  return good ? Success : Failed;
}

} // namespace sinter
