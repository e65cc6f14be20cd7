//===- AmxEmulator.h - AMX on CPUs without it -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Lets tests run machine code for AMX anywhere: where the CPU lacks it, an
// instruction on tiles ends in the signal of an unknown one, whose handler does
// what the instruction would have done, or end the process as the CPU would:
// for tiles without a shape, and for shapes that disagree. Slow, and exact but
// for the rounding of sums of bf16.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_AMX_AMXEMULATOR_H
#define SINTER_TEST_CODEGEN_AMX_AMXEMULATOR_H

namespace sinter {

/// Makes AMX usable in this process: asks the system for it, or else emulates
/// it.
void enableAmx();

/// Calls `body` and emulates its instructions of AMX, whatever the CPU has.
/// Much slower: by a signal for each instruction of any kind.
void emulateAmx(void (*body)());

} // namespace sinter

#endif // SINTER_TEST_CODEGEN_AMX_AMXEMULATOR_H
