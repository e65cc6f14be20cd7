//===- BufferTable.cpp - The buffers of a function ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/CheckPlan/BufferTable.h"

#include "dialect/IR/StoredLayout.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace sinter {

/// Whether there are surely no more rows than of `room`: the last tokens are at
/// most all, and each sequence has that many.
static bool fit(const Rows &rows, const Rows &room) {
  if (rows.kind == room.kind)
    return rows.count <= room.count;
  return room.kind == Rows::Tokens
             ? rows.kind != Rows::Known || rows.count == 1
             : rows.kind == Rows::Known && rows.count == 1;
}

Rows rowsOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.hasStaticShape())
    return {Rows::Known,
            type.getRank() > 1 ? type.getDimSize(0) * type.getDimSize(1) : 1};
  if (type.getRank() > 1 && !type.isDynamicDim(1))
    return {Rows::PerSequence, type.getDimSize(1)};
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  if (auto last = dyn_cast<LastOp>(op)) {
    APInt count;
    if (matchPattern(last.getCount(), m_ConstantInt(&count)))
      return {Rows::PerSequence, count.getSExtValue()};
    return {Rows::Last};
  }
  if (auto stack = dyn_cast<StackOp>(op)) {
    unsigned number = cast<OpResult>(value).getResultNumber();
    if (Operation *end = stack.lastReturn())
      if (Rows rows = rowsOf(end->getOperand(number)); rows.kind == Rows::Last)
        return rows;
    return rowsOf(stack.getCarried()[number]);
  }
  if (auto fused = dyn_cast<FusedOp>(op))
    return rowsOf(fused.getBody().front().getTerminator()->getOperand(
        cast<OpResult>(value).getResultNumber()));
  // The activations come first in every op of tokens.
  for (Value operand : op->getOperands())
    if (auto from = dyn_cast<RankedTensorType>(operand.getType()))
      if (from.getRank() > 1 && from.isDynamicDim(0))
        return rowsOf(operand);
  return {};
}

Room roomFor(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t features = 1;
  for (int64_t size : type.getShape().drop_front(2))
    features *= size;
  Room room{rowsOf(tensor), storedBytes(type.getElementType(), features)};
  if (auto tiled = dyn_cast_or_null<TiledAttr>(type.getEncoding()))
    room.extra = room.bytes * (tiled.getTokens() - 1);
  return room;
}

static StringRef nameOf(Buffer::Owner owner) {
  return owner == Buffer::Output ? "output" : "argument";
}

/// Memory that is somebody else's: it has room for the value that it is.
LogicalResult BufferTable::readOwned(const Buffer &buffer) {
  StringRef owner = nameOf(buffer.owner);
  auto expected = function.isPublic() ? Buffer::Output : Buffer::Argument;
  if (buffer.owner != expected)
    return function.emitOpError("has a buffer for an " + owner +
                                ", which is not its own to write");
  if (buffer.index >= function.getNumResults() ||
      (!function.isPublic() && buffer.index >= function.getNumArguments()))
    return function.emitOpError("has a buffer of an " + owner + " it lacks");
  if (llvm::count(buffers, buffer) > 1)
    return function.emitOpError("has two buffers for " + owner + " " +
                                Twine(buffer.index));
  Operation *terminator = function.getBody().front().getTerminator();
  Value value = function.isPublic() ? terminator->getOperand(buffer.index)
                                    : Value(function.getArgument(buffer.index));
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() < 2)
    return function.emitOpError("has a buffer for " + owner + " " +
                                Twine(buffer.index) +
                                ", which is no activation");
  rooms.push_back(roomFor(value));
  return success();
}

LogicalResult BufferTable::read() {
  if (!function->hasAttr(kArena))
    return function.emitOpError(
        "has no memory plan: run sinter-plan-memory first");
  buffers = arenaOf(function);
  for (const Buffer &buffer : buffers)
    if (buffer.owner == Buffer::Arena)
      rooms.push_back({buffer.rows, buffer.bytes, buffer.extra});
    else if (failed(readOwned(buffer)))
      return failure();
  return success();
}

int64_t BufferTable::owned(int64_t buffer, Buffer::Owner owner) const {
  return buffers[buffer].owner == owner ? buffers[buffer].index : -1;
}

bool BufferTable::isOfArena(int64_t buffer) const {
  return buffers[buffer].owner == Buffer::Arena;
}

LogicalResult BufferTable::expectRoom(Operation *op, const Room &needed,
                                      int64_t buffer) const {
  const Room &room = rooms[buffer];
  // A table may hold any numbers up to 2^40.
  auto bytesOf = [](const Room &room) {
    return llvm::SaturatingMultiplyAdd<uint64_t>(room.rows.count, room.bytes,
                                                 room.extra);
  };
  bool fits = fit(needed.rows, room.rows) && needed.bytes <= room.bytes &&
              needed.extra <= room.extra;
  if (needed.rows.kind == Rows::Known && room.rows.kind == Rows::Known)
    fits = bytesOf(needed) <= bytesOf(room);
  if (fits)
    return success();
  return op->emitOpError(
      "needs " + needed.rows.name() + " rows of " + Twine(needed.bytes) +
      " bytes and " + Twine(needed.extra) + " more, but buffer " +
      Twine(buffer) + " has " + room.rows.name() + " rows of " +
      Twine(room.bytes) + " and " + Twine(room.extra));
}

} // namespace sinter
