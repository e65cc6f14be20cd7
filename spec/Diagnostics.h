//===- Diagnostics.h - Errors that point into specs -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Collects what is wrong with a spec, its configuration or its weights, so that
// one run shows several mistakes. Functions that report return a default value
// and go on; whoever owns the Diagnostics asks failed() between stages.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_SPEC_DIAGNOSTICS_H
#define SINTER_SPEC_DIAGNOSTICS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <set>
#include <string>
#include <vector>

namespace sinter {

/// A place in a file; line 0 names the file alone.
struct SpecLoc {
  llvm::StringRef file; ///< owned by whoever loads the model
  unsigned line = 0;
  unsigned column = 0;

  SpecLoc shifted(unsigned columns) const {
    return {file, line, line ? column + columns : 0};
  }
};

class Diagnostics {
public:
  void error(SpecLoc loc, const llvm::Twine &message);
  /// Explains the last error.
  void note(SpecLoc loc, const llvm::Twine &message);
  void warning(const llvm::Twine &message) {
    warningList.push_back(message.str());
  }

  /// Notes that an error is about these keys of the checkpoint; false when one
  /// was about any of them before, which this one then comes of.
  bool blame(llvm::ArrayRef<std::string> keys);

  /// Notes that a value was refused, and a default taken in its place. What
  /// does not fit together from here on may come of that, and is not reported.
  void takeDefault() { defaultTaken = true; }
  bool tookDefault() const { return defaultTaken; }

  bool failed() const { return errors != 0; }
  /// All errors so far as one, in the order in which they were reported.
  llvm::Error take() const;
  const std::vector<std::string> &warnings() const { return warningList; }

private:
  void print(SpecLoc loc, llvm::StringRef kind, const llvm::Twine &message);

  static constexpr unsigned maxErrors = 20;
  unsigned errors = 0;
  bool defaultTaken = false;
  std::set<std::string> blamed;
  std::string text;
  std::vector<std::string> warningList;
};

/// "; did you mean "x"?" for the candidate that is nearest to `word`, or ""
/// when none is near.
std::string didYouMean(llvm::StringRef word,
                       llvm::ArrayRef<llvm::StringRef> candidates);

/// "a, b, c".
std::string listed(llvm::ArrayRef<llvm::StringRef> words);

} // namespace sinter

#endif // SINTER_SPEC_DIAGNOSTICS_H
