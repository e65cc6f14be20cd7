//===- Planted.cpp - Faults that sanitizers must find ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A race and a byte read beyond a buffer. Unless the one that a sanitizer is for
// is reported, its silence about everything else means nothing.
//
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <cstdlib>
#include <thread>

static int counter = 0;

int main(int argc, char **) {
  std::thread other([] { ++counter; });
  ++counter;
  other.join();
  volatile char *bytes = static_cast<char *>(calloc(8, 1));
  printf("%d %d\n", counter, int(bytes[7 + argc]));
  free(const_cast<char *>(bytes));
  return 0;
}
