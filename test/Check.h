//===- Check.h - What unit tests check with ---------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A failed check prints its place and is counted; main() returns whether there
// were any.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CHECK_H
#define SINTER_TEST_CHECK_H

#include <cstdio>
#include <string>

/// Failed checks so far.
inline int failedChecks = 0;

inline void checkFailed(const char *file, int line, const std::string &what) {
  fprintf(stderr, "%s:%d: failed: %s\n", file, line, what.c_str());
  ++failedChecks;
}

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition))                                                          \
      checkFailed(__FILE__, __LINE__, #condition);                             \
  } while (false)

/// Checks that `result` is a failure whose message contains `text`.
#define CHECK_FAILS(result, text)                                              \
  do {                                                                         \
    std::string message = (result).message();                                  \
    if (message.find(text) == std::string::npos)                               \
      checkFailed(__FILE__, __LINE__,                                          \
                  "expected \"" + std::string(text) + "\" in \"" + message +   \
                      "\"");                                                   \
  } while (false)

#endif // SINTER_TEST_CHECK_H
