//===- LinearDotInt.h - Dot products of 8-bit activations -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_LINEARDOTINT_H
#define SINTER_CODEGEN_CPU_LINEARDOTINT_H

#include "codegen/cpu/LinearDot.h"

namespace sinter {

/// emitDot for a8 and a16 activations and block weights.
Emitter::Values emitIntDot(Emitter &e, const LinearInput &input,
                           mlir::Value tile,
                           llvm::ArrayRef<PanelAddress> panels, int64_t tokens,
                           bool withSecond);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_LINEARDOTINT_H
