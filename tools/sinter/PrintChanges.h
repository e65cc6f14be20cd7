//===- PrintChanges.h - What each pass changed ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_PRINTCHANGES_H
#define SINTER_TOOLS_SINTER_PRINTCHANGES_H

#include "mlir/Pass/PassManager.h"

namespace sinter {

/// Makes `manager`, of a module, print the functions, params and tables that a
/// pass changed after it, and nothing else. Its context gets single-threaded.
void printChanges(mlir::PassManager &manager, llvm::raw_ostream &stream);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_PRINTCHANGES_H
