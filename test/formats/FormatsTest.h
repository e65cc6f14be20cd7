//===- FormatsTest.h - Tests of file formats --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_FORMATS_FORMATSTEST_H
#define SINTER_TEST_FORMATS_FORMATSTEST_H

#include "test/Check.h"

// The tests, by the name that sinter-formats-test takes; `path` is a file or
// a folder that the test is given.
void testFloat16();
void testQuantize(const std::string &path);
void testJson();
void testText();
void testWriter(const std::string &path);
void testVanishing(const std::string &path);

#endif // SINTER_TEST_FORMATS_FORMATSTEST_H
