//===- Avx512Bf16.cpp - Pairs of bf16 products, 512 bits ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Target.h"

namespace sinter {

using cpu::Products;

const InstructionSet &avx512Bf16() {
  static const InstructionSet set = {
      .feature = "avx512bf16",
      .needs = {"avx512bw"},
      .dots = {{Products::Bf16x2, 64, "llvm.x86.avx512bf16.dpbf16ps.512",
                true}},
      .describe = [](Target &target) {
        if (target.vectorBytes == 64)
          target.bf16Dot = Bf16Dot::Dpbf16;
      }};
  return set;
}

} // namespace sinter
