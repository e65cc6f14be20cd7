//===- NarrowCaches.h - Caches of 16 bits -----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_NARROWCACHES_NARROWCACHES_H
#define SINTER_PASSES_NARROWCACHES_NARROWCACHES_H

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/NarrowCaches/NarrowCaches.h.inc"
} // namespace sinter

#endif // SINTER_PASSES_NARROWCACHES_NARROWCACHES_H
