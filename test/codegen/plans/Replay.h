//===- Replay.h - Plays a plan with several threads -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What sinter-check-plan and sinter-check-barriers prove by reasoning about
// functions, this does by playing a program through, with sizes, layers and
// addresses: it computes nothing, but follows each row of each value. It shares
// with them what ops say of themselves (Reach) and no code.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_PLANS_REPLAY_H
#define SINTER_TEST_CODEGEN_PLANS_REPLAY_H

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace sinter::replay {

/// Plays all entries of a module that has a plan and barriers, with so many
/// threads. What is wrong, or empty.
std::string play(mlir::ModuleOp module, int threads);

} // namespace sinter::replay

#endif // SINTER_TEST_CODEGEN_PLANS_REPLAY_H
