//===- Player.cpp - Plays one entry of a planned module -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Functions: sizes, places, layers. Kernels are in PlayKernels.cpp.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/plans/Player.h"

#include "dialect/IR/StoredLayout.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace sinter::replay {

/// Far enough from each other.
constexpr int64_t kArea = int64_t(1) << 32;

bool isTensor(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() > 1;
}

bool isOfStep(Value value) {
  Operation *op = value.getDefiningOp();
  return isTensor(value) &&
         !(op && (isa<WeightOp>(op) || op->hasTrait<OpTrait::ConstantLike>()));
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

int64_t extraOf(RankedTensorType type) {
  auto tiled = dyn_cast_or_null<TiledAttr>(type.getEncoding());
  return tiled ? (tiled.getTokens() - 1) * tokenBytes(type) : 0;
}

int64_t Player::indexOf(Call &call, Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  if (auto entry = value.getDefiningOp<LayerValueOp>()) {
    auto table = symbols.lookup<LayerTableOp>(entry.getTable());
    int64_t row = indexOf(call, entry.getLayer());
    auto number = dyn_cast<IntegerAttr>(table.getValues()[row]);
    return number ? number.getInt() : 0;
  }
  auto argument = dyn_cast<BlockArgument>(value);
  bool isLayer = argument && !call.function.isPublic() &&
                 argument.getArgNumber() == call.function.getNumResults();
  return isLayer ? call.layer : 0;
}

int64_t Player::rowsOf(Call &call, Value value, FusedOp inside) {
  auto type = cast<RankedTensorType>(value.getType());
  if (!type.isDynamicDim(1))
    return (type.isDynamicDim(0) ? sizes.batch : type.getDimSize(0)) *
           type.getDimSize(1);
  if (auto found = call.frame.find(value); found != call.frame.end())
    return found->second.rows;
  Operation *op = value.getDefiningOp();
  if (!op)
    return sizes.batch * sizes.tokens;
  if (auto last = dyn_cast<LastOp>(op)) {
    APInt count;
    bool known = matchPattern(last.getCount(), m_ConstantInt(&count));
    return sizes.batch * (known ? count.getSExtValue() : sizes.last);
  }
  if (auto fused = dyn_cast<FusedOp>(op))
    return rowsOf(call, fused.getBody().front().getTerminator()->getOperand(
                            cast<OpResult>(value).getResultNumber()));
  if (auto stack = dyn_cast<StackOp>(op))
    if (Operation *end = stack.lastReturn()) {
      Call last;
      last.function = end->getParentOfType<func::FuncOp>();
      return rowsOf(last,
                    end->getOperand(cast<OpResult>(value).getResultNumber()));
    }
  for (Value operand : op->getOperands())
    if (isTensor(operand) &&
        cast<RankedTensorType>(operand.getType()).isDynamicDim(1))
      return rowsOf(call, operand);
  return sizes.batch * sizes.tokens;
}

void Player::placeBuffers(Call &call) {
  for (const Buffer &buffer : arenaOf(call.function)) {
    if (buffer.owner == Buffer::Argument) {
      Held &held = call.frame[call.function.getArgument(buffer.index)];
      auto type = cast<RankedTensorType>(
          call.function.getArgument(buffer.index).getType());
      call.buffers.push_back(
          {held.base, held.rows * held.rowBytes + extraOf(type)});
      continue;
    }
    if (buffer.owner == Buffer::Output) {
      Operation *end = call.function.getBody().front().getTerminator();
      Value value = end->getOperand(buffer.index);
      auto type = cast<RankedTensorType>(value.getType());
      int64_t bytes = rowsOf(call, value) * tokenBytes(type) + extraOf(type);
      call.buffers.push_back({(2 + buffer.index) * kArea, bytes});
      continue;
    }
    int64_t rows[] = {sizes.batch * sizes.tokens, sizes.batch * sizes.last,
                      sizes.batch * buffer.rows.count, buffer.rows.count};
    int64_t bytes = rows[buffer.rows.kind] * buffer.bytes + buffer.extra;
    call.buffers.push_back({call.scratch, bytes});
    call.scratch += (bytes + 63) / 64 * 64;
  }
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

void Player::playEntry(func::FuncOp entry) {
  Call call;
  call.function = entry;
  call.scratch = kArea;
  int64_t area = 1000;
  for (Value argument : entry.getArguments()) {
    if (isa<CacheType>(argument.getType())) {
      call.frame[argument] = {Held::InMemory, -1, 0, 0, area++ * kArea};
    } else if (isTensor(argument)) {
      int64_t rows = rowsOf(call, argument);
      call.frame[argument] = {Held::Given, values++, rows, 0, 0};
    }
  }
  placeBuffers(call);
  play(call);
}

void Player::play(Call &call) {
  for (Operation &op : call.function.getBody().front()) {
    if (!violation().empty())
      return;
    if (isa<cpu::BarrierOp>(op))
      memory.meet();
    else if (auto stack = dyn_cast<StackOp>(op))
      playStack(call, stack);
    else if (isa<KernelOpInterface>(op))
      playKernel(call, &op);
    else if (auto reshape = dyn_cast<ReshapeOp>(op);
             reshape && isOfStep(reshape.getInput()))
      call.frame[reshape] = heldOf(call, reshape.getInput());
    else if (isa<func::ReturnOp>(op))
      leave(call, &op);
  }
}

/// Results are where their owners look for them.
void Player::leave(Call &call, Operation *terminator) {
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    if (!isTensor(value))
      continue;
    Held held = heldOf(call, value);
    int64_t place = call.function.isPublic()
                        ? int64_t(2 + index) * kArea
                        : call.frame[call.function.getArgument(index)].base;
    if (held.kind != Held::InMemory || held.base != place)
      memory.complain("lost: a result is elsewhere");
    else
      readRows(held, 0, /*ownRow=*/false); // by no kernel: nobody waits
  }
}

void Player::playStack(Call &call, StackOp stack) {
  SmallVector<Held> carried;
  llvm::SmallDenseSet<int64_t> places;
  for (Value value : stack.getCarried()) {
    bool inMemory = isTensor(value) || isa<CacheType>(value.getType());
    carried.push_back(inMemory ? heldOf(call, value) : Held());
    if (!isTensor(value))
      continue;
    if (carried.back().kind != Held::InMemory ||
        !places.insert(carried.back().base).second)
      return memory.complain("lost: layers write what is not theirs");
  }
  // A form knows nothing of the threads before it, nor does what follows.
  memory.forgetThreads();
  for (auto [layer, form] : llvm::enumerate(stack.getLayers())) {
    Call inner;
    auto name = cast<FlatSymbolRefAttr>(stack.getForms()[form]);
    inner.function = symbols.lookup<func::FuncOp>(name.getValue());
    inner.layer = layer;
    inner.scratch = call.scratch;
    unsigned count = carried.size();
    for (auto [index, held] : llvm::enumerate(carried))
      inner.frame[inner.function.getArgument(index)] = held;
    for (auto [index, value] : llvm::enumerate(stack.getShared()))
      if (isTensor(value) || isa<CacheType>(value.getType())) {
        Held held = heldOf(call, value);
        if (held.kind == Held::Private)
          return memory.complain("lost: a form is given what is private");
        inner.frame[inner.function.getArgument(count + 1 + index)] = held;
      }
    placeBuffers(inner);
    play(inner);
    if (!violation().empty())
      return;
    Operation *end = inner.function.getBody().front().getTerminator();
    for (auto [index, value] : llvm::enumerate(end->getOperands()))
      if (isTensor(value))
        carried[index] = heldOf(inner, value);
    memory.forgetThreads();
  }
  for (auto [held, result] : llvm::zip(carried, stack.getResults()))
    if (isTensor(result) || isa<CacheType>(result.getType()))
      call.frame[result] = held;
}

Held Player::heldOf(Call &call, Value value) {
  while (auto reshape = value.getDefiningOp<ReshapeOp>())
    value = reshape.getInput();
  auto found = call.frame.find(value);
  if (found != call.frame.end())
    return found->second;
  if (isOfStep(value))
    memory.complain("lost: a value is nowhere");
  return {};
}

} // namespace sinter::replay
