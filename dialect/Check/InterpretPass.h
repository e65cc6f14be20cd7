//===- InterpretPass.h - Runs the tests of a module ----------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_CHECK_INTERPRETPASS_H
#define SINTER_DIALECT_CHECK_INTERPRETPASS_H

namespace sinter::check {

/// `--sinter-interpret`: runs every function whose name starts with `test`,
/// in f64 or (option `precision=f32`) f32. Its arguments may be caches: they
/// are empty, of 2 sequences and 8 tokens. A param gets its numbers from an
/// attribute `check.value`: elements, or for each layer an array of them.
void registerInterpretPass();

} // namespace sinter::check

#endif // SINTER_DIALECT_CHECK_INTERPRETPASS_H
