//===- Planted.cpp - A fault that fuzz/run must report --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Reads one byte too far when the input begins with "bug", which the sanitizer
// stops. Who trusts a run without failures wants to see one that has some.
//
//===----------------------------------------------------------------------===//

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::vector<uint8_t> copy(data, data + size);
  if (size >= 3 && memcmp(data, "bug", 3) == 0)
    return *(const volatile uint8_t *)(copy.data() + size) & 0;
  return 0;
}
