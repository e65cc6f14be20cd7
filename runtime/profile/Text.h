//===- Text.h - Formatted text for reports ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROFILE_TEXT_H
#define SINTER_RUNTIME_PROFILE_TEXT_H

#include <algorithm>
#include <cstdio>
#include <string>

namespace sinter {

/// snprintf to a string.
template <typename... Args>
std::string print(const char *format, Args... args) {
  char text[512];
  int length = snprintf(text, sizeof(text), format, args...);
  return std::string(text, size_t(std::clamp(length, 0, 511)));
}

/// "1 step", "2 steps".
inline std::string counted(int64_t count, const char *what) {
  return print("%lld %s%s", (long long)count, what, count == 1 ? "" : "s");
}

/// `text` as text or an attribute of HTML.
std::string escapeHtml(const std::string &text);

} // namespace sinter

#endif // SINTER_RUNTIME_PROFILE_TEXT_H
