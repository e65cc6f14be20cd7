//===- Amx.cpp - The matrix unit ------------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/isa/Amx.h"

#include "codegen/cpu/Target.h"

#include <array>

namespace sinter {

const InstructionSet &amxTile() {
  static const InstructionSet set = {.feature = "amx-tile",
                                     .needs = {"avx512bw"}};
  return set;
}
const InstructionSet &amxInt8() {
  static const InstructionSet set = {.feature = "amx-int8",
                                     .needs = {"amx-tile"},
                                     .describe = [](Target &target) {
                                       target.matrixInt8 =
                                           target.vectorBytes == 64;
                                     }};
  return set;
}
const InstructionSet &amxBf16() {
  static const InstructionSet set = {.feature = "amx-bf16",
                                     .needs = {"amx-tile", "avx512bf16"},
                                     .describe = [](Target &target) {
                                       target.matrixBf16 =
                                           target.vectorBytes == 64;
                                     }};
  return set;
}

mlir::Value AmxUnit::number(int64_t which) {
  return e.integer(e.b.getI8Type(), which);
}

/// The operand of ldtilecfg: at 16 the bytes of a row of each register (u16),
/// at 48 its rows (u8).
void AmxUnit::configure(llvm::StringRef name, llvm::ArrayRef<Shape> shapes) {
  std::array<char, 64> table = {/*palette=*/1};
  for (auto [number, shape] : llvm::enumerate(shapes)) {
    table[16 + 2 * number] = char(shape.rowBytes);
    table[48 + number] = char(shape.rows);
  }
  e.intrinsic("llvm.x86.ldtilecfg", {}, {e.globalBytes(name, table)});
}

void AmxUnit::release() { e.intrinsic("llvm.x86.tilerelease", {}, {}); }

void AmxUnit::zero(int64_t to) {
  e.intrinsic("llvm.x86.tilezero", {}, {number(to)});
}

void AmxUnit::load(int64_t to, mlir::Value pointer, int64_t stride) {
  e.intrinsic("llvm.x86.tileloadd64", {}, {number(to), pointer, e.i64(stride)});
}

void AmxUnit::store(int64_t from, mlir::Value pointer, int64_t stride) {
  e.intrinsic("llvm.x86.tilestored64", {},
              {number(from), pointer, e.i64(stride)});
}

void AmxUnit::multiply(bool bytes, int64_t sums, int64_t x, int64_t w) {
  e.intrinsic(bytes ? "llvm.x86.tdpbssd" : "llvm.x86.tdpbf16ps", {},
              {number(sums), number(x), number(w)});
}

} // namespace sinter
