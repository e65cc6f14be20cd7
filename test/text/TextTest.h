//===- TextTest.h - Checks that count what is wrong -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_TEXT_TEXTTEST_H
#define SINTER_TEST_TEXT_TEXTTEST_H

#include <cstdio>

/// Counts and prints a condition that does not hold.
#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      std::printf("%s:%d: wrong: %s\n", __FILE__, __LINE__, #condition);       \
      ++failures;                                                              \
    }                                                                          \
  } while (false)

namespace sinter::text {

extern int failures;

/// Damages the tables in `file` in many ways; none may be read out of bounds.
void testDamagedTables(const char *file);
void testPatterns();
void testHardPatterns();
void testStreams();

} // namespace sinter::text

#endif // SINTER_TEST_TEXT_TEXTTEST_H
