//===- PlaceBarriers.cpp - Order between kernels --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// One walk over a function, which is a straight line: what kernels touched
// since the last barrier is kept, and compared with what the next one touches.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpu/passes/PlaceBarriers/PlaceBarriers.h"

#include "codegen/cpu/IR/Cpu.h"
#include "codegen/cpu/KernelInterface.h"
#include "passes/PlanMemory/PlanMemory.h"

using namespace mlir;

namespace sinter {
#define GEN_PASS_DEF_PLACEBARRIERS
#include "codegen/cpu/passes/PlaceBarriers/PlaceBarriers.h.inc"

namespace {

/// Beside the function's buffers: all caches, in each of which a row's token
/// has a place of its own; what a form is given to read. kNoBuffer is memory
/// that nobody writes, or that each thread has for itself.
constexpr int64_t kCaches = -2, kGiven = -3;

/// What a kernel does to a buffer.
struct Touch {
  int64_t buffer = kNoBuffer;
  bool writes = false;
  /// With rows: each of them is touched by the thread that has it, and they
  /// are `rowBytes` apart. Without: any thread may touch all.
  std::optional<Rows> rows = {};
  int64_t rowBytes = 0;
};

bool areInConflict(const Touch &a, const Touch &b) {
  if (a.buffer != b.buffer || !(a.writes || b.writes))
    return false;
  bool sameThread = a.rows && a.rows == b.rows && a.rowBytes == b.rowBytes;
  return !sameThread;
}

struct PlaceBarriers : impl::PlaceBarriersBase<PlaceBarriers> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    buffers.clear();
    since.clear();
    setArguments(function);
    // An entry is called when all threads have met.
    unknown = !function.isPublic();
    for (Operation &op : function.getBody().front()) {
      if (auto kernel = dyn_cast<KernelOpInterface>(op))
        visit(kernel);
      else if (auto stack = dyn_cast<StackOp>(op))
        visit(stack);
      else if (isa<cpu::BarrierOp>(op))
        meet();
      else if (auto reshape = dyn_cast<ReshapeOp>(op))
        buffers[reshape] = bufferOf(reshape.getInput());
    }
  }

private:
  /// Values of a form lie in buffers of its caller.
  void setArguments(func::FuncOp function) {
    if (!function.isPublic())
      for (Value argument : function.getArguments())
        buffers[argument] = kGiven;
    for (auto [number, buffer] : llvm::enumerate(arenaOf(function)))
      if (buffer.owner == Buffer::Argument)
        buffers[function.getArgument(buffer.index)] = number;
  }

  int64_t bufferOf(Value value) {
    if (isa<CacheType>(value.getType()))
      return kCaches;
    auto found = buffers.find(value);
    return found == buffers.end() ? kNoBuffer : found->second;
  }

  SmallVector<Touch> touchesOf(KernelOpInterface kernel);
  void visit(KernelOpInterface kernel);
  void visit(StackOp stack);
  void meet() {
    since.clear();
    unknown = false;
  }

  DenseMap<Value, int64_t> buffers;
  SmallVector<Touch> since; ///< the last barrier
  bool unknown = false;     ///< whether there is more than that
};

SmallVector<Touch> PlaceBarriers::touchesOf(KernelOpInterface kernel) {
  SmallVector<Touch> touches;
  bool byRows = kernel.getShare() == Share::Rows;
  Rows rows = byRows ? plannedRowsOfWork(kernel) : Rows();
  for (const Access &access : kernel.getAccesses()) {
    int64_t buffer = bufferOf(access.value);
    if (buffer == kNoBuffer)
      continue;
    Touch &touch = touches.emplace_back(Touch{buffer, access.writes});
    auto tensor = dyn_cast<RankedTensorType>(access.value.getType());
    if (!byRows || !access.ownRow ||
        (tensor && plannedRows(access.value) != rows))
      continue;
    touch.rows = rows;
    touch.rowBytes = tensor ? rowBytesOf(tensor) : 0;
  }
  if (int64_t workspace = workspacePlaceOf(kernel); workspace != kNoBuffer)
    touches.push_back({workspace, /*writes=*/true});
  return touches;
}

void PlaceBarriers::visit(KernelOpInterface kernel) {
  for (OpResult result : kernel->getResults())
    if (int64_t buffer = placeOf(result); buffer != kNoBuffer)
      buffers[result] = buffer;
  SmallVector<Touch> touches = touchesOf(kernel);
  bool wait = unknown && !touches.empty();
  for (const Touch &touch : touches)
    wait |= llvm::any_of(
        since, [&](const Touch &other) { return areInConflict(touch, other); });
  if (wait) {
    OpBuilder builder(kernel);
    cpu::BarrierOp::create(builder, kernel->getLoc());
    ++numBarriers;
    meet();
  }
  llvm::append_range(since, touches);
}

/// Forms begin with a barrier, and end as they like.
void PlaceBarriers::visit(StackOp stack) {
  for (auto [carried, result] :
       llvm::zip(stack.getCarried(), stack.getResults()))
    if (int64_t buffer = bufferOf(carried); buffer >= 0)
      buffers[result] = buffer;
  since.clear();
  unknown = true;
}

} // namespace
} // namespace sinter
