//===- Limits.h - The most that quantities of a model can be ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_LIMITS_H
#define SINTER_SPEC_LIMITS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace sinter {

/// The most that the spec's quantity `key` can be: beyond any real model, and
/// few enough that what is made of it, tables of the IR among them, stays
/// small.
int64_t mostOf(llvm::StringRef key);

/// Forms of layers: each is compiled by itself.
constexpr int64_t kMostForms = 1024;

} // namespace sinter

#endif // SINTER_SPEC_LIMITS_H
