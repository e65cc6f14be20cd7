//===- Avx512.cpp - Vectors of 512 bits, 32 registers ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Target.h"

namespace sinter {

using cpu::Products;

/// With 32 registers the 8-bit tiles leave room for f32 sums as well. Lines of
/// 64 bytes need fewer streams: two loads are as many lines as four of half of
/// them.
const InstructionSet &avx512() {
  static const InstructionSet set = {
      .feature = "avx512vl",
      .needs = {"avx512bw", "avx512dq"},
      .dots = {{Products::S16x2, 64, "llvm.x86.avx512.pmaddw.d.512", false},
               {Products::U8S8x2, 64, "llvm.x86.avx512.pmaddubs.w.512", false}},
      .describe = [](Target &target) {
        target.vectorBytes = 64;
        target.registers = 32;
        target.floatTile = target.bf16Tile = {12, 2};
        target.blockTile = target.intTile = {6, 2};
        target.tileTokens = 12;
        target.streams = 2;
        target.intDot = IntDot::MaddUbs;
      }};
  return set;
}

} // namespace sinter
