//===- BufferTable.cpp - The buffers of a function ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/CheckPlan/BufferTable.h"

#include "dialect/IR/StoredLayout.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace sinter {

std::string Rows::name() const {
  if (kind == N || kind == L)
    return kind == N ? "N" : "L";
  return (kind == Sequence ? "B" : "") + std::to_string(count);
}

// The last tokens are at most all, and each sequence has that many.
bool Rows::fit(const Rows &room) const {
  if (*this == room)
    return true;
  if (room.kind == Known)
    return kind == Known && count <= room.count;
  return room.kind == N || (kind == Known && count == 1);
}

Rows rowsOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.hasStaticShape())
    return {Rows::Known,
            type.getRank() > 1 ? type.getDimSize(0) * type.getDimSize(1) : 1};
  if (type.getRank() > 1 && !type.isDynamicDim(1))
    return {Rows::Sequence, type.getDimSize(1)};
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  if (auto last = dyn_cast<LastOp>(op)) {
    APInt count;
    if (matchPattern(last.getCount(), m_ConstantInt(&count)))
      return {Rows::Sequence, count.getSExtValue()};
    return {Rows::L};
  }
  if (auto stack = dyn_cast<StackOp>(op)) {
    unsigned number = cast<OpResult>(value).getResultNumber();
    if (Operation *end = stack.lastReturn())
      if (Rows rows = rowsOf(end->getOperand(number)); rows.kind == Rows::L)
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

/// Memory that is somebody else's: of what value, and whether it may be
/// written.
LogicalResult BufferTable::readOwned(StringRef owner, int64_t index,
                                     Value value) {
  if (llvm::any_of(buffers, [&](const Buffer &other) {
        return other.owner == owner && other.index == index;
      }))
    return function.emitOpError("has two buffers for " + owner + " " +
                                Twine(index));
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() < 2)
    return function.emitOpError("has a buffer for " + owner + " " +
                                Twine(index) + ", which is no activation");
  buffers.push_back({owner, index, "", roomFor(value)});
  return success();
}

LogicalResult BufferTable::read() {
  auto rows = function->getAttrOfType<ArrayAttr>("sinter.arena");
  if (!rows)
    return function.emitOpError(
        "has no memory plan: run sinter-plan-memory first");
  Operation *terminator = function.getBody().front().getTerminator();
  StringRef owner = function.isPublic() ? "output" : "argument";
  StringRef other = function.isPublic() ? "argument" : "output";
  for (auto row : rows.getAsRange<DictionaryAttr>()) {
    if (row.get(other))
      return function.emitOpError("has a buffer for an " + other +
                                  ", which is not its own to write");
    if (auto number = row.getAs<IntegerAttr>(owner)) {
      int64_t index = number.getInt();
      if (index >= function.getNumResults() ||
          (!function.isPublic() && index >= function.getNumArguments()))
        return function.emitOpError("has a buffer of an " + owner +
                                    " it lacks");
      Value value = function.isPublic() ? terminator->getOperand(index)
                                        : Value(function.getArgument(index));
      if (failed(readOwned(owner, index, value)))
        return failure();
      continue;
    }
    Buffer &buffer = buffers.emplace_back();
    buffer.rows = row.getAs<StringAttr>("rows").str();
    buffer.room.bytes = row.getAs<IntegerAttr>("bytes").getInt();
    buffer.room.extra = row.getAs<IntegerAttr>("extra").getInt();
  }
  return success();
}

int64_t BufferTable::owned(int64_t buffer, StringRef owner) const {
  return buffers[buffer].owner == owner ? buffers[buffer].index : -1;
}

bool BufferTable::isOfArena(int64_t buffer) const {
  return buffers[buffer].owner.empty();
}

LogicalResult BufferTable::expectRoom(Operation *op, const Room &needed,
                                      int64_t buffer) const {
  const Buffer &found = buffers[buffer];
  bool isOfArena = found.owner.empty();
  std::string wanted = needed.rows.name();
  std::string given = isOfArena ? found.rows : found.room.rows.name();
  bool fits = isOfArena ? wanted == given : needed.rows.fit(found.room.rows);
  if (fits && needed.bytes <= found.room.bytes &&
      needed.extra <= found.room.extra)
    return success();
  return op->emitOpError("needs " + wanted + " rows of " + Twine(needed.bytes) +
                         " bytes and " + Twine(needed.extra) +
                         " more, but buffer " + Twine(buffer) + " has " +
                         given + " rows of " + Twine(found.room.bytes) +
                         " and " + Twine(found.room.extra));
}

} // namespace sinter
