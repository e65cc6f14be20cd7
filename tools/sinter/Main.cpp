//===- Main.cpp - sinter --------------------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Driver.h"

int main(int argc, char **argv) { return sinter::runSinter(argc, argv); }
