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
#include "tools/sinter/Locate.h"
#include "tools/sinter/ProgramCache.h"
#include "tools/sinter/RunProgram.h"

#include "formats/Json.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <map>

namespace sinter {

using llvm::Error;

namespace {

/// Tensors that a run of the model gives, by name; absent ones are empty.
struct Outputs {
  std::map<std::string, std::vector<float>> values;
  std::vector<int64_t> generated; ///< (B, N)
};

/// What a golden file expects.
struct Golden {
  std::string path;
  double atol = 0;
  int64_t batch = 0;
  Outputs expected;
  /// 1 for tokens that count, of inputs that are padded.
  std::vector<int64_t> mask;
  int64_t steps = 0;
};

/// How far something computed is from it.
struct Distance {
  std::vector<std::pair<std::string, double>> tensors;
  bool generates = false;
  bool tokensEqual = true;

  bool within(double atol) const {
    return tokensEqual && llvm::all_of(tensors, [&](const auto &tensor) {
             return tensor.second <= atol;
           });
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Integers of a tensor, none if it is absent.
static llvm::Expected<std::vector<int64_t>> integers(const Safetensors &file,
                                                     llvm::StringRef name) {
  const StoredTensor *tensor = file.find(std::string_view(name));
  if (!tensor)
    return std::vector<int64_t>();
  bool wide = tensor->type == ElementType::I64;
  if (!wide && tensor->type != ElementType::I32)
    return failure(name + " must be int32 or int64, found " +
                   describe(tensor->type, tensor->shape));
  std::vector<int64_t> values(tensor->count);
  std::vector<int32_t> narrow(wide ? 0 : tensor->count);
  auto bytes = wide ? std::as_writable_bytes(std::span(values))
                    : std::as_writable_bytes(std::span(narrow));
  if (Failure wrong = tensor->read(0, bytes))
    return failure(wrong.message());
  if (!wide)
    values.assign(narrow.begin(), narrow.end());
  return values;
}

/// The outputs that a file holds.
static llvm::Expected<Outputs> readOutputs(const Safetensors &file) {
  Outputs outputs;
  for (const char *name : {"logits", "last_hidden_state", "generated_logits",
                           "encoder_last_hidden_state", "embedding"})
    if (const StoredTensor *tensor = file.find(name)) {
      Result<std::vector<float>> values = tensor->readAsF32();
      if (!values)
        return failure(values.message());
      outputs.values[name] = std::move(*values);
    }
  llvm::Expected<std::vector<int64_t>> tokens = integers(file, "generated");
  if (!tokens)
    return tokens.takeError();
  outputs.generated = std::move(*tokens);
  return outputs;
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

static llvm::Expected<Golden> readGolden(const std::string &path, double atol) {
  Golden golden;
  golden.path = path;
  golden.atol = atol;
  Result<Safetensors> file = readSafetensors(golden.path);
  if (!file)
    return failure(file.message());
  const StoredTensor *ids = file->find("input_ids");
  if (!ids || ids->count == 0)
    return failure(golden.path + ": input_ids are missing");
  golden.batch = ids->shape.size() > 1 ? ids->shape[0] : 1;
  llvm::Expected<Outputs> expected = readOutputs(*file);
  if (!expected)
    return expected.takeError();
  golden.expected = std::move(*expected);
  if (golden.expected.values.empty())
    return failure(golden.path + ": neither logits, hidden states nor an "
                                 "embedding to compare with");
  llvm::Expected<std::vector<int64_t>> mask = integers(*file, "attention_mask");
  if (!mask)
    return mask.takeError();
  golden.mask = std::move(*mask);
  golden.steps = int64_t(golden.expected.generated.size()) / golden.batch;
  return golden;
}

static llvm::Expected<Golden> readGolden(const Invocation &invocation) {
  std::string path = invocation.operands[1];
  if (llvm::sys::fs::is_directory(path)) {
    llvm::SmallString<128> inside(path);
    llvm::sys::path::append(inside, "golden.safetensors");
    path = inside.str().str();
  }
  llvm::Expected<double> atol = tolerance(invocation, path);
  if (!atol)
    return atol.takeError();
  return readGolden(path, *atol);
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

/// The largest difference; infinite when sizes differ or a NaN is involved.
/// With a mask, only rows count for which it is not 0.
static double difference(const std::vector<float> &found,
                         const std::vector<float> &expected,
                         const std::vector<int64_t> &mask) {
  if (found.size() != expected.size())
    return INFINITY;
  bool masked = !mask.empty() && found.size() % mask.size() == 0;
  size_t features = masked ? found.size() / mask.size() : 1;
  double largest = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    if (masked && !mask[i / features])
      continue;
    double d = std::abs(double(found[i]) - double(expected[i]));
    largest = std::isnan(d) ? INFINITY : std::max(largest, d);
  }
  return largest;
}

static std::string namesOf(const decltype(Outputs::values) &values) {
  std::string names;
  for (const auto &[name, value] : values)
    names += (names.empty() ? "" : ", ") + name;
  return names;
}

/// Compares a file of outputs with all that the golden holds.
static llvm::Expected<Distance> compare(const std::string &path,
                                        const Golden &golden) {
  Result<Safetensors> file = readSafetensors(path);
  if (!file)
    return failure(file.message());
  llvm::Expected<Outputs> found = readOutputs(*file);
  if (!found)
    return found.takeError();
  // A decoder's logits are of other tokens than the mask.
  bool decodes = golden.expected.values.contains("encoder_last_hidden_state");
  Distance distance;
  for (const auto &[name, expected] : golden.expected.values) {
    if (!found->values.contains(name))
      return failure(golden.path + ": the model has no output \"" + name +
                     "\"; it has " + namesOf(found->values));
    bool ofMask =
        name == "encoder_last_hidden_state" ||
        (!decodes && name != "generated_logits" && name != "embedding");
    distance.tensors.push_back(
        {name, difference(found->values[name], expected,
                          ofMask ? golden.mask : std::vector<int64_t>())});
  }
  distance.generates = golden.steps > 0;
  distance.tokensEqual = found->generated == golden.expected.generated;
  return distance;
}

/// Runs the program on the golden's input, cut as given.
static llvm::Expected<Distance> runNative(const Invocation &invocation,
                                          const std::string &program,
                                          const Golden &golden,
                                          const std::string &cuts) {
  llvm::Expected<TemporaryFile> output = TemporaryFile::create("safetensors");
  if (!output)
    return output.takeError();
  std::vector<std::string> arguments = {"--input", golden.path, "--output",
                                        output->name()};
  if (golden.steps)
    arguments.insert(arguments.end(),
                     {"--generate", std::to_string(golden.steps)});
  if (!cuts.empty())
    arguments.insert(arguments.end(), {"--cuts", cuts});
  if (invocation.has(OPT_threads))
    arguments.insert(arguments.end(), {"-t", invocation.get(OPT_threads)});
  llvm::Expected<std::string> text = runProgramForText(program, arguments);
  if (!text)
    return text.takeError();
  return compare(output->name(), golden);
}

/// The compiler's module, as it is now.
static llvm::Expected<Distance> runInterpreter(Compiler &compiler,
                                               const Golden &golden) {
  llvm::Expected<TemporaryFile> output = TemporaryFile::create("safetensors");
  if (!output)
    return output.takeError();
  TensorRunOptions options;
  options.input = golden.path;
  options.output = output->name();
  options.generate = golden.steps;
  options.context = INT64_MAX;
  if (Error error =
          interpretTensors(compiler.module(), compiler.model().weights,
                           reference::Precision::F64, options))
    return error;
  return compare(output->name(), golden);
}

/// A few sizes that look random and are the same every time.
static std::string someCuts(const Golden &golden) {
  Random random(golden.expected.values.begin()->second.size());
  std::string cuts;
  for (int i = 0; i < 5; ++i)
    cuts += (i ? "," : "") + std::to_string(1 + random.next() % 7);
  return cuts;
}

static std::string describe(const Distance &distance, double atol) {
  std::string text = distance.within(atol) ? "ok" : "FAILED";
  for (const auto &[name, difference] : distance.tensors)
    text += llvm::formatv("{0} {1} {2:e2}",
                          &name == &distance.tensors[0].first ? "" : ",", name,
                          difference)
                .str();
  if (distance.generates)
    text += distance.tokensEqual ? ", tokens equal" : ", tokens differ";
  return text;
}

/// Writes the first of the golden's sequences, with what is expected of it.
static Error writeFirstSequence(const Golden &golden, const std::string &path) {
  Result<Safetensors> file = readSafetensors(golden.path);
  if (!file)
    return failure(file.message());
  auto parts = [&](const StoredTensor &tensor) {
    return !tensor.shape.empty() && tensor.shape[0] == golden.batch
               ? golden.batch
               : 1;
  };
  std::vector<TensorDeclaration> declarations;
  for (const StoredTensor &tensor : file->tensors) {
    TensorDeclaration &made = declarations.emplace_back();
    made.name = tensor.name;
    made.type = tensor.type;
    made.shape = tensor.shape;
    if (parts(tensor) > 1)
      made.shape[0] = 1;
  }
  Result<SafetensorsWriter> writer =
      SafetensorsWriter::create(path, declarations);
  if (!writer)
    return failure(writer.message());
  for (auto [i, tensor] : llvm::enumerate(file->tensors)) {
    std::vector<std::byte> bytes(tensor.bytes / parts(tensor));
    if (Failure wrong = tensor.read(0, bytes))
      return failure(wrong.message());
    if (Failure wrong = writer->write(i, 0, bytes))
      return failure(wrong.message());
  }
  if (Failure wrong = writer->finish())
    return failure(wrong.message());
  return Error::success();
}

/// verify --locate: pass by pass. The first sequence is tried alone too: only
/// then does one token at a time go through functions made for that.
static llvm::Expected<int> locate(const Invocation &invocation,
                                  const Golden &golden, Compiler &compiler,
                                  const Manifest &manifest) {
  llvm::Expected<TemporaryFile> file = TemporaryFile::create("safetensors");
  if (!file)
    return file.takeError();
  if (Error error = writeFirstSequence(golden, file->name()))
    return error;
  llvm::Expected<Golden> first = readGolden(file->name(), golden.atol);
  if (!first)
    return first.takeError();

  auto worse =
      [&](llvm::Expected<Distance> all,
          llvm::Expected<Distance> part) -> llvm::Expected<Comparison> {
    if (Error failed = llvm::joinErrors(all.takeError(), part.takeError()))
      return failed;
    const Distance &shown = all->within(golden.atol) ? *part : *all;
    return Comparison{shown.within(golden.atol), describe(shown, golden.atol)};
  };
  LocateChecks checks;
  checks.interpret = [&] {
    return worse(runInterpreter(compiler, golden),
                 runInterpreter(compiler, *first));
  };
  checks.run = [&](const std::string &program) {
    std::string cuts = manifest.dependsOnCuts() ? "" : someCuts(golden);
    return worse(runNative(invocation, program, golden, cuts),
                 runNative(invocation, program, *first, ""));
  };
  llvm::Expected<std::string> fault =
      locateFault(compiler, checks, invocation.get(OPT_insert));
  if (!fault)
    return fault.takeError();
  llvm::outs() << llvm::sys::path::filename(
                      llvm::StringRef(invocation.operands[0]).rtrim('/'))
               << ": " << (fault->empty() ? "ok" : "FAILED, " + *fault) << "\n";
  return fault->empty() ? Success : Failed;
}

llvm::Expected<int> verifyCommand(const Invocation &invocation) {
  if (invocation.operands.size() != 2)
    return usageError("verify needs MODEL and GOLDEN");
  llvm::Expected<Golden> golden = readGolden(invocation);
  if (!golden)
    return golden.takeError();
  Compiler compiler(invocation);
  if (Error error = compiler.readOptions())
    return error;
  if (Error error = compiler.load())
    return error;
  llvm::Expected<Manifest> manifest = manifestOf(compiler.module());
  if (!manifest)
    return manifest.takeError();
  if (invocation.has(OPT_locate))
    return locate(invocation, *golden, compiler, *manifest);

  bool good = true;
  std::string line;
  auto add = [&](const std::string &what, llvm::Expected<Distance> distance) {
    bool agrees = distance && distance->within(golden->atol);
    good &= agrees;
    line += "; " + what + " ";
    line += distance ? describe(*distance, golden->atol)
                     : "FAILED: " + llvm::toString(distance.takeError());
    return agrees;
  };
  llvm::Expected<std::string> program = cachedProgram(invocation);
  if (program) {
    add("native", runNative(invocation, *program, *golden, ""));
    std::string cuts = someCuts(*golden);
    if (!manifest->dependsOnCuts())
      add("cut " + cuts, runNative(invocation, *program, *golden, cuts));
  } else {
    add("native", program.takeError());
  }
  bool nativeAgrees = good;
  if (!invocation.has(OPT_no_interpreter) &&
      add("interpreter", runInterpreter(compiler, *golden)) && !nativeAgrees &&
      !invocation.has(OPT_activations))
    invocation.progress("note: unless weights are f32, native code may round "
                        "the inputs of linears and caches (see sinter "
                        "explain); --activations=float avoids it");
  llvm::outs() << llvm::sys::path::filename(
                      llvm::StringRef(invocation.operands[0]).rtrim('/'))
               << llvm::formatv(": {0}, atol {1:e0}", good ? "ok" : "FAILED",
                                golden->atol)
               << line << "\n";
  return good ? Success : Failed;
}

} // namespace sinter
