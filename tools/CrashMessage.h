//===- CrashMessage.h - What a tool that crashes says -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_CRASHMESSAGE_H
#define SINTER_TOOLS_CRASHMESSAGE_H

#include "llvm/Support/PrettyStackTrace.h"

namespace sinter {

/// In place of LLVM's request to report to its own tracker.
inline void nameOwnHelp() {
  llvm::setBugReportMsg("this is a bug of Sinter, not of LLVM; to repeat it: "
                        "the program arguments below, with their input\n");
}

} // namespace sinter

#endif // SINTER_TOOLS_CRASHMESSAGE_H
