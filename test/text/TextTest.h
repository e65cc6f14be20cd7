//===- TextTest.h - Tests of tokenizers and patterns ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_TEXT_TEXTTEST_H
#define SINTER_TEST_TEXT_TEXTTEST_H

#include "test/Check.h"

namespace sinter::text {

/// Damages the tables in `file` in many ways; none may be read out of bounds.
void testDamagedTables(const char *file);
void testPatterns();
void testHardPatterns();
void testStreams();

} // namespace sinter::text

#endif // SINTER_TEST_TEXT_TEXTTEST_H
