//===- TextTestMain.cpp - Tests of tokenizers that need no model ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TextTest.h"

#include <string_view>

using namespace sinter::text;

int main(int argc, char **argv) {
  std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "tables" && argc == 3)
    testDamagedTables(argv[2]);
  else if (what == "patterns")
    testPatterns();
  else if (what == "hard-patterns")
    testHardPatterns();
  else if (what == "streams")
    testStreams();
  else
    return 2;
  std::printf("%.*s: %d wrong\n", static_cast<int>(what.size()), what.data(),
              failedChecks);
  return failedChecks != 0;
}
