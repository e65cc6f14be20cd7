//===- PackWeights.h - Layouts and offsets of weights ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_PACKWEIGHTS_PACKWEIGHTS_H
#define SINTER_PASSES_PACKWEIGHTS_PACKWEIGHTS_H

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/PackWeights/PackWeights.h.inc"
} // namespace sinter

#endif // SINTER_PASSES_PACKWEIGHTS_PACKWEIGHTS_H
