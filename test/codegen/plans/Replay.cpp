//===- Replay.cpp - Plays a plan with several threads ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/plans/Replay.h"

#include "test/codegen/plans/Player.h"

using namespace mlir;

namespace sinter::replay {

/// Entries for one token have one of each. In others there are more tokens than
/// last ones, and more of these than sequences; buffers must have room for far
/// more, and where there are no more.
constexpr Sizes kOne = {1, 1, 1}, kSome[] = {{2, 3, 2},
                                             {1, 100000, 1, true},
                                             {1, 100000, 100000, true},
                                             {1, 1, 1, true}};

/// Whether batch and tokens are 1 in an entry's types.
static bool isForOneToken(func::FuncOp entry) {
  return llvm::all_of(entry.getArguments(), [](Value argument) {
    return !isTensor(argument) ||
           !cast<RankedTensorType>(argument.getType()).isDynamicDim(0);
  });
}

std::string play(ModuleOp module, int threads) {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal() || !function.isPublic())
      continue;
    bool one = isForOneToken(function);
    for (const Sizes &sizes : one ? ArrayRef(kOne) : ArrayRef(kSome)) {
      Player player(module, threads, sizes);
      player.playEntry(function);
      if (!player.violation().empty())
        return player.violation();
    }
  }
  return "";
}

} // namespace sinter::replay
