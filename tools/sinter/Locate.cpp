//===- Locate.cpp - Where and by which pass a result becomes wrong --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Locate.h"

#include "formats/Text.h"
#include "tools/sinter/CheckGolden.h"
#include "tools/sinter/Insertion.h"
#include "tools/sinter/ObserveNative.h"
#include "tools/sinter/RunProgram.h"
#include "tools/sinter/ValuesFile.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

using llvm::Error;
using llvm::StringRef;

namespace {

/// A result beside the expected one.
struct Comparison {
  bool good = false;
  std::string text;               ///< how far they are apart
  const Golden *failed = nullptr; ///< the inputs that it was seen with
};

/// The first of what is wrong.
struct Fault {
  std::string stage; ///< "first wrong after sinter-fuse-rows (sinter-fuse)"
  std::optional<Apart> apart;
  bool compared = false; ///< whether values were, part by part
};

class Locator {
public:
  Locator(const Invocation &invocation, Compiler &compiler,
          const Golden &golden, const Golden &first, const Manifest &manifest)
      : invocation(invocation), compiler(compiler), golden(golden),
        first(first), manifest(manifest) {
    if (!manifest.dependsOnCuts())
      cuts = golden.someCuts();
  }

  Error setInsert(StringRef text);
  llvm::Expected<std::optional<Fault>> run();
  void print(const std::optional<Fault> &fault);

private:
  Error reread();
  const Cuts &cutsOf(const Golden &which) const;
  Comparison worse(llvm::Expected<Distance> all, llvm::Expected<Distance> part);
  Comparison interpret();
  llvm::Expected<Comparison> runNative();
  llvm::Expected<std::optional<Apart>> compareValues();
  llvm::Expected<Comparison> after(const StagePass &pass);
  Error apply(const StagePass &pass, StringRef pipeline);
  llvm::Expected<Recording> record(Recorder::What what, const Golden &which);
  llvm::Expected<std::optional<Apart>> apartAfter(const StagePass &pass,
                                                  const Golden &which);
  llvm::Expected<Recording> recordNative(const StagePass &pass,
                                         const Golden &which);
  bool report(StringRef stage, StringRef pass, const Comparison &found);
  void printText(const std::optional<Fault> &fault) const;
  void printJson(const std::optional<Fault> &fault);

  const Invocation &invocation;
  Compiler &compiler;
  const Golden &golden, &first; ///< all sequences, one alone
  const Manifest &manifest;
  Cuts cuts;
  Insertion insertion;
  std::string before, text; ///< of the module, before and after the pass
  std::vector<ProgramSection> sections;
  llvm::json::Array passes; ///< for --json
};

bool lowers(const StagePass &pass) {
  return pass.name() == "sinter-lower-to-loops";
}

} // namespace

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

Error Locator::setInsert(StringRef given) {
  llvm::Expected<Insertion> read =
      readInsertion(given, cpuStagePasses(StageOptions()));
  if (!read)
    return read.takeError();
  insertion = std::move(*read);
  return Error::success();
}

/// Prints the module and goes on with what the text says.
Error Locator::reread() {
  text = compiler.printModule(/*locations=*/true);
  if (Error error = compiler.readModule(text))
    return error;
  if (compiler.printModule(/*locations=*/true) == text)
    return Error::success();
  return failure("the IR reads as something else than what was printed");
}

/// The first sequence is fed whole when alone, then token by token: functions
/// made for one token of one sequence are run then, and cut inputs are not
/// mixed with that.
const Cuts &Locator::cutsOf(const Golden &which) const {
  static const Cuts whole;
  return &which == &golden ? cuts : whole;
}

Comparison Locator::worse(llvm::Expected<Distance> all,
                          llvm::Expected<Distance> part) {
  if (Error failed = llvm::joinErrors(all.takeError(), part.takeError()))
    return {false, "FAILED: " + llvm::toString(std::move(failed))};
  bool allGood = all->within(golden.atol), partGood = part->within(golden.atol);
  const Distance &shown = allGood ? *part : *all;
  return {allGood && partGood, shown.describe(golden.atol),
          !allGood    ? &golden
          : !partGood ? &first
                      : nullptr};
}

