//===- PlayKernels.cpp - What each thread of a kernel touches -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "test/codegen/plans/Player.h"

#include "dialect/IR/StoredLayout.h"
#include "dialect/IR/TargetInterface.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace sinter::replay {

static Share naturalShare(Operation *kernel) {
  if (isa<AttentionOp>(kernel))
    return Share::Heads;
  if (isa<MoeOp>(kernel))
    return Share::Experts;
  Share share = Share::Rows;
  kernel->walk([&](LinearOp) { share = Share::Panels; });
  return share;
}

/// Reads rows of a value; by the thread that has the row, or by all of them.
void Player::readRows(const Held &held, int64_t rows, bool ownRow) {
  if (held.kind != Held::InMemory || memory.blind())
    return;
  bool own = ownRow && held.rows == rows;
  for (int64_t row = 0; row < held.rows; ++row)
    for (int64_t part = 0; part < held.rowBytes; part += 4)
      memory.read(held.base + row * held.rowBytes + part,
                  own ? threadOfRow(row, rows) : all(),
                  {held.value, row, part});
}

/// Whether an op makes a row of the same row of its operands.
static bool isOfRow(Operation *op) {
  auto compute = dyn_cast<ComputeOpInterface>(op);
  return !compute || compute.getReach() != Reach::Sequence;
}

void Player::append(Call &call, AppendOp op, bool ownRow) {
  Held cache = heldOf(call, op.getCache());
  int64_t rows = rowsOf(call, op.getInput());
  int64_t slot = indexOf(call, op.getSlot());
  if (memory.blind())
    return;
  for (int64_t row = 0; row < rows; ++row)
    memory.write(cache.base + slot * 4096 + 4 * row,
                 ownRow ? threadOfRow(row, rows) : all(),
                 {cache.base, slot, row});
}

void Player::readAll(Call &call, Operation *kernel, Share share, int64_t rows) {
  bool ownRow = share == Share::Rows;
  kernel->walk([&](Operation *op) { ownRow &= isOfRow(op); });
  kernel->walk([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      Operation *maker = operand.getDefiningOp();
      bool isInner =
          maker && maker != kernel && kernel->isProperAncestor(maker);
      if (isInner || (op != kernel && isa<FusedOp>(op)))
        continue;
      if (isOfStep(operand))
        readRows(heldOf(call, operand), rows, ownRow);
    }
  });
  if (auto attention = dyn_cast<AttentionOp>(kernel);
      attention && !memory.blind())
    for (Value cache : {attention.getKey(), attention.getValue()})
      if (isa<CacheType>(cache.getType())) {
        // Tokens of this step: those before it are nobody's to change.
        int64_t base = heldOf(call, cache).base +
                       4096 * indexOf(call, attention.getSlot());
        for (int64_t row = 0; row < rows; ++row)
          memory.read(base + 4 * row, all(),
                      {heldOf(call, cache).base,
                       indexOf(call, attention.getSlot()), row},
                      /*older=*/true);
      }
}

void Player::writeResult(Call &call, OpResult result, Share share,
                         int64_t rows) {
  auto type = cast<RankedTensorType>(result.getType());
  int64_t buffer = placeOf(result);
  if (buffer < 0 || buffer >= int64_t(call.buffers.size()))
    return memory.complain("lost: a result without a buffer");
  if (buffer == workspacePlaceOf(result.getOwner()))
    return memory.complain("lost: a result in the kernel's workspace");
  auto [base, room] = call.buffers[buffer];
  Held held{Held::InMemory, values++, rowsOf(call, result), tokenBytes(type),
            base};
  if (held.rows * held.rowBytes + extraOf(type) > room)
    return memory.complain("lost: a buffer is too small");
  call.frame[result] = held;
  if (memory.blind())
    return;
  for (int64_t row = 0; row < held.rows; ++row)
    for (int64_t part = 0; part < held.rowBytes; part += 4) {
      bool own = share == Share::Rows && held.rows == rows;
      memory.write(base + row * held.rowBytes + part,
                   own ? threadOfRow(row, rows) : anyThread(row, part),
                   {held.value, row, part});
    }
}

/// Memory between phases, of all threads.
void Player::useWorkspace(Call &call, Operation *kernel) {
  int64_t buffer = workspacePlaceOf(kernel);
  if (buffer < 0 && !*workspaceOf(kernel))
    return;
  if (buffer < 0 || buffer >= int64_t(call.buffers.size()))
    return memory.complain("lost: a workspace without a buffer");
  FailureOr<Workspace> needed = workspaceOf(kernel);
  int64_t rows = rowsOf(call, kernel->getResult(0));
  auto [base, room] = call.buffers[buffer];
  int64_t bytes = rows * needed->rowBytes + needed->extra;
  if (bytes > room ||
      arenaOf(call.function)[buffer].owner != sinter::Buffer::Arena)
    return memory.complain("lost: a workspace is too small");
  if (memory.blind())
    return;
  int64_t content = values++;
  for (int64_t at = 0; at < bytes; at += 4)
    memory.write(base + at, all(), {content, 0, at});
}

