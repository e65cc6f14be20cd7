//===- Locate.h - Which pass made a result wrong ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Compiles pass by pass, and compares what each leaves with what is expected,
// without the passes after it: IR of sinter's ops in the interpreter, memory
// plans by sinter-check-plan, loops through upstream's conversions as a
// program. Between passes the IR is printed and read again.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_LOCATE_H
#define SINTER_TOOLS_SINTER_LOCATE_H

#include "tools/sinter/Compiler.h"

#include <functional>

namespace sinter {

/// A result beside the expected one.
struct Comparison {
  bool good = false;
  std::string text; ///< how far they are apart
};

struct LocateChecks {
  /// Of the compiler's module, in the interpreter.
  std::function<llvm::Expected<Comparison>()> interpret;
  /// Of a program.
  std::function<llvm::Expected<Comparison>(const std::string &program)> run;
};

/// Prints a line for each pass up to the first whose result is wrong, and
/// returns a sentence that names it, or nothing. `compiler` has loaded the
/// model. `insert` is PASS:PIPELINE, passes to run after a pass, or empty.
llvm::Expected<std::string> locateFault(Compiler &compiler,
                                        const LocateChecks &checks,
                                        llvm::StringRef insert);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_LOCATE_H
