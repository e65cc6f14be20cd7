//===- PlantPass.h - Plants bugs that tests must find -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_CHECK_PLANTPASS_H
#define SINTER_DIALECT_CHECK_PLANTPASS_H

namespace sinter::check {

/// `--check-plant=what=KIND`: changes one thing that a pass just made, as if
/// the pass had made it so. Fails when there is nothing of the kind.
///   clone     a form for one token forgets a sum
///   epilogue  a kernel of linears forgets a sum
///   buffer    a kernel writes over a buffer that is read later
///   offset    a param lies where another one does
///   loop      lowered code subtracts instead of adding
/// Of another sort, for what the compiler says then:
///   crash     the pass crashes
///   failure   the pass fails
void registerPlantPass();

} // namespace sinter::check

#endif // SINTER_DIALECT_CHECK_PLANTPASS_H