void Player::playKernel(Call &call, Operation *kernel) {
  if (kernel->getNumResults() == 0)
    return;
  memory.nextKernel();
  ++kernels;
  Share share = naturalShare(kernel);
  auto said = kernel->getAttrOfType<ShareAttr>("sinter.share");
  bool replicated = said && said.getValue() == Share::Replicated;
  Value worked = kernel->getResult(0);
  if (isa<CacheType>(worked.getType()))
    kernel->walk([&](AppendOp op) { worked = op.getInput(); });
  int64_t rows = rowsOf(call, worked);
  useWorkspace(call, kernel); // whatever it is used for, operands outlast it
  readAll(call, kernel, replicated ? Share::Replicated : share, rows);
  if (auto fused = dyn_cast<FusedOp>(kernel))
    expectInPlace(call, fused);
  else
    expectApart(call, kernel);
  kernel->walk([&](AppendOp op) { append(call, op, share == Share::Rows); });
  for (OpResult result : kernel->getResults()) {
    if (replicated) {
      if (placeOf(result) != kNoBuffer)
        memory.complain("lost: what is private has a buffer");
      call.frame[result] = {Held::Private, values++, rows, 0, 0};
    } else if (isTensor(result)) {
      writeResult(call, result, share, rows);
    } else {
      auto fused = cast<FusedOp>(kernel);
      Value made = fused.getBody().front().getTerminator()->getOperand(
          result.getResultNumber());
      while (auto op = made.getDefiningOp<AppendOp>())
        made = op.getCache();
      call.frame[result] = heldOf(call, made);
    }
  }
}

//===----------------------------------------------------------------------===//
// In place
//===----------------------------------------------------------------------===//

static bool isElement(Operation *op) {
  auto compute = dyn_cast<ComputeOpInterface>(op);
  return compute && compute.getReach() == Reach::Element;
}

/// All that is made of `from` in a body by element-wise ops; `stop`: not beyond
/// these.
static llvm::SetVector<Value> elementsOf(Value from, Block &body,
                                         llvm::function_ref<bool(Value)> stop) {
  llvm::SetVector<Value> made;
  made.insert(from);
  for (size_t i = 0; i < made.size(); ++i) {
    if (stop(made[i]))
      continue;
    for (Operation *user : made[i].getUsers())
      if (user->getBlock() == &body && isElement(user))
        made.insert(user->getResult(0));
  }
  return made;
}

/// Whether an operand may be overwritten by a result at the same index: it is
/// read once, and what is made of it goes, element by element and on one way,
/// into a result that is this one or leads to it.
static bool mayLieOver(Value operand, Value yielded, Block &body) {
  Operation *yield = body.getTerminator();
  auto isResult = [&](Value value) {
    return value != operand && llvm::is_contained(yield->getOperands(), value);
  };
  llvm::SetVector<Value> made = elementsOf(operand, body, isResult);
  Value end;
  for (Value value : made) {
    if (isResult(value)) {
      if (end)
        return false;
      end = value;
      continue;
    }
    int64_t uses = 0;
    for (OpOperand &use : value.getUses())
      if (use.getOwner()->getBlock() == &body) {
        ++uses;
        if (!isElement(use.getOwner()))
          return false;
      }
    if (uses != 1)
      return false;
  }
  auto nowhere = [](Value) { return false; };
  return end && elementsOf(end, body, nowhere).contains(yielded);
}

/// Attention and experts read all until they are done.
void Player::expectApart(Call &call, Operation *kernel) {
  int64_t buffer = placeOf(kernel->getResult(0));
  if (buffer < 0 || buffer >= int64_t(call.buffers.size()))
    return;
  for (Value operand : kernel->getOperands())
    if (isOfStep(operand))
      if (Held held = heldOf(call, operand);
          held.kind == Held::InMemory &&
          held.base == call.buffers[buffer].first)
        memory.complain("lost: a kernel overwrites what it reads");
}

/// A kernel that reads and writes one place does so in the order that its ops
/// allow.
void Player::expectInPlace(Call &call, FusedOp fused) {
  Block &body = fused.getBody().front();
  llvm::SetVector<Value> read;
  bool rowAtOnce = fused.getNumResults() == 1;
  for (Operation &op : body) {
    for (Value operand : op.getOperands())
      if (operand.getParentBlock() != &body && isOfStep(operand))
        read.insert(operand);
    if (auto compute = dyn_cast<ComputeOpInterface>(op))
      rowAtOnce &= compute.getReach() <= Reach::Statistics;
  }
  llvm::SmallDenseSet<int64_t> used;
  for (OpResult result : fused.getResults()) {
    int64_t buffer = placeOf(result);
    if (!isTensor(result) || buffer < 0 ||
        buffer >= int64_t(call.buffers.size()))
      continue;
    if (!used.insert(buffer).second)
      memory.complain("lost: two results in one place");
    Value yielded = body.getTerminator()->getOperand(result.getResultNumber());
    SmallVector<Value> over;
    for (Value operand : read)
      if (Held held = heldOf(call, operand);
          held.kind == Held::InMemory &&
          held.base == call.buffers[buffer].first)
        over.push_back(operand);
    for (Value operand : over)
      if (operand.getType() != result.getType() ||
          !(rowAtOnce ||
            (over.size() == 1 && mayLieOver(operand, yielded, body))))
        memory.complain("lost: a kernel overwrites what it reads");
  }
}

} // namespace sinter::replay
