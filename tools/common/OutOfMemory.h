//===- OutOfMemory.h - The end of a tool without memory ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// MLIR writes to what malloc() gives without looking whether it gave anything.
// Tools therefore have a malloc() that never fails: it ends the process. So
// does whatever else finds no memory.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_COMMON_OUTOFMEMORY_H
#define SINTER_TOOLS_COMMON_OUTOFMEMORY_H

namespace sinter {

/// Says so without asking for memory, removes temporary files, exits with 1.
[[noreturn]] void endOutOfMemory();

} // namespace sinter

#endif // SINTER_TOOLS_COMMON_OUTOFMEMORY_H
