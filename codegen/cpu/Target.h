//===- Target.h - What a CPU offers to kernels ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// What differs between instruction sets, as data: vector width, registers, how
// 8-bit and bf16 products are summed, the shapes of register tiles. Files of
// codegen/cpu/isa fill it in; lowerings read it, and none is written for one
// instruction set.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CPU_TARGET_H
#define SINTER_CODEGEN_CPU_TARGET_H

#include "codegen/cpu/isa/InstructionSet.h"
#include "runtime/support/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sinter {

/// How four u8 x s8 products a 32-bit lane are added to it.
enum class IntDot : uint8_t {
  Widen,   ///< even and odd bytes as 16 bits, multiply and add pairs twice
  MaddUbs, ///< pairs in 16 bits (saturating), then pairs in 32 bits
  Dpbusd,  ///< one instruction (AVX-512 VNNI or AVX-VNNI)
};

/// How two bf16 x bf16 products a 32-bit lane are added to it.
enum class Bf16Dot : uint8_t {
  Widen,  ///< as two f32 multiply-adds
  Dpbf16, ///< one instruction (AVX-512 BF16)
};

/// Accumulators of an inner loop: `tokens` x `panels` vectors.
struct RegisterTile {
  int tokens;
  int panels;
};

/// A CPU to generate code for. Vectors have `lanes` 32-bit lanes; a panel of
/// packed weights has a row for each lane.
struct Target {
  std::string triple;   ///< of LLVM
  std::string cpu;      ///< LLVM's name of the level: "x86-64-v3"
  std::string tuneCpu;  ///< LLVM's name of the CPU to schedule for
  std::string features; ///< beyond the level, for LLVM: "+avx512vnni,..."
  /// All that generated code may use, names of LLVM: "sse3,...,avx2,fma".
  std::vector<std::string> required;

  int vectorBytes = 16;
  int lanes = 4;
  int registers = 16;
  bool fma = false;
  bool f16c = false; ///< conversion between f16 and f32
  IntDot intDot = IntDot::Widen;
  Bf16Dot bf16Dot = Bf16Dot::Widen;
  bool matrixInt8 = false; ///< a matrix unit (AMX) for a8 activations
  bool matrixBf16 = false; ///< and for bf16 ones

  /// Tokens of a tile of activations (`#sinter.tiled`) of many tokens.
  int tileTokens = 4;
  RegisterTile floatTile = {4, 2}; ///< products of floats as they are stored
  RegisterTile bf16Tile = {4, 1};  ///< bf16 weights widened in registers
  RegisterTile blockTile = {4, 1}; ///< block weights dequantized in registers
  RegisterTile intTile = {4, 1};   ///< a8 activations
  /// With one token: panels read at once, far from each other, so that each
  /// is a stream of its own to the prefetcher.
  int streams = 4;
  std::vector<const InstructionSet *> sets; ///< that it has
  /// Caches, for blocks of tokens: of a core, and of all.
  int64_t l2Bytes = 1 << 20, l3Bytes = 8 << 20;

  /// Rows of a panel of packed weights.
  int panelRows() const { return lanes; }
  /// Whether packed q8_0 is stored as u8 q + 128.
  bool biasedQ8() const { return intDot == IntDot::Dpbusd; }
  bool has(std::string_view feature) const;
  /// The instruction for such a `cpu.dot` or `cpu.with_sign`, or null.
  const DotInstruction *dot(cpu::Products products, int64_t bytes) const;
  const SignInstruction *sign(int64_t bytes) const;
  /// `required` with commas, for the program's check of the CPU.
  std::string requiredFeatures() const;
};

/// The target of `--features=native|baseline|x86-64-v3|x86-64-v4[,+f][,-f]`.
/// A feature is named as LLVM does. Fails with a sentence that names the part
/// at fault and what is known.
Result<Target> parseTarget(std::string_view features);

/// The target of a level and of what it has beyond, in LLVM's names: the fields
/// `cpu`, `tuneCpu` and `features` of another target.
Result<Target> makeTarget(std::string_view cpu, std::string_view tune,
                          std::string_view features);

} // namespace sinter

#endif // SINTER_CODEGEN_CPU_TARGET_H
