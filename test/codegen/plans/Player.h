//===- Player.h - Plays one entry of a planned module -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_CODEGEN_PLANS_PLAYER_H
#define SINTER_TEST_CODEGEN_PLANS_PLAYER_H

#include "codegen/cpu/IR/Cpu.h"
#include "test/codegen/plans/ReplayMemory.h"

namespace sinter::replay {

/// Of a step.
struct Sizes {
  int64_t batch, tokens, last;
  bool roomAlone = false; ///< whether to look at sizes of buffers alone
};

/// Where a value is while a program is played.
struct Held {
  enum Kind { Given, Private, InMemory } kind = Given;
  int64_t value = -1; ///< unlike all others that were ever made
  int64_t rows = 0, rowBytes = 0;
  int64_t base = 0; ///< address
};

class Player {
public:
  Player(mlir::ModuleOp module, int threads, Sizes sizes)
      : symbols(module), threads(threads), sizes(sizes),
        memory(/*blind=*/sizes.roomAlone) {}

  void playEntry(mlir::func::FuncOp entry);
  const std::string &violation() const { return memory.violation(); }

private:
  using Frame = llvm::DenseMap<mlir::Value, Held>;

  struct Call {
    mlir::func::FuncOp function;
    Frame frame;
    int64_t layer = -1;
    llvm::SmallVector<std::pair<int64_t, int64_t>> buffers; ///< base, bytes
    int64_t scratch = 0;                                    ///< first free byte
  };

  void play(Call &call);
  void placeBuffers(Call &call);
  void playStack(Call &call, StackOp stack);
  void leave(Call &call, mlir::Operation *terminator);
  void playKernel(Call &call, mlir::Operation *kernel);
  void readAll(Call &call, mlir::Operation *kernel, Share share, int64_t rows);
  void readRows(const Held &held, int64_t rows, bool ownRow);
  void append(Call &call, AppendOp op, bool ownRow);
  void writeResult(Call &call, mlir::OpResult result, Share share,
                   int64_t rows);
  void expectInPlace(Call &call, FusedOp fused);
  void expectApart(Call &call, mlir::Operation *kernel);
  void useWorkspace(Call &call, mlir::Operation *kernel);
  Held heldOf(Call &call, mlir::Value value);
  int64_t rowsOf(Call &call, mlir::Value value, FusedOp inside = {});
  int64_t indexOf(Call &call, mlir::Value value);

  Threads all() const { return (Threads(1) << threads) - 1; }
  /// Rows are shared in contiguous parts.
  Threads threadOfRow(int64_t row, int64_t rows) const {
    return Threads(1) << (row * threads / rows);
  }
  /// Another share of each kernel's has no relation to those of others.
  Threads anyThread(int64_t row, int64_t part) const {
    uint64_t mixed = (kernels * 31 + row) * 1000003 + part;
    mixed ^= mixed >> 13;
    mixed *= 0x9e3779b97f4a7c15;
    return Threads(1) << ((mixed >> 40) % threads);
  }

  mlir::SymbolTable symbols;
  int threads;
  Sizes sizes;
  Memory memory;
  int64_t values = 0, kernels = 0;
};

/// Whether a value is an activation, an id or a mask: (batch, tokens, ...).
bool isTensor(mlir::Value value);
/// The same, and no table or weight.
bool isOfStep(mlir::Value value);
/// Bytes beyond the rows: the last tile is written whole.
int64_t extraOf(mlir::RankedTensorType type);

} // namespace sinter::replay

#endif // SINTER_TEST_CODEGEN_PLANS_PLAYER_H
