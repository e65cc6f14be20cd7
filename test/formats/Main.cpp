//===- Main.cpp - The format library's own tests --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "FormatsTest.h"

#include <cstring>

int main(int argc, char **argv) {
  std::string name = argc > 1 ? argv[1] : "", path = argc > 2 ? argv[2] : "";
  if (name == "float16")
    testFloat16();
  else if (name == "quantize")
    testQuantize(path);
  else if (name == "json")
    testJson();
  else if (name == "text")
    testText();
  else if (name == "writer")
    testWriter(path);
  else if (name == "vanishing")
    testVanishing(path);
  else
    checkFailed(__FILE__, __LINE__, "no test of that name: " + name);
  if (failedChecks == 0)
    printf("%s: ok\n", name.c_str());
  return failedChecks != 0;
}
