//===- Reproducer.h - What a failing pass leaves behind ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// When a pass crashes or fails, the IR before it and the passes to run are
// written to a file, which `sinter-opt --run-reproducer` repeats. When anything
// else crashes, the file is a script with the command.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_REPRODUCER_H
#define SINTER_TOOLS_SINTER_REPRODUCER_H

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ArrayRef.h"

#include <string>

namespace sinter {

/// Must outlive the run of the passes.
class Reproducer {
public:
  explicit Reproducer(mlir::PassManager &manager);

  /// A sentence that names the file, or says why there is none; empty when
  /// nothing failed.
  const std::string &sentence() const { return said; }

private:
  std::unique_ptr<mlir::ReproducerStream> open(std::string &error);

  std::string said;
};

/// From now on, what crashes outside of passes leaves a script that gives this
/// command again, and a sentence that names it.
void reproduceCommand(llvm::ArrayRef<const char *> arguments);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_REPRODUCER_H
