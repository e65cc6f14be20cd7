//===- Program.cpp - A compiled model as a program ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Program.h"
#include "formats/InputFiles.h"
#include "formats/Text.h"
#include "runtime/core/Answer.h"
#include "runtime/core/Console.h"
#include "runtime/core/CpuFeatures.h"
#include "runtime/core/TensorIo.h"

#include <algorithm>
#include <gnu/libc-version.h>
#include <unistd.h>

namespace sinter {

static constexpr int kSuccess = 0, kFailed = 1, kUsage = 2, kWrongMachine = 3;
static constexpr int64_t kDefaultContext = 8192;

int64_t Program::context() const {
  return options.context.value_or(std::min(manifest.context, kDefaultContext));
}

int64_t Program::answerTokens() const {
  int64_t wish = manifest.answerTokens ? manifest.answerTokens : context();
  return std::min(options.tokens.value_or(wish), context());
}

Result<Session> Program::session(const SessionShape &shape) const {
  return Session::create(*model, manifest, weights.bytes(), *team, shape);
}

Result<Session> Program::session(int64_t context) const {
  SessionShape shape;
  shape.context = context;
  shape.source = context;
  if (manifest.readsWhole())
    shape.chunk = context;
  return session(shape);
}

Failure Program::needTokenizer(const char *option) const {
  if (tokenizer)
    return Failure::none();
  return Failure(std::string(option) + ": this model was compiled without a "
                                       "tokenizer; use --input and --output");
}

Failure loadProgram(Program &program, Result<ProgramFile> file) {
  if (!file)
    return file.failure();
  program.file = std::move(*file);
  std::span<const std::byte> weights =
      program.file->section("weights").value_or(std::span<const std::byte>());
  if (int64_t(weights.size()) != program.model->weightsBytes)
    return Failure(program.file->name() + ": expected " +
                   std::to_string(program.model->weightsBytes) +
                   " bytes of weights, found " +
                   std::to_string(weights.size()) + "; compile it again");
  program.weights = Weights(weights);
  if (auto tables = program.file->section("tokenizer")) {
    Result<text::Tokenizer> tokenizer = text::Tokenizer::open(*tables);
    if (!tokenizer)
      return Failure(program.file->name() + ": " + tokenizer.message());
    program.tokenizer = std::move(*tokenizer);
  }
  Result<std::unique_ptr<Team>> team = Team::create(
      program.options.threads ? *program.options.threads : usableCores());
  if (!team)
    return team.failure();
  program.team = std::move(*team);
  // Who names a number gets that, and who measures kernels what they take.
  if (!program.options.threads && !program.options.profile)
    program.team->yieldToOthers();
  if (!program.options.mapWeights)
    program.weights.copyIfAmple(*program.team);
  return Failure::none();
}

static std::string versionText(const Program &program) {
  return program.manifest.name + " (" + program.manifest.kind + ", " +
         std::to_string(program.manifest.parameters) +
         " parameters), compiled by Sinter 0.1.0\nfeatures: " +
         program.model->features + "\nC library: glibc " +
         gnu_get_libc_version() + "\n";
}

/// Not every kind of model can be used in every way.
static Failure checkKind(const Program &program) {
  const ProgramOptions &options = program.options;
  const std::string &kind = program.manifest.kind;
  auto refuse = [&](const char *option) {
    return Failure(std::string(option) + ": models of kind \"" + kind +
                   "\" cannot do that");
  };
  if (options.embed && !program.manifest.entry("features"))
    return refuse("--embed");
  if (!options.embed && !program.manifest.entry("forward"))
    return Failure("this model embeds texts and does nothing else; use "
                   "--embed");
  if (options.input || options.embed || kind == "causal")
    return Failure::none();
  if (options.perplexityFile)
    return refuse("--perplexity");
  if (!options.bench.empty())
    return refuse("--bench");
  if (options.chat)
    return refuse("--chat");
  if (kind == "seq2seq")
    return Failure::none();
  return Failure(
      "models of kind \"" + kind +
      "\" do not continue texts; use --embed, or --input and --output");
}

/// --input and --output.
static Failure runTensors(Program &program) {
  TensorRunOptions options;
  options.input = *program.options.input;
  options.output = *program.options.output;
  options.generate = program.options.generate;
  options.cuts = program.options.cuts;
  options.embed = program.options.embed;
  options.context = program.options.context.value_or(program.manifest.context);
  return runTensors(program.manifest, options, [&](const SessionShape &shape) {
    return program.session(shape);
  });
}

/// The way to use the program that the options choose.
static Failure runMode(Program &program) {
  const ProgramOptions &options = program.options;
  if (options.input)
    return runTensors(program);
  if (options.embed)
    return runEmbed(program);
  if (options.perplexityFile)
    return runPerplexity(program);
  if (!options.bench.empty())
    return runBench(program);
  return options.chat ? runChat(program) : runPrompt(program);
}

/// Nothing that is read, the program itself least of all, is written over.
static Failure checkOutputs(const Program &program) {
  const ProgramOptions &options = program.options;
  InputFiles inputs;
  inputs.add(program.file->name());
  inputs.add(program.file->name() + ".weights");
  for (const std::optional<std::string> &path :
       {options.input, options.promptFile, options.perplexityFile})
    inputs.add(path.value_or(""));
  std::string output = options.output.value_or("");
  for (const std::string &path : {output, options.profileFile})
    if (Failure failure = inputs.check(path))
      return failure;
  if (!output.empty() && output == options.profileFile)
    return Failure("--output and --profile name the same file, " + output);
  return Failure::none();
}

static Failure runChosen(Program &program) {
  const ProgramOptions &options = program.options;
  if (options.context.value_or(1) > program.manifest.context)
    return Failure("--context: this model takes at most " +
                   std::to_string(program.manifest.context) + " tokens");
  if (Failure failure = checkKind(program))
    return failure;
  if (Failure failure = loadProgram(program, ProgramFile::openSelf()))
    return failure;
  if (Failure failure = checkOutputs(program))
    return failure;
  if (Failure failure = startProfile(program))
    return failure;
  Failure failure = runMode(program);
  if (failure && options.jsonLines && !failure.message().empty())
    if (Failure closed = printJson({{"error", failure.message()}}))
      return closed;
  bool interrupted = takeInterrupt() || program.interrupted;
  if (failure && !interrupted)
    return failure;
  // What was measured until Ctrl-C is worth as much.
  if (Failure unwritten = finishProfile(program))
    return unwritten;
  if (interrupted)
    endInterrupted();
  return Failure::none();
}

/// Prints what needs no model to be loaded.
static Failure printInformation(const Program &program) {
  std::string text =
      program.options.help ? helpText(program.name) : versionText(program);
  return writeText(printable(text)) ? Failure::none() : outputFailure();
}

static int fail(const Program &program, const Failure &failure, int code) {
  report(program.name, failure.message());
  return code;
}

int runProgram(const SinterModel &model, int argc, char **argv) {
  guardStandardFiles();
  reportLimits();
  watchSignals();
  exitOnVanishedPages();
  Program program;
  program.model = &model;
  std::string path = argc > 0 ? argv[0] : "program";
  program.name = path.substr(path.rfind('/') + 1);

  Result<ProgramOptions> options =
      parseOptions(std::span(argv, size_t(argc)).subspan(argc > 0));
  if (!options) {
    report(program.name, options.message() + " (see --help)");
    return kUsage;
  }
  program.options = std::move(*options);
  Result<Manifest> manifest = Manifest::read(model);
  if (!manifest)
    return fail(program, manifest.failure(), kFailed);
  program.manifest = std::move(*manifest);
  program.sampler = decide(program.options.sampling, program.manifest.sampling);
  bool informs = program.options.help || program.options.version;
  if (!informs)
    if (Failure missing = requireCpuFeatures(model.features))
      return fail(program, missing, kWrongMachine);
  if (Failure failure =
          informs ? printInformation(program) : runChosen(program)) {
    // Empty: the reader of our output went away.
    if (!failure.message().empty())
      report(program.name, failure.message());
    return kFailed;
  }
  return kSuccess;
}

} // namespace sinter
