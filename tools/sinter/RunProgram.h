//===- RunProgram.h - Running compiled programs -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_RUNPROGRAM_H
#define SINTER_TOOLS_SINTER_RUNPROGRAM_H

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace sinter {

/// A temporary file that is removed at the end.
class TemporaryFile {
public:
  static llvm::Expected<TemporaryFile> create(llvm::StringRef suffix);
  TemporaryFile(TemporaryFile &&other) noexcept : path(std::move(other.path)) {
    other.path.clear();
  }
  ~TemporaryFile();
  const std::string &name() const { return path; }

private:
  TemporaryFile() = default;
  std::string path;
};

/// Runs a program to its end and returns its standard output; fails with what
/// it said when it fails.
llvm::Expected<std::string>
runProgramForText(const std::string &program,
                  const std::vector<std::string> &arguments);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_RUNPROGRAM_H
