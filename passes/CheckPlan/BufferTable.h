//===- BufferTable.h - The buffers of a function ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// A function's `sinter.arena`, and what has room in its buffers.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_CHECKPLAN_BUFFERTABLE_H
#define SINTER_PASSES_CHECKPLAN_BUFFERTABLE_H

#include "dialect/IR/Sinter.h"

namespace sinter {

/// The number of rows of a tensor, followed from the front, unlike the planner
/// does.
Rows rowsOf(mlir::Value value);

/// What a buffer holds, or is asked to.
struct Room {
  Rows rows;
  int64_t bytes = 0; ///< of a row
  int64_t extra = 0; ///< beyond the rows: whole tiles are written
};

class BufferTable {
public:
  explicit BufferTable(mlir::func::FuncOp function) : function(function) {}

  /// Reads the table; fails with a diagnostic where it is none of this
  /// function.
  llvm::LogicalResult read();
  int64_t size() const { return buffers.size(); }
  bool contains(int64_t buffer) const { return buffer >= 0 && buffer < size(); }
  /// The argument or output that a buffer is, or -1.
  int64_t owned(int64_t buffer, Buffer::Owner owner) const;
  bool isOfArena(int64_t buffer) const;
  /// Fails unless `buffer` has room for what `op` puts there.
  llvm::LogicalResult expectRoom(mlir::Operation *op, const Room &needed,
                                 int64_t buffer) const;

private:
  llvm::LogicalResult readOwned(const Buffer &buffer);

  mlir::func::FuncOp function;
  llvm::ArrayRef<Buffer> buffers;
  llvm::SmallVector<Room> rooms; ///< of the buffers
};

/// The room that a tensor takes.
Room roomFor(mlir::Value tensor);

} // namespace sinter

#endif // SINTER_PASSES_CHECKPLAN_BUFFERTABLE_H
