//===- Avx512Vnni.cpp - Four products of bytes at once, 512 bits ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Target.h"

namespace sinter {

using cpu::Products;

const InstructionSet &avx512Vnni() {
  static const InstructionSet set = {
      .feature = "avx512vnni",
      .needs = {"avx512f"},
      .dots = {{Products::U8S8x4, 32, "llvm.x86.avx512.vpdpbusd.256", true},
               {Products::U8S8x4, 64, "llvm.x86.avx512.vpdpbusd.512", true}},
      .describe = [](Target &target) {
        if (target.vectorBytes == 64)
          target.intDot = IntDot::Dpbusd;
      }};
  return set;
}

} // namespace sinter
