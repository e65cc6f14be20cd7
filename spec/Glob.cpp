//===- Glob.cpp - Names with "*" in them ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "spec/Glob.h"

#include "llvm/ADT/StringExtras.h"

#include <optional>
#include <utility>

bool sinter::matchesGlob(llvm::StringRef pattern, llvm::StringRef name) {
  std::optional<std::pair<llvm::StringRef, llvm::StringRef>> retry;
  while (true) {
    if (pattern.consume_front("*")) {
      retry = {pattern, name};
      continue;
    }
    if (pattern.empty() && name.empty())
      return true;
    if (pattern.starts_with("{i}") || pattern.starts_with("{e}")) {
      size_t digits = name.take_while(llvm::isDigit).size();
      if (digits) {
        pattern = pattern.substr(3);
        name = name.substr(digits);
        continue;
      }
    } else if (!pattern.empty() && !name.empty() && pattern[0] == name[0]) {
      pattern = pattern.substr(1);
      name = name.substr(1);
      continue;
    }
    if (!retry || retry->second.empty())
      return false;
    retry->second = retry->second.substr(1);
    pattern = retry->first;
    name = retry->second;
  }
}

/// Optional parts multiply the names to try; no checkpoint needs more.
static constexpr unsigned maxOptionalParts = 4;

static void expand(llvm::StringRef pattern, std::string prefix,
                   std::vector<std::string> &out, unsigned depth) {
  size_t open = pattern.find('[');
  size_t close = pattern.find(']', open == llvm::StringRef::npos ? 0 : open);
  if (open == llvm::StringRef::npos || close == llvm::StringRef::npos ||
      depth == maxOptionalParts) {
    out.push_back(prefix + pattern.str());
    return;
  }
  prefix += pattern.take_front(open);
  llvm::StringRef rest = pattern.substr(close + 1);
  expand(rest, prefix + pattern.slice(open + 1, close).str(), out, depth + 1);
  expand(rest, prefix, out, depth + 1);
}

void sinter::expandOptional(llvm::StringRef pattern,
                            std::vector<std::string> &out) {
  expand(pattern, "", out, 0);
}
