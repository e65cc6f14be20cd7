//===- Insertion.h - Names of stages and passes in options ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_INSERTION_H
#define SINTER_TOOLS_SINTER_INSERTION_H

#include "passes/Pipelines.h"

#include "llvm/Support/Error.h"

namespace sinter {

/// A wrong name in an option: lists those that there are, and the nearest.
llvm::Error unknownName(llvm::StringRef option, llvm::StringRef found,
                        llvm::ArrayRef<llvm::StringRef> names);

/// What `--insert PASS:PIPELINE` asks for; PASS `all` is each of them.
struct Insertion {
  std::string after, pipeline;

  bool comesAfter(const StagePass &pass) const {
    return !pipeline.empty() && (after == "all" || pass.name() == after);
  }
};

/// Nothing of no text; otherwise PASS must be one of `passes`.
llvm::Expected<Insertion> readInsertion(llvm::StringRef text,
                                        llvm::ArrayRef<StagePass> passes);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_INSERTION_H
