//===- Installed.cpp - Where the rest of Sinter lies ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/common/Tool.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

std::string sinter::thisExecutable(const char *argv0) {
  static int anchor;
  return llvm::sys::fs::getMainExecutable(argv0, &anchor);
}

std::string sinter::installedPath(llvm::StringRef executable,
                                  llvm::StringRef path) {
  llvm::SmallString<128> result(executable);
  llvm::sys::path::remove_filename(result);
  llvm::sys::path::append(result, "..", path);
  llvm::sys::path::remove_dots(result, /*remove_dot_dot=*/true);
  return result.str().str();
}
