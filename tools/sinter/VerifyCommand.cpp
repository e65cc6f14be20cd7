//===- VerifyCommand.cpp - sinter verify ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Native code as users get it (a linked program, whole and in cuts) and the
// reference interpreter, both against a file of expected tensors.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/CheckGolden.h"
#include "tools/sinter/InterpretModel.h"
#include "tools/sinter/Locate.h"
#include "tools/sinter/ProgramCache.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

using llvm::Error;

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
    return locateFault(invocation, compiler, *golden, *manifest);
  if (invocation.has(OPT_values))
    return usageError("--values is for --locate");

  bool good = true;
  std::string line;
  auto add = [&](const std::string &what, llvm::Expected<Distance> distance) {
    bool agrees = distance && distance->within(golden->atol);
    good &= agrees;
    line += "; " + what + " ";
    line += distance ? distance->describe(golden->atol)
                     : "FAILED: " + llvm::toString(distance.takeError());
    return agrees;
  };
  llvm::Expected<std::string> program = cachedProgram(invocation);
  if (program) {
    add("native", checkProgram(invocation, *program, *golden, {}));
    Cuts cuts = golden->someCuts();
    if (!manifest->dependsOnCuts())
      add("cut " + textOf(cuts),
          checkProgram(invocation, *program, *golden, cuts));
  } else {
    add("native", program.takeError());
  }
  bool nativeAgrees = good;
  if (!invocation.has(OPT_no_interpreter) &&
      add("interpreter", checkInterpreter(compiler, *golden, {})) &&
      !nativeAgrees && !invocation.has(OPT_activations))
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
