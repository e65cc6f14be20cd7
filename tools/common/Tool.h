//===- Tool.h - What every tool begins with ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Limits of the process (ulimit, full disks) are errors that say so, a crash
// names Sinter's own help, and --help has the tool's own options.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_COMMON_TOOL_H
#define SINTER_TOOLS_COMMON_TOOL_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace sinter {

/// First in main() of the tool `name`, before its own options of LLVM's kind
/// are made.
void prepareTool(const char *name);

/// Runs `work` where LLVM's recursions fit, whatever ulimit -s says.
int onLargeStack(llvm::function_ref<int()> work);

/// The whole main() of a tool: both, with LLVM's handlers of signals.
int runTool(const char *name, int argc, char **argv,
            llvm::function_ref<int()> work);

/// The path of this executable.
std::string thisExecutable(const char *argv0);

/// A folder or file of the installation that an executable belongs to:
/// "lib/sinter", "share/sinter/models".
std::string installedPath(llvm::StringRef executable, llvm::StringRef path);

} // namespace sinter

#endif // SINTER_TOOLS_COMMON_TOOL_H
