//===- CapturedOutput.h - Standard output, kept in memory -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// LLD writes a file by mapping it, whatever --no-mmap-output-file says, and a
// page that finds no room on a full disk is a signal. What goes to standard
// output it keeps in memory and writes; so that is where images go, and this
// is where they arrive.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_LINK_CAPTUREDOUTPUT_H
#define SINTER_CODEGEN_LINK_CAPTUREDOUTPUT_H

#include "llvm/Support/Error.h"

#include <string>

namespace sinter {

/// Between begin() and end() all that llvm::outs() says goes to memory.
class CapturedOutput {
public:
  static llvm::Expected<CapturedOutput> begin();
  CapturedOutput(CapturedOutput &&other) noexcept;
  ~CapturedOutput();

  /// What was written; standard output is what it was before.
  llvm::Expected<std::string> end();

private:
  CapturedOutput() = default;
  void restore();

  int memory = -1;   ///< a file without a name
  int original = -1; ///< the standard output, meanwhile
};

} // namespace sinter

#endif // SINTER_CODEGEN_LINK_CAPTUREDOUTPUT_H
