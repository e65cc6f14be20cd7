//===- Locate.h - Where and by which pass a result becomes wrong *- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// First the model as built is compared with values of parts that the user
// gives, if any. Then it is compiled pass by pass, and what each leaves is
// compared with the golden, without the passes after it: IR of sinter's ops in
// the interpreter, memory plans by sinter-check-plan, loops through upstream's
// conversions as a program. Between passes the IR is printed and read again.
// Where a pass made a result wrong, the values of the runs before and after it
// are compared one by one.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_LOCATE_H
#define SINTER_TOOLS_SINTER_LOCATE_H

#include "runtime/core/Manifest.h"
#include "tools/sinter/Compiler.h"
#include "tools/sinter/Golden.h"

namespace sinter {

/// Prints a line for each pass up to the first whose result is wrong, the value
/// that is wrong first, and a sentence with both; returns sinter's exit code.
/// `compiler` has loaded the model.
llvm::Expected<int> locateFault(const Invocation &invocation,
                                Compiler &compiler, const Golden &golden,
                                const Manifest &manifest);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_LOCATE_H
