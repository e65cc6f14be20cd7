//===- InstructionSet.cpp - The list of instruction sets ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/Target.h"

/// Each has a function of its name in a file of its own; the order is that of
/// instructionSets().
#define INSTRUCTION_SETS(DO)                                                   \
  DO(sse2)                                                                     \
  DO(avx2)                                                                     \
  DO(avx512)                                                                   \
  DO(avxVnni)                                                                  \
  DO(avx512Vnni)                                                               \
  DO(avx512Bf16)                                                               \
  DO(amxTile)                                                                  \
  DO(amxInt8)                                                                  \
  DO(amxBf16)

#define DECLARE(name) const InstructionSet &name();
#define LIST(name) &name(),

namespace sinter {
INSTRUCTION_SETS(DECLARE)

llvm::ArrayRef<const InstructionSet *> instructionSets() {
  static const InstructionSet *const all[] = {INSTRUCTION_SETS(LIST)};
  return all;
}
} // namespace sinter

#undef INSTRUCTION_SETS
#undef DECLARE
#undef LIST