Comparison Locator::interpret() {
  return worse(checkInterpreter(compiler, golden, cuts),
               checkInterpreter(compiler, first, {}));
}

llvm::Expected<Comparison> Locator::runNative() {
  auto object = compiler.generate(CodeFile::Object);
  if (!object)
    return object.takeError();
  llvm::Expected<TemporaryFile> program = TemporaryFile::create("program");
  if (!program)
    return program.takeError();
  if (Error error = compiler.link(**object, sections, program->name()))
    return error;
  return worse(checkProgram(invocation, program->name(), golden, cuts),
               checkProgram(invocation, program->name(), first, {}));
}

//===----------------------------------------------------------------------===//
// Passes
//===----------------------------------------------------------------------===//

/// Runs a pass, given as text, and what is inserted after it.
Error Locator::apply(const StagePass &pass, StringRef pipeline) {
  if (Error error = compiler.runPipeline(pipeline))
    return error;
  if (insertion.comesAfter(pass))
    return compiler.runPipeline(insertion.pipeline);
  return Error::success();
}

/// Runs a pass and compares what it made.
llvm::Expected<Comparison> Locator::after(const StagePass &pass) {
  bool planned = pass.stage == "sinter-plan" || pass.stage == "sinter-pack";
  if (lowers(pass)) {
    llvm::Expected<std::vector<ProgramSection>> made = compiler.sections(false);
    if (!made)
      return made.takeError();
    sections = std::move(*made);
  }
  before = text;
  if (Error error = apply(pass, pass.pipeline))
    return error;
  if (Error error = reread())
    return error;
  if (text == before)
    return Comparison{true, "changes nothing"};
  if (planned)
    if (Error error = compiler.runPipeline("sinter-check-plan"))
      return error;
  if (pass.name() == "sinter-place-barriers")
    if (Error error = compiler.runPipeline("sinter-check-barriers"))
      return error;
  return lowers(pass) ? runNative() : interpret();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

llvm::Expected<Recording> Locator::record(Recorder::What what,
                                          const Golden &which) {
  Recorder recorder(what);
  llvm::Expected<Distance> distance =
      checkInterpreter(compiler, which, cutsOf(which), &recorder);
  if (!distance)
    return distance.takeError();
  return recorder.take();
}

/// The module as built beside the values that the user gives.
llvm::Expected<std::optional<Apart>> Locator::compareValues() {
  llvm::Expected<Recording> run = record(Recorder::What::Parts, golden);
  if (!run)
    return run.takeError();
  size_t count = 0;
  auto apart =
      firstApart(*run, invocation.get(OPT_values), golden, manifest, count);
  if (apart)
    report("given values", "",
           {!*apart,
            *apart ? "FAILED" : "ok " + std::to_string(count) + " tensors"});
  return apart;
}

/// Lowers the module of before the pass again, so that kernels show what they
/// make, and runs it in this process.
llvm::Expected<Recording> Locator::recordNative(const StagePass &pass,
                                                const Golden &which) {
  KernelResults results(compiler.module());
  if (Error error = apply(pass, "sinter-lower{observe=true}"))
    return error;
  if (Error error = compiler.runPipeline("sinter-to-llvm"))
    return error;
  llvm::Expected<std::optional<int64_t>> threads =
      invocation.integer(OPT_threads, 1);
  if (!threads)
    return threads.takeError();
  llvm::Expected<TemporaryFile> output = TemporaryFile::create("safetensors");
  if (!output)
    return output.takeError();
  return observeNative(compiler.module(), compiler.target(), sections.front(),
                       results, threads->value_or(usableCores()),
                       runOptions(which, cutsOf(which), output->name()));
}

/// Where the runs before and after a pass part.
llvm::Expected<std::optional<Apart>> Locator::apartAfter(const StagePass &pass,
                                                         const Golden &which) {
  auto what = lowers(pass) ? Recorder::What::Kernels : Recorder::What::Parts;
  if (Error error = compiler.readModule(before))
    return error;
  llvm::Expected<Recording> expected = record(what, which);
  if (!expected)
    return expected.takeError();
  if (!lowers(pass))
    if (Error error = compiler.readModule(text))
      return error;
  llvm::Expected<Recording> found =
      lowers(pass) ? recordNative(pass, which) : record(what, which);
  if (!found)
    return found.takeError();
  return firstApart(*found, *expected, golden.atol);
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

/// Prints the line of a pass; whether all is well.
bool Locator::report(StringRef stage, StringRef pass, const Comparison &found) {
  if (invocation.has(OPT_json)) {
    passes.push_back(llvm::json::Object{{"stage", stage.str()},
                                        {"pass", pass.str()},
                                        {"ok", found.good},
                                        {"result", found.text}});
    return found.good;
  }
  llvm::outs() << llvm::formatv("{0,-20} {1,-29} {2}\n", stage, pass,
                                printable(found.text));
  llvm::outs().flush();
  return found.good;
}

llvm::Expected<std::optional<Fault>> Locator::run() {
  if (Error error = reread())
    return error;
  if (invocation.has(OPT_values)) {
    auto apart = compareValues();
    if (!apart)
      return apart.takeError();
    if (*apart)
      return Fault{"as built, before the first pass", std::move(*apart)};
  }
  if (!report("as built", "", interpret()))
    return Fault{"wrong as built, before the first pass: the spec says "
                 "something else than the golden (values of parts, given with "
                 "--values, show where)",
                 std::nullopt};
  for (const StagePass &pass : compiler.passes()) {
    llvm::Expected<Comparison> made = after(pass);
    Comparison found =
        made ? *made
             : Comparison{false, "FAILED: " + llvm::toString(made.takeError())};
    if (report(pass.stage, pass.name(), found))
      continue;
    Fault fault{
        ("first wrong after " + pass.name() + " (" + pass.stage + ")").str(),
        std::nullopt};
    if (!found.failed)
      return fault;
    auto apart = apartAfter(pass, *found.failed);
    if (!apart)
      return apart.takeError();
    fault.apart = std::move(*apart);
    fault.compared = true;
    return fault;
  }
  return std::nullopt;
}

void Locator::printText(const std::optional<Fault> &fault) const {
  StringRef model = modelName(invocation);
  if (!fault) {
    llvm::outs() << printable(model) << ": ok\n";
    return;
  }
  if (fault->apart)
    llvm::outs() << "first apart: " << printable(fault->apart->describe())
                 << "\n";
  else if (fault->compared)
    llvm::outs() << "first apart: none of the values that both have; native "
                    "kernels were compared with threads that meet after each, "
                    "so a barrier may be missing\n";
  llvm::outs() << printable(model) << ": FAILED, "
               << (fault->apart ? fault->apart->where() + "; " : std::string())
               << fault->stage << "\n";
}

void Locator::printJson(const std::optional<Fault> &fault) {
  llvm::json::Object all{{"model", modelName(invocation)},
                         {"ok", !fault},
                         {"atol", golden.atol},
                         {"passes", std::move(passes)}};
  if (fault)
    all["fault"] = fault->stage;
  if (fault && fault->apart)
    all["apart"] = fault->apart->json();
  llvm::outs() << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(all)));
}

void Locator::print(const std::optional<Fault> &fault) {
  invocation.has(OPT_json) ? printJson(fault) : printText(fault);
}

llvm::Expected<int> locateFault(const Invocation &invocation,
                                Compiler &compiler, const Golden &golden,
                                const Manifest &manifest) {
  llvm::Expected<TemporaryFile> file = TemporaryFile::create("safetensors");
  if (!file)
    return file.takeError();
  if (Error error = writeFirstSequence(golden, file->name()))
    return error;
  llvm::Expected<Golden> first = readGolden(file->name(), golden.atol);
  if (!first)
    return first.takeError();
  Locator locator(invocation, compiler, golden, *first, manifest);
  if (Error error = locator.setInsert(invocation.get(OPT_insert)))
    return error;
  llvm::Expected<std::optional<Fault>> fault = locator.run();
  if (!fault)
    return fault.takeError();
  locator.print(*fault);
  return *fault ? Failed : Success;
}

} // namespace sinter
