//===- Insertion.cpp - Names of stages and passes in options --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Insertion.h"

#include "spec/Diagnostics.h"
#include "tools/sinter/Driver.h"

namespace sinter {

llvm::Error unknownName(llvm::StringRef option, llvm::StringRef found,
                        llvm::ArrayRef<llvm::StringRef> names) {
  std::vector<llvm::StringRef> all(names.begin(), names.end());
  return usageError(option + ": expected one of " + listed(all) + ", found '" +
                    found + "'" + didYouMean(found, all));
}

llvm::Expected<Insertion> readInsertion(llvm::StringRef text,
                                        llvm::ArrayRef<StagePass> passes) {
  if (text.empty())
    return Insertion();
  auto [after, pipeline] = text.split(':');
  if (pipeline.empty())
    return usageError("--insert: expected PASS:PIPELINE, found '" + text + "'");
  Insertion insertion{after.str(), pipeline.str()};
  if (llvm::any_of(passes, [&](const StagePass &pass) {
        return insertion.comesAfter(pass);
      }))
    return insertion;
  std::vector<llvm::StringRef> names = {"all"};
  for (const StagePass &pass : passes)
    if (!llvm::is_contained(names, pass.name()))
      names.push_back(pass.name());
  return unknownName("--insert", after, names);
}

} // namespace sinter
