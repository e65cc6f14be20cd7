//===- AvxVnni.cpp - Four products of bytes at once, 256 bits -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Target.h"

namespace sinter {

using cpu::Products;

/// LLVM has one intrinsic for both encodings.
const InstructionSet &avxVnni() {
  static const InstructionSet set = {
      .feature = "avxvnni",
      .needs = {"avx2"},
      .dots = {{Products::U8S8x4, 32, "llvm.x86.avx512.vpdpbusd.256", true}},
      .describe = [](Target &target) {
        if (target.vectorBytes == 32)
          target.intDot = IntDot::Dpbusd;
      }};
  return set;
}

} // namespace sinter
