//===- Diagnostics.cpp - Errors that point into specs ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Diagnostics.h"

#include "llvm/ADT/StringExtras.h"

#include "llvm/Support/raw_ostream.h"

using namespace sinter;

void Diagnostics::print(SpecLoc loc, llvm::StringRef kind,
                        const llvm::Twine &message) {
  llvm::raw_string_ostream stream(text);
  if (!text.empty())
    stream << '\n';
  if (!loc.file.empty())
    stream << loc.file << ':';
  if (loc.line)
    stream << loc.line << ':' << loc.column << ':';
  if (!loc.file.empty())
    stream << ' ';
  stream << kind << ": " << message;
}

void Diagnostics::error(SpecLoc loc, const llvm::Twine &message) {
  if (++errors <= maxErrors)
    print(loc, "error", message);
}

void Diagnostics::note(SpecLoc loc, const llvm::Twine &message) {
  if (errors <= maxErrors)
    print(loc, "note", message);
}

bool Diagnostics::blame(llvm::ArrayRef<std::string> keys) {
  bool isFirst = true;
  for (const std::string &key : keys)
    isFirst &= blamed.insert(key).second;
  return isFirst;
}

llvm::Error Diagnostics::take() const {
  std::string all = text;
  if (errors > maxErrors)
    all += "\nand " + std::to_string(errors - maxErrors) + " more errors";
  return llvm::createStringError(llvm::inconvertibleErrorCode(), all);
}

std::string sinter::didYouMean(llvm::StringRef word,
                               llvm::ArrayRef<llvm::StringRef> candidates) {
  llvm::StringRef best;
  // Further away than a third of its letters, a word is another word.
  unsigned bestDistance = unsigned(word.size()) / 3 + 2;
  for (llvm::StringRef candidate : candidates) {
    unsigned distance = word.edit_distance_insensitive(
        candidate, /*AllowReplacements=*/true, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best.empty() ? "" : "; did you mean \"" + best.str() + "\"?";
}

std::string sinter::listed(llvm::ArrayRef<llvm::StringRef> words) {
  return llvm::join(words, ", ");
}
