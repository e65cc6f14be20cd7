//===- Avx2.cpp - Vectors of 256 bits -------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Target.h"

namespace sinter {

using cpu::Products;

const InstructionSet &avx2() {
  static const InstructionSet set = {
      .feature = "avx2",
      .dots = {{Products::S16x2, 32, "llvm.x86.avx2.pmadd.wd", false},
               {Products::U8S8x2, 32, "llvm.x86.avx2.pmadd.ub.sw", false}},
      .signs = {{32, "llvm.x86.avx2.psign.b"}},
      .describe = [](Target &target) {
        target.vectorBytes = 32;
        target.floatTile = {6, 2};
        target.bf16Tile = {4, 2};
        target.blockTile = {6, 1};
        target.intTile = {4, 2};
        target.tileTokens = 12;
        target.intDot = IntDot::MaddUbs;
      }};
  return set;
}

} // namespace sinter
