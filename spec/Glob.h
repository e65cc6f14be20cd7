//===- Glob.h - Names with "*" in them --------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_GLOB_H
#define SINTER_SPEC_GLOB_H

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace sinter {

/// Shell-like: "*" is any text, "{i}" and "{e}" any number. Takes time
/// proportional to the product of the lengths: only the last "*" is retried.
bool matchesGlob(llvm::StringRef pattern, llvm::StringRef name);

/// Adds all readings of a pattern: "[a.]b" is "a.b" or "b".
void expandOptional(llvm::StringRef pattern, std::vector<std::string> &out);

} // namespace sinter

#endif // SINTER_SPEC_GLOB_H
