//===- Sse2.cpp - Vectors of 128 bits -------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Target.h"

namespace sinter {

using cpu::Products;

/// Register tiles: as many accumulators as leave room for the weights, what
/// widens them, and a broadcast (bench/kernels).
const InstructionSet &sse2() {
  static const InstructionSet set = {
      .feature = "",
      .dots = {{Products::S16x2, 16, "llvm.x86.sse2.pmadd.wd", false}},
      .describe = [](Target &target) {
        target.vectorBytes = 16;
        target.registers = 16;
        target.floatTile = {4, 2};
        target.bf16Tile = target.blockTile = target.intTile = {4, 1};
        target.tileTokens = 4;
        target.streams = 4;
      }};
  return set;
}

} // namespace sinter
