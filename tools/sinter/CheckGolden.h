//===- CheckGolden.h - Runs a model on a golden's inputs --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_CHECKGOLDEN_H
#define SINTER_TOOLS_SINTER_CHECKGOLDEN_H

#include "runtime/core/TensorIo.h"
#include "tools/sinter/Compiler.h"
#include "tools/sinter/Golden.h"
#include "tools/sinter/Intermediates.h"

namespace sinter {

/// Sizes of the pieces in which inputs are fed, in turn; none: whole.
using Cuts = std::vector<int64_t>;

/// "3,1,7"
std::string textOf(const Cuts &cuts);

/// A run on the golden's inputs that writes to `output`.
TensorRunOptions runOptions(const Golden &golden, const Cuts &cuts,
                            const std::string &output);

/// Compares what a program computes, with --threads of the invocation.
llvm::Expected<Distance> checkProgram(const Invocation &invocation,
                                      const std::string &program,
                                      const Golden &golden, const Cuts &cuts);

/// Compares what the interpreter computes of the compiler's module as it is
/// now; `recorder` may be null.
llvm::Expected<Distance> checkInterpreter(Compiler &compiler,
                                          const Golden &golden,
                                          const Cuts &cuts,
                                          Recorder *recorder = nullptr);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_CHECKGOLDEN_H
