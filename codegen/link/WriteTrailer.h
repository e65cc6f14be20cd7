//===- WriteTrailer.h - The files of a program ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_LINK_WRITETRAILER_H
#define SINTER_CODEGEN_LINK_WRITETRAILER_H

#include "codegen/link/LinkProgram.h"

namespace sinter {

/// Writes `output`: the ELF image and the sections after it; external ones go
/// to output.weights. Both appear when everything is written.
llvm::Error writeProgramFiles(llvm::StringRef image,
                              llvm::ArrayRef<ProgramSection> sections,
                              const std::string &output);

} // namespace sinter

#endif // SINTER_CODEGEN_LINK_WRITETRAILER_H
