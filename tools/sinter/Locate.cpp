//===- Locate.cpp - Which pass made a result wrong ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Locate.h"
#include "tools/sinter/RunProgram.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

using llvm::Error;
using llvm::StringRef;

namespace {

class Locator {
public:
  Locator(Compiler &compiler, const LocateChecks &checks)
      : compiler(compiler), checks(checks) {}

  Error setInsert(StringRef text);
  llvm::Expected<std::string> run();

private:
  llvm::Expected<Comparison> after(const StagePass &pass);
  Error reread();
  llvm::Expected<Comparison> runNative();
  bool report(StringRef stage, StringRef pass,
              llvm::Expected<Comparison> result);

  Compiler &compiler;
  const LocateChecks &checks;
  StringRef insertAfter, inserted;
  std::string text; ///< of the module
  std::vector<ProgramSection> sections;
};

} // namespace

Error Locator::setInsert(StringRef given) {
  std::tie(insertAfter, inserted) = given.split(':');
  if (given.empty())
    return Error::success();
  StageOptions defaults;
  for (const StagePass &pass : stagePasses(defaults, "native"))
    if (pass.name() == insertAfter && !inserted.empty())
      return Error::success();
  return usageError("--insert: expected PASS:PIPELINE, found '" + given + "'");
}

/// Prints the module and goes on with what the text says.
Error Locator::reread() {
  text = compiler.printModule();
  if (Error error = compiler.readModule(text))
    return error;
  if (compiler.printModule() == text)
    return Error::success();
  return failure("the IR reads as something else than what was printed");
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
  return checks.run(program->name());
}

/// Runs a pass, and what is inserted after it; compares what they made.
llvm::Expected<Comparison> Locator::after(const StagePass &pass) {
  bool lowers = pass.stage == "sinter-lower";
  bool planned = pass.stage == "sinter-plan" || pass.stage == "sinter-pack";
  if (lowers) {
    llvm::Expected<std::vector<ProgramSection>> made = compiler.sections(false);
    if (!made)
      return made.takeError();
    sections = std::move(*made);
  }
  std::string before = text;
  if (Error error = compiler.runPipeline(pass.pipeline))
    return error;
  if (pass.name() == insertAfter)
    if (Error error = compiler.runPipeline(inserted))
      return error;
  if (Error error = reread())
    return error;
  if (text == before)
    return Comparison{true, "changes nothing"};
  if (planned)
    if (Error error = compiler.runPipeline("sinter-check-plan"))
      return error;
  return lowers ? runNative() : checks.interpret();
}

/// Prints the line of a pass; whether all is well.
bool Locator::report(StringRef stage, StringRef pass,
                     llvm::Expected<Comparison> result) {
  Comparison found;
  if (result)
    found = std::move(*result);
  else
    found.text = "FAILED: " + llvm::toString(result.takeError());
  llvm::outs() << llvm::formatv("{0,-20} {1,-29} {2}\n", stage, pass,
                                found.text);
  llvm::outs().flush();
  return found.good;
}

llvm::Expected<std::string> Locator::run() {
  if (Error error = reread())
    return error;
  if (!report("as built", "", checks.interpret()))
    return "wrong as built, before the first pass";
  for (const StagePass &pass : compiler.passes())
    if (!report(pass.stage, pass.name(), after(pass)))
      return ("first wrong after " + pass.name() + " (" + pass.stage + ")")
          .str();
  return std::string();
}

llvm::Expected<std::string>
locateFault(Compiler &compiler, const LocateChecks &checks, StringRef insert) {
  Locator locator(compiler, checks);
  if (Error error = locator.setInsert(insert))
    return error;
  return locator.run();
}

} // namespace sinter
