//===- OwnOptions.h - A tool's --help has its own options -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_OWNOPTIONS_H
#define SINTER_TOOLS_OWNOPTIONS_H

#include "llvm/Support/CommandLine.h"

namespace sinter {

/// Hides the options that LLVM's libraries bring along, hundreds of them, from
/// --help; --help-hidden has them. Before a tool makes its own.
inline void hideLibraryOptions() {
  for (auto &entry : llvm::cl::getRegisteredOptions())
    if (llvm::StringRef name = entry.first;
        name != "help" && name != "version" && name != "color")
      entry.second->setHiddenFlag(llvm::cl::Hidden);
}

} // namespace sinter

#endif // SINTER_TOOLS_OWNOPTIONS_H
