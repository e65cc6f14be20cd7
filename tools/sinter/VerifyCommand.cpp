//===- VerifyCommand.cpp - sinter verify ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Native code as users get it (a linked program, whole and in cuts) and the
// reference interpreter, both against a file of expected tensors.
//
//===----------------------------------------------------------------------===//

#include "formats/Text.h"
#include "tools/sinter/CheckGolden.h"
#include "tools/sinter/InterpretModel.h"
#include "tools/sinter/Locate.h"
#include "tools/sinter/ProgramCache.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

using llvm::Error;

namespace {

/// One way to compute the outputs, compared.
struct Check {
  std::string name;
  std::optional<Distance> distance; ///< none: it failed
  std::string failure;

  bool agrees(double atol) const { return distance && distance->within(atol); }
};

} // namespace

static Check checked(const std::string &name,
                     llvm::Expected<Distance> distance) {
  if (distance)
    return {name, std::move(*distance), ""};
  return {name, std::nullopt, llvm::toString(distance.takeError())};
}

/// All ways: a program, whole and in cuts, and the interpreter.
static std::vector<Check> checkAll(const Invocation &invocation,
                                   Compiler &compiler, const Golden &golden,
                                   const Manifest &manifest) {
  std::vector<Check> checks;
  llvm::Expected<std::string> program = cachedProgram(invocation);
  if (program) {
    checks.push_back(
        checked("native", checkProgram(invocation, *program, golden, {})));
    Cuts cuts = golden.someCuts();
    if (!manifest.dependsOnCuts() && !golden.embeds())
      checks.push_back(
          checked("cut " + textOf(cuts),
                  checkProgram(invocation, *program, golden, cuts)));
  } else {
    checks.push_back(checked("native", program.takeError()));
  }
  if (!invocation.has(OPT_no_interpreter))
    checks.push_back(
        checked("interpreter", checkInterpreter(compiler, golden, {})));
  return checks;
}

static void printLine(llvm::StringRef model, const Golden &golden, bool good,
                      const std::vector<Check> &checks) {
  llvm::outs() << printable(model)
               << llvm::formatv(": {0}, atol {1:e0}", good ? "ok" : "FAILED",
                                golden.atol);
  for (const Check &check : checks)
    llvm::outs() << "; " << check.name << " "
                 << (check.distance ? check.distance->describe(golden.atol)
                                    : "FAILED: " + printable(check.failure));
  llvm::outs() << "\n";
}

static void printJson(llvm::StringRef model, const Golden &golden, bool good,
                      const std::vector<Check> &checks) {
  llvm::json::Array runs;
  for (const Check &check : checks) {
    llvm::json::Object run{{"run", check.name},
                           {"ok", check.agrees(golden.atol)}};
    if (check.distance) {
      llvm::json::Object differences;
      for (const auto &[name, difference] : check.distance->tensors)
        differences[name] = jsonNumber(difference);
      run["differences"] = std::move(differences);
      if (check.distance->generates)
        run["tokens_equal"] = check.distance->tokensEqual;
    } else {
      run["error"] = check.failure;
    }
    runs.push_back(std::move(run));
  }
  llvm::json::Object all{{"model", model},
                         {"ok", good},
                         {"atol", golden.atol},
                         {"runs", std::move(runs)}};
  llvm::outs() << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(all)));
}

llvm::Expected<int> verifyCommand(const Invocation &invocation) {
  if (invocation.operands.size() != 2)
    return usageError("verify needs MODEL and GOLDEN");
  bool locates = invocation.has(OPT_locate);
  for (OptionID id : {OPT_values, OPT_insert})
    if (const llvm::opt::Arg *arg = invocation.args.getLastArg(id);
        arg && !locates)
      return usageError(arg->getSpelling().rtrim('=') + " is for --locate");
  if (locates && invocation.has(OPT_no_interpreter))
    return usageError("--locate and --no-interpreter exclude each other");
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
  if (locates)
    return locateFault(invocation, compiler, *golden, *manifest);

  std::vector<Check> checks =
      checkAll(invocation, compiler, *golden, *manifest);
  auto agrees = [&](const Check &check) { return check.agrees(golden->atol); };
  bool good = llvm::all_of(checks, agrees);
  bool nativeAlone =
      !good && checks.back().name == "interpreter" && agrees(checks.back());
  if (nativeAlone && !invocation.has(OPT_activations))
    invocation.progress("note: unless weights are f32, native code may round "
                        "the inputs of linears and caches (see sinter "
                        "explain); --activations=float avoids it");
  (invocation.has(OPT_json) ? printJson : printLine)(modelName(invocation),
                                                     *golden, good, checks);
  return good ? Success : Failed;
}

} // namespace sinter
