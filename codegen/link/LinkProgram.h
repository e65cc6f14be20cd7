//===- LinkProgram.h - From a model's object to a program -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Links generated code with the runtime by LLD as a library, against stubs of
// the C library that Sinter carries, then appends weights and tokenizer as
// runtime/core/Trailer.h describes. Executes nothing.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_LINK_LINKPROGRAM_H
#define SINTER_CODEGEN_LINK_LINKPROGRAM_H

#include "formats/OutputFile.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <functional>
#include <string>
#include <vector>

namespace sinter {

/// Writes `bytes` at `offset` of a section.
using SectionWriter =
    std::function<llvm::Error(uint64_t offset, llvm::ArrayRef<char> bytes)>;

/// Bytes for the trailer, streamed when the program is written.
struct ProgramSection {
  std::string name; ///< "weights", "tokenizer"
  uint64_t bytes = 0;
  /// Writes all of them, in any order. Parts not written are zero.
  std::function<llvm::Error(const SectionWriter &)> write;
  bool external = false; ///< into PROGRAM.weights
};

struct LinkOptions {
  std::string output;   ///< the program's path
  std::string partsDir; ///< lib/sinter: runtime.o, start files, stubs
  bool shared = false;  ///< a shared library with the C interface
};

/// Links `modelObject`, which defines sinter_model, and writes the program.
/// An existing file is replaced only when everything succeeded.
llvm::Error linkProgram(llvm::MemoryBufferRef modelObject,
                        llvm::ArrayRef<ProgramSection> sections,
                        const LinkOptions &options);

} // namespace sinter

#endif // SINTER_CODEGEN_LINK_LINKPROGRAM_H
