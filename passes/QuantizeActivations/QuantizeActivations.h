//===- QuantizeActivations.h - Integer activations for block weights ---*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_QUANTIZEACTIVATIONS_QUANTIZEACTIVATIONS_H
#define SINTER_PASSES_QUANTIZEACTIVATIONS_QUANTIZEACTIVATIONS_H

#include "mlir/Pass/Pass.h"

namespace sinter {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/QuantizeActivations/QuantizeActivations.h.inc"
} // namespace sinter

#endif // SINTER_PASSES_QUANTIZEACTIVATIONS_QUANTIZEACTIVATIONS_H
