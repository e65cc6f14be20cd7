//===- Main.cpp - The entry of a program ----------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Apart from everything else, so that shared libraries can be linked without.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Program.h"

extern "C" const SinterModel sinter_model;

int main(int argc, char **argv) {
  return sinter::runProgram(sinter_model, argc, argv);
}
