//===- ImageOrder.h - What comes first in a program's file ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A file that was cut inside its ELF image crashes as soon as a page is touched
// that is no longer there. So that it says what happened instead, all that the
// system's loader touches lies first in the file, then runtime/guard, which
// compares the file's length with the image's before any other code runs.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_LINK_IMAGEORDER_H
#define SINTER_CODEGEN_LINK_IMAGEORDER_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace sinter {

/// The same image with another order of its segments in the file; addresses
/// stay what they are. An image of an unexpected shape is left as it is.
std::string orderForGuard(llvm::StringRef image);

} // namespace sinter

#endif // SINTER_CODEGEN_LINK_IMAGEORDER_H
