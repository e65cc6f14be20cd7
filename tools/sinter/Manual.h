//===- Manual.h - What the option table says, in other forms ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// --help, the manual page and the shells' completion are all made of
// Options.td and of the list of commands.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_MANUAL_H
#define SINTER_TOOLS_SINTER_MANUAL_H

#include "tools/sinter/Driver.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

/// A command of sinter's.
struct Command {
  const char *name;
  CommandVisibility visibility;
  llvm::Expected<int> (*run)(const Invocation &);
  size_t operands; ///< most
  const char *usage;
  const char *help;
};

/// sinter(1) in the language of man(7).
void printManual(llvm::ArrayRef<Command> commands, llvm::raw_ostream &out);

/// The script of `shell`: bash, zsh or fish; false for others.
bool printCompletion(llvm::ArrayRef<Command> commands, llvm::StringRef shell,
                     llvm::raw_ostream &out);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_MANUAL_H
