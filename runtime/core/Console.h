//===- Console.h - Standard output, and being interrupted -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Text is written as soon as a token is complete. A reader that went away or
// a full disk ends generation; so does Ctrl-C, after the current token.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORE_CONSOLE_H
#define SINTER_RUNTIME_CORE_CONSOLE_H

#include "runtime/support/Result.h"

#include <string_view>

namespace sinter {

/// Writes to standard output at once; to a terminal as printable() shows it,
/// for a model may say anything. False when nobody can read it any more.
bool writeText(std::string_view text);

/// Why writeText() returned false; with an empty message, for nobody to print,
/// when the reader simply went away.
Failure outputFailure();

/// Writes to standard error, as it is.
void writeError(std::string_view text);

/// Writes a line to standard error, after "PROGRAM: ", as printable() shows it.
void report(std::string_view program, std::string_view message);

/// Takes the places of standard input, output and error where they are closed,
/// or else the next file to be opened would be one of them. Reading and writing
/// text still fails. First in main().
void guardStandardFiles();

/// What a process says that has no memory left.
constexpr std::string_view kOutOfMemory =
    "error: out of memory: this needs more than the machine has free, or than "
    "ulimit -v allows\n";

/// Makes the limits that a process has plain errors: what has no memory left
/// ends with a message and exit code 1, after `cleanUp`, and a file that may
/// not grow (ulimit -f) fails to be written. For main().
void reportLimits(void (*cleanUp)() = nullptr);

/// Makes Ctrl-C set a flag and a closed pipe a plain error; for main().
void watchSignals();

/// True once after each Ctrl-C (the next call clears it).
bool takeInterrupt();

/// True after a Ctrl-C that nobody took. What ends early by it leaves it there:
/// runProgram() writes what is to be written, and ends the process by it.
bool interruptPending();

/// Ends the process as Ctrl-C would have without watchSignals().
[[noreturn]] void endInterrupted();

} // namespace sinter

#endif // SINTER_RUNTIME_CORE_CONSOLE_H
